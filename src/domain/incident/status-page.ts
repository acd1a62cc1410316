import { z } from 'zod'
import type { Actor } from '../base/actor.ts'
import type { StatusPost } from '../outbox/status-post.ts'

/** What the status page can be told, in the order of an incident's life. Journaled: never rename. */
export const StatusStage = z.enum([
  'investigating',
  'identified',
  'rolling-back',
  'monitoring',
  'resolved',
])
export type StatusStage = z.infer<typeof StatusStage>

export type StatusPrompt = {
  readonly dueSince: string
  /** As a person left it; `null`: as Backout drafts it. */
  readonly text: string | null
  /** What people had published, one after the other; more than one where one was refused or lost. */
  readonly publications: readonly Publication[]
  /** People were reminded of it. */
  readonly overdue: boolean
  readonly decided: {
    readonly decision: 'published' | 'skipped'
    readonly by: string
    readonly at: string
  } | null
}

/** Somebody said that it goes out. */
export type Publication = {
  /** What it is called among what is sent outward. */
  readonly key: string
  readonly by: Actor
  readonly at: string
  /** Exactly what was to be published. */
  readonly post: StatusPost
}

export function newPrompt(dueSince: string): StatusPrompt {
  return { dueSince, text: null, publications: [], overdue: false, decided: null }
}

/** What the next publication of this stage is called. */
export function nextKey(stage: StatusStage, prompt: Pick<StatusPrompt, 'publications'>): string {
  const number = prompt.publications.length + 1
  return number === 1 ? stage : `${stage}/${number}`
}
