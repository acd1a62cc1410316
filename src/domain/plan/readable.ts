import type { Plan } from './plan.ts'

/** As much as a hundred services with a page of details each. Nobody reads more before they sign. */
const MOST_CHARACTERS = 300_000

/** What an entry takes besides its words, so that thousands of empty ones count too. */
const PER_ENTRY = 20

/** Whether a person can read the plan whole. What cannot be read is not signed. */
export function canBeRead(plan: Plan): boolean {
  return wordsOf(plan).reduce((sum, text) => sum + text.length + PER_ENTRY, 0) <= MOST_CHARACTERS
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
