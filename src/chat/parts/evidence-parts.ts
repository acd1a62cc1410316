import type { KnownBlock } from '@slack/types'
import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { Measurement } from '../../domain/assessment/measurement.ts'
import type { Verdict } from '../../domain/assessment/verdict.ts'
import { causeOf } from './answer-parts.ts'
import { context, section } from './blocks.ts'
import { mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { probeName } from '../text/words.ts'

/** What was measured: trouble first and in full, the rest shortly. */
export function measurementBlocks(assessment: Assessment): KnownBlock[] {
  const { measurements } = assessment
  const of = (verdict: Measurement['verdict']) =>
    measurements.filter((one) => one.verdict === verdict)
  const bad = of('degraded').map((one) => mrk`🔴 ${nameOf(one)}: ${one.summary}`)
  const good = of('healthy').map((one) => mrk`${nameOf(one)}: ${one.summary}`)
  return [
    ...group('Bad', bad),
    ...group('Not reached', unseenLines('⚫', of('unreachable'))),
    ...group('Not clear', unseenLines('⚪', of('inconclusive'))),
    ...(good.length > 0 ? [context(trusted('*Good*'), ...good)] : []),
  ]
}

function group(title: string, parts: readonly Mrkdwn[]): KnownBlock[] {
  return parts.length > 0 ? [section(trusted(`*${title}*`), ...parts)] : []
}

/** What was not seen, each cause once. */
function unseenLines(sign: string, measurements: readonly Measurement[]): readonly Mrkdwn[] {
  return byCause(measurements).map(({ cause, names }) => {
    return mrk`${trusted(sign)} ${names.join('; ')}: ${cause}`
  })
}

type Answered = Pick<Measurement, 'probe' | 'target' | 'verdict' | 'summary'> &
  Partial<Pick<Measurement, 'unit'>>

/** Answers that say the same; of those that could not be had, why. */
type Told<Answer> = {
  readonly verdict: Verdict
  readonly cause: string
  readonly names: readonly string[]
  readonly answers: readonly Answer[]
}

const UNSEEN: ReadonlySet<Verdict> = new Set(['inconclusive', 'unreachable'])

/** Many questions stay without an answer for one cause: it is said once, for all of them. */
export function byCause<Answer extends Answered>(
  answers: readonly Answer[],
): readonly Told<Answer>[] {
  const told = new Map<string, Told<Answer>>()
  for (const [index, answer] of answers.entries()) {
    const { verdict, summary } = answer
    const unseen = UNSEEN.has(verdict)
    const cause = unseen ? causeOf(summary) : summary
    const key = unseen ? `${verdict} ${cause}` : String(index)
    const before = told.get(key)
    told.set(key, {
      verdict,
      cause,
      names: [...(before?.names ?? []), nameOf(answer)],
      answers: [...(before?.answers ?? []), answer],
    })
  }
  return [...told.values()]
}

/** Only these are asked of one service at a time; elsewhere the target adds nothing. */
const PER_SERVICE: ReadonlySet<string> = new Set(['health-passing', 'version-known'])

/** What was looked at, in the words of a responder. */
export function nameOf({
  probe,
  target,
  unit,
}: Pick<Answered, 'probe' | 'target' | 'unit'>): string {
  const name = probeName({ probe, unit: unit ?? null })
  return PER_SERVICE.has(probe) ? `${name}, ${target}` : name
}

/** Every way back that is configured, and what is nearest to another answer. */
export function waysBack({ closestFlip, procedures }: Assessment): KnownBlock[] {
  const ways = procedures
    .filter(({ because }) => because !== 'not configured')
    .map(({ name, feasible, because, warnings }) => {
      const care = warnings.length > 0 ? ` Also: ${warnings.join('; ')}.` : ''
      return mrk`${name}: ${feasible ? 'possible' : 'not possible'}, ${because}.${care}`
    })
  const missing = procedures.filter(({ because }) => because === 'not configured')
  return [
    ...(closestFlip ? [context(mrk`*Closest to changing the answer:* ${closestFlip}`)] : []),
    context(
      trusted('*Ways back*'),
      ...ways,
      mrk`Not configured: ${missing.map(({ name }) => name).join(', ') || 'none'}`,
    ),
  ]
}
