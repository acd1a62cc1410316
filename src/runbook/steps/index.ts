import type { Step } from '../../engine/step.ts'
import { clearCache } from './clear-cache.ts'
import { proveServices } from './prove-services.ts'
import { restartWorkload } from './restart-workload.ts'
import { restoreRevisions } from './restore-revisions.ts'
import { scaleWorkload } from './scale-workload.ts'
import { setMaintenance } from './set-maintenance.ts'
import { suspendOwner } from './suspend-owner.ts'

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
