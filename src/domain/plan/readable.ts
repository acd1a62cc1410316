import { toMs } from '../base/instant.ts'
import type { Plan } from './plan.ts'
import type { PlanState } from './plan-state.ts'

/** As much as a hundred services with a page of details each. Nobody reads more before they sign. */
const MOST_CHARACTERS = 300_000

/** What an entry takes besides its words, so that thousands of empty ones count too. */
const PER_ENTRY = 20

/** Whether a person can read the plan whole. What cannot be read is not signed. */
export function canBeRead(plan: Plan): boolean {
  return wordsOf(plan).reduce((sum, text) => sum + text.length + PER_ENTRY, 0) <= MOST_CHARACTERS
}

/** Words a minute, of somebody who reads what they are about to sign. */
const WORDS_A_MINUTE = 240

/** How long a person takes who reads all of it, in milliseconds. */
export function readingMs(plan: Plan): number {
  const words = wordsOf(plan).flatMap((text) => text.split(/\s+/).filter((word) => word !== ''))
  return Math.round((words.length / WORDS_A_MINUTE) * 60_000)
}

/** For how long the plan could be read by then, in milliseconds. */
export function shownForMs(
  { shownAt, proposedAt }: Pick<PlanState, 'shownAt' | 'proposedAt'>,
  at: string,
): number {
  return Math.max(0, toMs(at) - toMs(shownAt ?? proposedAt))
}

/** Everything in a plan that is written for people. */
function wordsOf(plan: Plan): readonly string[] {
  const { title, because, lost, undo, preparation = '', finish, changes, steps, cautions } = plan
  return [
    title,
    because,
    lost,
    undo,
    preparation,
    finish?.safeStop ?? '',
    ...changes.flatMap(({ what, from, to, details = [] }) => [what, from, to, ...details]),
    ...steps.map((step) => step.title),
    ...cautions,
  ]
}
