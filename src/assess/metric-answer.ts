import { inWords } from '../domain/text/duration.ts'
import type { MetricAnswer } from '../ports/metrics.ts'
import { inconclusive, type Finding } from './probe.ts'

/** What an answer that is not a number means. `what` names the quantity: "requests per second". */
export function notANumber(
  what: string,
  answer: Exclude<MetricAnswer, { kind: 'value' }>,
): Finding {
  switch (answer.kind) {
    case 'no-data':
      return inconclusive('no-data', `Prometheus has no data for ${what}`)
    case 'not-a-number':
      return inconclusive('no-traffic', `${what} is ${answer.text}: there is nothing to measure`)
    case 'partial':
      return inconclusive(
        'partial',
        `${what}: Prometheus's answer is incomplete: ${answer.because}`,
      )
    case 'unusable':
      return inconclusive('error', `${what}: ${answer.because}`)
    default:
      return answer satisfies never
  }
}

/** Numbers of one source that are too old to stand for now; `null`: it tells nothing any more. */
export function tooOld(ageSeconds: number | null, staleAfterSeconds: number): Finding {
  const words =
    ageSeconds === null
      ? 'the newest sample in Prometheus has ended: nothing is counted any more'
      : `the newest sample in Prometheus is ${inWords(1_000 * ageSeconds)} old, more than ${inWords(1_000 * staleAfterSeconds)}`
  return { ...inconclusive('no-data', words), detail: { freshness: { ageSeconds } } }
}
