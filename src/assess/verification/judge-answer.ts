import { contentFit } from '../../domain/verification/expected-answer.ts'
import type { Expectations } from '../../domain/verification/request-settings.ts'
import { isHealthy } from '../../domain/workload/service-pages.ts'
import type { EndpointAnswer } from '../../ports/endpoints.ts'
import { failed, notMeasured, passed, type Outcome } from './outcome.ts'

/** Whether an answer is what it has to be. Nothing of its text is told but numbers and plain words. */
export function judgeAnswer(
  answer: EndpointAnswer,
  tookMs: number,
  expected: Expectations,
): Outcome {
  const { status, withinMs } = expected
  if (!isHealthy(answer.status, status)) {
    return failed(`HTTP ${answer.status}`, status === null ? 'any 2xx' : status.join(' or '))
  }
  const fit = contentFit(answer, expected)
  if (fit.kind === 'too-long') return notMeasured('the answer is too long to be read whole')
  if (fit.kind !== 'fits') return failed(fit.seen, fit.expected)
  const time = `${Math.round(tookMs)} ms`
  if (tookMs > withinMs) return failed(`HTTP ${answer.status} in ${time}`, `at most ${withinMs} ms`)
  return passed([`HTTP ${answer.status} in ${time}`, fit.says].filter(Boolean).join(', '))
}
