import { Fault } from '../../domain/base/fault.ts'
import type { Undo } from '../../engine/run/on-undo.ts'
import type { StepContext } from '../../engine/run/step.ts'
import type { Release } from '../../ports/deployment-state.ts'
import { cautionsBackOf } from '../parts/cautions.ts'
import { deploymentsOf } from '../parts/require-port.ts'
import { goneMeanwhile } from './release-cautions.ts'

type Kind = (release: Release, undo: Pick<Undo, 'plan'>) => readonly string[]

const nothingRuns: Kind = ({ service, replicas }) =>
  replicas === 0 ? [`${service}: it is scaled to 0. Nothing of it runs until it is scaled up.`] : []
const managers: Kind = (release, { plan }) => cautionsBackOf(release, plan)

/**
 * What people should know of each Deployment before a step is undone, by what the undo does to it. What is said of the
 * way there and does not hold on the way back is not here: docs/decisions.md lists those, too.
 */
const KINDS = {
  replaced: [nothingRuns, goneMeanwhile, managers],
  scaled: [managers],
} as const satisfies Readonly<Record<string, readonly Kind[]>>

export async function undoCautions(
  does: keyof typeof KINDS,
  services: readonly string[],
  { world, signal }: StepContext,
  undo: Pick<Undo, 'plan'>,
): Promise<readonly string[]> {
  try {
    const releases = await deploymentsOf(world).releases(services, signal)
    const kinds: readonly Kind[] = KINDS[does]
    return releases.flatMap((release) => kinds.flatMap((kind) => kind(release, undo)))
  } catch (error) {
    // The way back does not wait for what is only told.
    if (!(error instanceof Fault)) throw error
    return [`Who else writes to ${services.join(' and ')} could not be asked: ${error.detail}.`]
  }
}
