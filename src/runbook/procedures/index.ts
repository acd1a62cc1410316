import type { PlanRequest } from '../../domain/plan.ts'
import type { Procedure } from '../procedure.ts'
import { clearCacheOnly } from './clear-cache.ts'
import { kubernetes } from './kubernetes.ts'
import { maintenance } from './maintenance.ts'
import { restart } from './restart.ts'
import { resume } from './resume.ts'
import { scaleDown } from './scale-down.ts'
import { undo } from './undo.ts'

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
