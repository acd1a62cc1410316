import { z } from 'zod'

/** `evidence` in backout.yaml: what is kept before the first write, and how much of it. */
export const EvidenceSettings = z.strictObject({
  deadlineSeconds: z.number().min(1).max(600).default(60),
  maxMegabytes: z.number().positive().default(500),
  maxFileMegabytes: z.number().positive().default(5),
})

/** What is kept, and how much time and room there is for it. */
export type EvidencePlan = {
  readonly services: readonly string[]
  readonly queries: readonly { readonly name: string; readonly query: string }[]
  readonly deadlineMs: number
  /** In all. */
  readonly maxBytes: number
  readonly maxFileBytes: number
}
