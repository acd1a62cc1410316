import type { Container, Containers } from '../../ports/containers.ts'
import type { Sharers } from '../../ports/sharers.ts'

/**
 * The containers of these services for a plan that makes some of them anew, with all that stands against it. `unknown`:
 * what could not be looked at, each in a sentence.
 */
export async function lookToMakeAnew(
  hosts: Containers,
  services: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly seen: readonly Container[]; readonly unknown: readonly string[] }> {
  const [seen, { sharing, notLooked }] = await Promise.all([
    hosts.sightings(services, signal),
    hosts.sharers(services, signal),
  ])
  return {
    seen: seen.map((one) => {
      const its = sharing.filter(({ host, id }) => host === one.host && id === one.id)
      const words = its.map(({ by, what }) => `${by} shares its ${what}`)
      return { ...one, obstacles: [...one.obstacles, ...words] }
    }),
    unknown: [...Map.groupBy(notLooked, ({ host }) => host)].map(notKnown),
  }
}

function notKnown([host, those]: readonly [string, Sharers['notLooked']]): string {
  const names = those.slice(0, 3).map(({ name }) => name)
  const more = those.length - names.length
  const who = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
  return `${host}: ${who} could not be looked at (${those[0]?.because}). Whether one of them shares the processes or the memory of what is made anew is not known.`
}
