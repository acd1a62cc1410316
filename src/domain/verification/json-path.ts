/** What stands there in an answer. `absent`: nothing does. */
export type AtPath =
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'absent' }

/** `$.documents[0].id`, read from what was parsed. */
export function atPath(root: unknown, path: string): AtPath {
  let here: unknown = root
  for (const [, name, index] of path.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    if (typeof here !== 'object' || here === null) return { kind: 'absent' }
    const key = name ?? index ?? ''
    // A list has no names, and an object has nothing that its own JSON did not give it.
    if (Array.isArray(here) !== (index !== undefined)) return { kind: 'absent' }
    const inside: unknown = Object.entries(here).find(([one]) => one === key)?.[1]
    if (inside === undefined) return { kind: 'absent' }
    here = inside
  }
  return { kind: 'found', value: here }
}

/** A text that may be a secret, or somebody's data. */
export const HIDDEN = 'a text'

/**
 * What may be shown of somebody's answer: numbers, yes and no, and single plain words. Anything else may be a
 * secret, or somebody's data.
 */
export function shown(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') {
    return String(value)
  }
  if (typeof value === 'string') {
    return /^[A-Za-z][a-z_-]{0,23}$/.test(value) ? `"${value}"` : HIDDEN
  }
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object'
}
