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
