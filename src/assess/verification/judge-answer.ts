import type { EndpointAnswer } from '../../ports/endpoints.ts'
import type { Expectations, ExpectedJson } from '../../domain/verification/request-settings.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import { isHealthy } from '../../domain/workload/service-pages.ts'
import { atPath, shown } from './json-path.ts'
import { failed, notMeasured, passed, type Outcome } from './outcome.ts'

/** Whether an answer is what it has to be. Nothing of its text is told but numbers and plain words. */
export function judgeAnswer(
  answer: EndpointAnswer,
  tookMs: number,
  expected: Expectations,
): Outcome {
  const { status, json, contains, withinMs } = expected
  if (!isHealthy(answer.status, status)) {
    return failed(`HTTP ${answer.status}`, status === null ? 'any 2xx' : status.join(' or '))
  }
  const said = contains.length === 0 ? null : judgeText(answer, contains)
  const held = json.length === 0 ? null : judgeJson(answer, json)
  for (const one of [said, held]) if (one && one.verdict !== 'passed') return one
  const time = `${Math.round(tookMs)} ms`
  if (tookMs > withinMs) return failed(`HTTP ${answer.status} in ${time}`, `at most ${withinMs} ms`)
  return passed([`HTTP ${answer.status} in ${time}`, held?.says].filter(Boolean).join(', '))
}

function judgeText({ body, truncated }: EndpointAnswer, contains: readonly string[]): Outcome {
  const missing = contains.findIndex((text) => !body.includes(text))
  if (missing < 0) return passed('')
  if (truncated) return notMeasured('the answer is too long to be read whole')
  return failed('the answer lacks a text', `text ${missing + 1} of contains in it`)
}

function judgeJson(
  { body, truncated }: EndpointAnswer,
  expected: readonly ExpectedJson[],
): Outcome {
  const root = jsonOf(body)
  if (root === undefined) {
    return truncated
      ? notMeasured('the answer is too long to be read whole')
      : failed('the answer is no JSON', 'JSON')
  }
  const outcomes = expected.map((one) => judgeValue(root, one))
  return (
    outcomes.find(({ verdict }) => verdict !== 'passed') ??
    passed(outcomes.map(({ says }) => says).join(', '))
  )
}

function judgeValue(root: unknown, { path, equals, atLeast }: ExpectedJson): Outcome {
  const at = atPath(root, path)
  if (at.kind === 'absent') return failed(`${path} is absent`, 'it to be there')
  const { value } = at
  const seen = `${path} is ${shown(value)}`
  if (equals !== undefined) {
    return value === equals ? passed(seen) : failed(seen, shown(equals))
  }
  if (atLeast === undefined) return passed(seen)
  const size = Array.isArray(value) ? value.length : value
  if (typeof size !== 'number') return failed(seen, 'a number or a list')
  return size >= atLeast ? passed(seen) : failed(seen, `at least ${atLeast}`)
}
