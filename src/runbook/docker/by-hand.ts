import { isMovingTag } from '../../domain/workload/versions.ts'
import type { Container, ImageId } from '../../ports/containers.ts'

/** What is known of who makes a container, beside this bot. */
type Made = Pick<Container, 'service' | 'compose'>

/** What a swap changes, and what the compose file, or whatever else starts the container, says otherwise. */
type Changed = {
  /** How it stands in a compose file: `image: shop/backend:v1.9.0`. */
  readonly line: string
  /** The same for whatever else starts it: `name shop/backend:v1.9.0`. */
  readonly says: string
}

/** What to write down of an image, so that whatever makes it anew does not bring another one. */
export function imageLine({ reference, digest }: ImageId): Changed {
  const image = isMovingTag(reference) ? (digest ?? reference) : reference
  return { line: `image: ${image}`, says: `name ${image}` }
}

/** Where the change has to be written down too, so that it lasts. */
export function shouldSay(made: readonly Made[], { line, says }: Changed): readonly string[] {
  const { composed, plain } = byMaker(made)
  return [
    ...(composed.length > 0 ? [`the compose file should say ${line}`] : []),
    ...(plain.length > 0
      ? [`what starts ${inWords(plain)} (a script, a unit) should ${says}`]
      : []),
  ]
}

/** What leaves a swap alone, and what takes it back. What the next `compose up` does was tried with three versions of it: docs/docker.md. */
export function afterwardsSaid(
  made: readonly Made[],
  { what, old }: { readonly what: 'result' | 'new value'; readonly old: 'image' | 'value' },
): readonly string[] {
  const { composed, plain } = byMaker(made)
  const of = plain.length > 0 ? `${inWords(composed)}: an` : 'An'
  return [
    ...(composed.length > 0
      ? [
          `${of} unchanged “docker compose up -d”, a restart, and a stop and start leave the ${what} alone. An edit of the service, ` +
            `“--force-recreate”, or “down” and “up” bring the ${old} of the compose file back, and “up -d” of another version of Compose than before may.`,
        ]
      : []),
    ...(plain.length > 0
      ? [
          `${inWords(plain)}: a restart, and a stop and start leave the ${what} alone. Whatever makes one anew (a script, a unit) brings back the ${old} that stands there.`,
        ]
      : []),
  ]
}

/** Who starts again what is to stay stopped. `it`: how the services are called in it, where that is not by their names. */
export function startsAgain(
  made: readonly Made[],
  { it, meanwhile }: { readonly it?: string; readonly meanwhile: string },
): readonly string[] {
  const { composed, plain } = byMaker(made)
  return [
    ...(composed.length > 0
      ? [
          `“docker compose up” starts ${it ?? inWords(composed)} again${meanwhile}, whoever types it.`,
        ]
      : []),
    ...(plain.length > 0
      ? [`What else starts ${it ?? inWords(plain)} (a script, a unit) may do so again${meanwhile}.`]
      : []),
  ]
}

function byMaker(made: readonly Made[]): Record<'composed' | 'plain', readonly string[]> {
  return {
    composed: inServices(made.filter(({ compose }) => compose !== null)),
    plain: inServices(made.filter(({ compose }) => compose === null)),
  }
}

function inServices(made: readonly Made[]): readonly string[] {
  return [...new Set(made.map(({ service }) => service))]
}

function inWords(services: readonly string[]): string {
  return services.join(' and ')
}
