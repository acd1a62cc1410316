import { refused, type Refusal } from '../../domain/base/refusal.ts'
import { oneLine } from '../text/text.ts'

export const COMMAND = '/rollback'

/** A refusal's detail is shown on a phone: the problem and the right form, and no more. */
export const LONGEST_DETAIL = 300

/** What is wrong with what was typed, and the form it should have. */
export function badArguments(usage: string, problem: string): Refusal {
  const form = `Type: ${COMMAND} ${usage}`
  return refused('bad-arguments', `${oneLine(problem, LONGEST_DETAIL - form.length - 1)} ${form}`)
}
