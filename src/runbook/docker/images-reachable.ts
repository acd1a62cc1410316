import { Fault } from '../../domain/base/fault.ts'
import type { Draft } from '../../domain/plan/plan.ts'
import type { ReadinessCheck } from '../../domain/readiness/readiness.ts'
import type { Containers } from '../../ports/containers.ts'
import { containersOf } from '../parts/require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { outOfReach } from './images.ts'
import { changesIn } from './steps/swap-containers.ts'
import type { SwapChange } from './swap-change.ts'

/**
 * Whether every host has the image that it would run, or gets it. Its registry is asked also where the image lies on
 * the host: a prune there must not be the first to find out that it has gone. What a rehearsal asks is asked once more.
 */
export async function imagesReachable(
  draft: Draft | null,
  { world, signal }: Circumstances,
): Promise<readonly ReadinessCheck[]> {
  const changes = (draft?.steps ?? []).flatMap(changesIn)
  const hosts = containersOf(world)
  return Promise.all(changes.map((change) => reachable(change, hosts, signal)))
}

async function reachable(
  { service, host, to: { image, version } }: SwapChange,
  hosts: Containers,
  signal: AbortSignal,
): Promise<ReadinessCheck> {
  const what = `${service} on ${host}: ${version}`
  const say = (state: ReadinessCheck['state'], because: string): ReadinessCheck => {
    return { name: 'images', state, because: `${what} ${because}` }
  }
  const { id } = await hosts.imageAt(host, image, signal)
  const isThere = id === image.id
  const { digest } = image
  if (digest === null) {
    return isThere
      ? say('ready', 'is on the host, and was never in a registry: a prune would take it')
      : say(
          'not-ready',
          'can no longer be reached: it is not on the host any more, and was never in a registry',
        )
  }
  const at = await atRegistry(hosts, host, { ...image, digest }, signal)
  switch (at.kind) {
    case 'there':
      return say('ready', isThere ? 'is on the host and in its registry' : 'is in its registry')
    case 'gone':
      return isThere
        ? say('ready', `is on the host, and only there: a prune would take it. ${at.because}`)
        : say('not-ready', outOfReach(at.because))
    case 'refused':
      return isThere ? say('ready', onHost(at.because)) : say('not-ready', outOfReach(at.because))
    case 'not-known':
      return isThere
        ? say('ready', onHost(at.because))
        : say('unknown', `is not on the host; ${at.because}`)
    default:
      return at satisfies never
  }
}

/** Nobody was told what its registry has. */
function onHost(because: string): string {
  return `is on the host; whether its registry has it is not known: ${because}`
}

/** That its host did not ask decides nothing where the image lies on it. */
async function atRegistry(
  hosts: Containers,
  ...[host, image, signal]: Parameters<Containers['atRegistry']>
): ReturnType<Containers['atRegistry']> {
  try {
    return await hosts.atRegistry(host, image, signal)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { kind: 'not-known', because: error.detail }
  }
}
