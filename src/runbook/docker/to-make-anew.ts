import type { Container, Containers, Remembered } from '../../ports/containers.ts'
import { notKnown } from './not-looked.ts'

/** What a look at these services brings. `unknown`: what could not be looked at, each in a sentence. */
type Looked = { readonly seen: readonly Container[]; readonly unknown: readonly string[] }

/** For an assessment: it looks at nothing that runs beside them. */
export async function glanceAt(
  hosts: Containers,
  services: readonly string[],
  ...more: readonly [signal: AbortSignal, how?: Remembered]
): Promise<Looked> {
  return { seen: await hosts.sightings(services, ...more), unknown: [] }
}

/**
 * The containers of these services for a plan that makes some of them anew, with all that stands against it.
 */
export async function lookToMakeAnew(
  hosts: Containers,
  services: readonly string[],
  signal: AbortSignal,
): Promise<Looked> {
  const [seen, { sharing, notLooked }] = await Promise.all([
    hosts.sightings(services, signal),
    hosts.sharers(services, signal),
  ])
  return {
    seen: seen.map((one) => {
      const its = sharing.filter(({ host, id }) => host === one.host && id === one.id)
      const words = its.map(({ by, what }) => `${by} shares its ${what}`)
      return { ...one, obstacles: [...new Set([...one.obstacles, ...words])] }
    }),
    unknown: notKnown(notLooked, 'what is made anew'),
  }
}
