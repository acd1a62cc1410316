import type { Step } from '../engine/run/step.ts'
import { clearCache } from './parts/steps/clear-cache.ts'
import { proveServices } from './parts/steps/prove-services.ts'
import { restartWorkload } from './kubernetes/steps/restart-workload.ts'
import { restoreRevisions } from './kubernetes/steps/restore-revisions.ts'
import { scaleWorkload } from './kubernetes/steps/scale-workload.ts'
import { setMaintenance } from './parts/steps/set-maintenance.ts'
import { suspendOwner } from './parts/steps/suspend-owner.ts'

/** Every step there is. Their ids are journaled and never renamed. */
export const STEPS: readonly Step[] = [
  restoreRevisions,
  clearCache,
  proveServices,
  scaleWorkload,
  restartWorkload,
  setMaintenance,
  suspendOwner,
]

/** Throws when there is none: the journal is not what this program wrote (J3). */
export function stepOf(id: string): Step {
  const step = STEPS.find((one) => one.id === id)
  if (!step) throw new Error(`there is no step ${id}`)
  return step
}
