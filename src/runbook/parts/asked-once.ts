import type { World } from '../../ports/world.ts'

/**
 * The same world, for plans that are made one after the other and not signed: what decides them all is asked once,
 * by whoever asks first. What failed is asked again.
 */
export function askedOnce(world: World): World {
  const { deployments, containers, ledger } = world
  return {
    ...world,
    deployments: deployments && { ...deployments, releases: once(deployments.releases) },
    containers: containers && {
      ...containers,
      sightings: once(containers.sightings),
      sharers: once(containers.sharers),
    },
    ledger: ledger && { ...ledger, entries: once(ledger.entries) },
  }
}

function once<Args extends readonly unknown[], Answer>(
  ask: (services: readonly string[], ...args: Args) => Promise<Answer>,
): typeof ask {
  const asked = new Map<string, Promise<Answer>>()
  return (services, ...args) => {
    const key = services.join('\n')
    const known = asked.get(key)
    if (known) return known
    const answer = ask(services, ...args)
    asked.set(key, answer)
    answer.catch(() => asked.delete(key))
    return answer
  }
}
