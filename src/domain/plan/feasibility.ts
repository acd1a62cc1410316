import { z } from 'zod'
import { ProcedureName } from './requests.ts'

/** Whether a procedure could be carried out now, as read from the world. */
export const Feasibility = z.object({
  name: ProcedureName,
  feasible: z.boolean(),
  /** `false`: we could not look, so that not feasible means not known. */
  known: z.boolean(),
  because: z.string(),
  /** The version it leads to, where that could be read. */
  to: z.string().nullable(),
  /** What a person should know before choosing it: a GitOps owner, an autoscaler. */
  warnings: z.array(z.string()),
})
export type Feasibility = z.infer<typeof Feasibility>
