import type { Container } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'

/** The containers that serve as one configured service, or why nothing can be planned for it. */
export async function containersServing(
  service: string,
  { world, settings, signal }: Circumstances,
): Promise<{ readonly problem: string } | { readonly containers: readonly Container[] }> {
  if (!settings.docker?.services.includes(service)) {
    return { problem: `${service}: no container is configured for it` }
  }
  const seen = await containersOf(world).sightings([service], signal)
  const containers = seen.filter(({ role }) => role === 'serving')
  return containers.length > 0
    ? { containers }
    : { problem: `${service}: there is no such container on any host` }
}

/** What no other plan may write to meanwhile. */
export function targetOf({ host, name }: Pick<Container, 'host' | 'name'>): string {
  return `container ${host}/${name}`
}
