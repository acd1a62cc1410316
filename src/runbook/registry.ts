import type { PlanRequest } from '../domain/plan/plan.ts'
import type { Procedure } from './parts/procedure.ts'
import { clearCacheOnly } from './actions/clear-cache.ts'
import { kubernetes } from './kubernetes/index.ts'
import { maintenance } from './actions/maintenance.ts'
import { restart } from './kubernetes/restart.ts'
import { resume } from './actions/resume.ts'
import { scaleDown } from './kubernetes/scale-down.ts'
import { undo } from './actions/undo.ts'

/** Every procedure there is, by the request it answers. */
export const PROCEDURES: { readonly [Kind in PlanRequest['kind']]: Procedure<Kind> } = {
  kubernetes,
  'scale-down': scaleDown,
  restart,
  'clear-cache': clearCacheOnly,
  maintenance,
  resume,
  undo,
}
