import { z } from 'zod'

/** What the status page can be told, in the order of an incident's life. */
export const StatusStage = z.enum(['investigating', 'rolling-back', 'monitoring', 'resolved'])
export type StatusStage = z.infer<typeof StatusStage>

export type StatusPrompt = {
  readonly dueSince: string
  /** As a person left it; `null`: as Backout drafts it. */
  readonly text: string | null
  readonly decided: {
    readonly decision: 'published' | 'skipped'
    readonly by: string
    readonly at: string
  } | null
}
