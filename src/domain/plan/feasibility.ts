import { z } from 'zod'
import { ProcedureName } from './requests.ts'

/** What a way back takes back, by when the trouble began. `isCause`: it is the change that precedes the trouble. */
export const TakesBack = z.object({ says: z.string(), isCause: z.boolean() })
export type TakesBack = z.infer<typeof TakesBack>

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
  /** Which change it takes back, where more is to be said than that it is the newest. Left out in old journals. */
  takesBack: TakesBack.optional(),
})
export type Feasibility = z.infer<typeof Feasibility>
