import type { KeptRevision, Release } from '../../ports/deployment-state.ts'
import { deploymentsOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { NO_SUCH_DEPLOYMENT } from './no-such-deployment.ts'

type Settled = Release & { readonly current: KeptRevision }

/** One configured service as it stands now, or why nothing can be planned for it. */
export async function releaseOf(
  service: string,
  { world, settings, signal }: Circumstances,
): Promise<{ readonly problem: string } | { readonly release: Settled; readonly target: string }> {
  const { kubernetes } = settings
  if (!kubernetes?.services.includes(service)) {
    return { problem: `${service}: no Deployment is configured for it` }
  }
  const [release] = await deploymentsOf(world).releases([service], signal)
  if (!release) return { problem: `${service}: ${NO_SUCH_DEPLOYMENT}` }
  if (release.ownedBy)
    return { problem: `${service}: ${release.ownedBy} owns it and would write over it` }
  const { current } = release
  if (!current) return { problem: `${service}: a change is not rolled out yet; wait for it` }
  return {
    release: { ...release, current },
    target: `deployment ${kubernetes.namespace}/${release.name}`,
  }
}
