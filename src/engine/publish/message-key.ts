import { Surface } from '../../domain/incident/surface.ts'

/** One message of one incident; Slack keeps it with the message, so that it is known again. */
export function messageKey(surface: Surface, id: string): string {
  return `${surface}:${id}`
}

export function messageOfKey(key: string): { readonly surface: Surface; readonly id: string } {
  const colon = key.indexOf(':')
  return { surface: Surface.parse(key.slice(0, colon)), id: key.slice(colon + 1) }
}
