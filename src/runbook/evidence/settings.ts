import { z } from 'zod'

/** `evidence` in backout.yaml: what is kept before the first write, and how much of it. */
export const EvidenceSettings = z
  .strictObject({
    deadlineSeconds: z.number().min(1).max(600).default(60),
    maxMegabytes: z.number().positive().default(500),
    maxFileMegabytes: z.number().positive().default(5),
    /** Of all incidents together. The oldest of closed ones gives way. */
    maxTotalMegabytes: z.number().positive().default(5_000),
    /** Stays free on the disk, for the journal that is on it too. */
    reserveMegabytes: z.number().min(0).default(200),
  })
  .refine(
    ({ maxMegabytes, maxTotalMegabytes }) => maxMegabytes <= maxTotalMegabytes,
    'maxMegabytes, for one plan, is more than maxTotalMegabytes, for all incidents',
  )

/** What is kept, and how much time and room there is for it. */
export type EvidencePlan = {
  readonly services: readonly string[]
  readonly queries: readonly { readonly name: string; readonly query: string }[]
  readonly deadlineMs: number
  /** Of one collection. */
  readonly maxBytes: number
  readonly maxFileBytes: number
}

/** What evidence may take of the disk. */
export type EvidenceQuota = {
  /** Of all incidents together. */
  readonly maxTotalBytes: number
  /** What stays free on the disk. */
  readonly reserveBytes: number
}
