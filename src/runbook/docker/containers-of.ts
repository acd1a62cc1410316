import type { Container } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { servingAs } from './serving.ts'

/** The containers that serve as one configured service with what is kept beside them, or why nothing can be planned for it. */
export async function containersServing(
  service: string,
  { world, settings, signal }: Circumstances,
): Promise<
  | { readonly problem: string }
  | { readonly containers: readonly Container[]; readonly kept: readonly Container[] }
> {
  if (!settings.docker?.services.includes(service)) {
    return { problem: `${service}: no container is configured for it` }
  }
  const seen = await containersOf(world).sightings([service], signal)
  const containers = servingAs(service, seen)
  return containers.length > 0
    ? { containers, kept: seen.filter(({ role }) => role === 'kept') }
    : { problem: `${service}: there is no such container on any host` }
}

/** What no other plan may write to meanwhile. */
export function targetOf({ host, name }: Pick<Container, 'host' | 'name'>): string {
  return `container ${host}/${name}`
}
