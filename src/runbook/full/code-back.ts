import type { PlannedStep, Resolved } from '../../domain/plan/plan.ts'
import type { Step } from '../../engine/run/step.ts'
import { dockerWhileStopped } from '../docker/index.ts'
import { swapContainers } from '../docker/steps/swap-containers.ts'
import { kubernetes } from '../kubernetes/index.ts'
import { restoreRevisions } from '../kubernetes/steps/restore-revisions.ts'
import type { RunbookSettings } from '../parts/settings.ts'
import type { Circumstances, Judged } from '../procedure.ts'
import { atZero, unstarted } from './at-zero.ts'

/** How the code goes back by whatever runs the services, in a plan that stops some of them for it. */
export type CodeBack = {
  /** It brings the code back; an undo finds it by its id. */
  readonly step: Step
  readonly isConfigured: (settings: RunbookSettings) => boolean
  readonly glance: (
    stopped: readonly string[],
    circumstances: Circumstances,
  ) => Promise<Judged<unknown>>
  /** As the procedure for the code alone plans it. */
  readonly plan: (
    wish: { readonly toVersion: string | null },
    stopped: readonly string[],
    circumstances: Circumstances,
  ) => Promise<Resolved>
  /** What the step is to do where these services are stopped, and the others run: it starts nothing that is stopped. */
  readonly whileStopped: (
    input: PlannedStep['input'],
    stopped: readonly string[],
  ) => PlannedStep['input']
}

/** One for each platform. Their steps come in this order. */
export const CODE_BACKS: readonly CodeBack[] = [
  {
    step: restoreRevisions,
    isConfigured: (settings) => settings.kubernetes !== null,
    // Pods that are stopped are known by their number.
    glance: (_, circumstances) => kubernetes.glance(circumstances),
    plan: (wish, _, circumstances) =>
      kubernetes.plan({ kind: 'kubernetes', ...wish }, circumstances),
    whileStopped: atZero,
  },
  {
    step: swapContainers,
    isConfigured: (settings) => settings.docker !== null,
    glance: (stopped, circumstances) => dockerWhileStopped(stopped).glance(circumstances),
    plan: (wish, stopped, circumstances) =>
      dockerWhileStopped(stopped).plan({ kind: 'docker', ...wish }, circumstances),
    whileStopped: unstarted,
  },
]
