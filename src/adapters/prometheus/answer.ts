import type { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import { redact } from '../../domain/text/redact.ts'
import type { EndpointAnswer } from '../../ports/endpoints.ts'
import type { LabelledAnswer, MetricAnswer } from '../../ports/metrics.ts'
import { ErrorAnswer, QueryAnswer } from './schema.ts'

const dependency = 'prometheus'

/** How far the moment answered for may lie from the moment asked about. */
const timeLimitMs = 5 * 60_000

type Unusable = { readonly kind: 'unusable'; readonly because: string }
type Read<T> = { readonly kind: 'read'; readonly data: T } | Unusable

const unusable = (because: string): Unusable => ({ kind: 'unusable', because })

/** What the answer holds, if it is one of Prometheus at all. Throws a `Fault` for a refused or a failed question. */
function readAnswer<T>(schema: z.ZodType<T>, answer: EndpointAnswer): Read<T> {
  throwWhenNotServed(answer)
  if (answer.status >= 300 && answer.status < 400) {
    return unusable(`redirects elsewhere (HTTP ${answer.status}): is this its address?`)
  }
  if (answer.truncated) return unusable('answered with more than can be read')
  const json = jsonOf(answer.body)
  if (json === undefined) return unusable(notPrometheus(answer))
  const refused = ErrorAnswer.safeParse(json)
  if (refused.success) return unusable(ownWords(refused.data))
  const read = schema.safeParse(json)
  if (answer.status !== 200) return unusable(`answered HTTP ${answer.status}: is this its address?`)
  if (!read.success) return unusable('answered with JSON that is not of Prometheus')
  return { kind: 'read', data: read.data }
}

/** Where there is no value for what is unusable. */
export function readOrThrow<T>(schema: z.ZodType<T>, answer: EndpointAnswer): T {
  const read = readAnswer(schema, answer)
  if (read.kind === 'read') return read.data
  throw new Fault({ kind: 'terminal', dependency, detail: read.because })
}

/** Exactly one number, for a moment near `askedAtMs`, is a value; everything else says what it is (J10). */
export function metricOf(answer: EndpointAnswer, askedAtMs: number): MetricAnswer {
  const read = readAnswer(QueryAnswer, answer)
  if (read.kind === 'unusable') return read
  const { data, infos } = read.data
  const missing = whatIsMissing(read.data)
  if (missing !== null) return { kind: 'partial', because: missing }
  const answered = oneNumber(data, askedAtMs)
  if (answered.kind !== 'value' || infos.length === 0) return answered
  return { ...answered, notes: infos.map(shortened) }
}

/** Each number with its labels. A native histogram is none, and is told by its buckets. */
export function labelledOf(answer: EndpointAnswer, askedAtMs: number): LabelledAnswer {
  const read = readAnswer(QueryAnswer, answer)
  if (read.kind === 'unusable') return read
  const missing = whatIsMissing(read.data)
  if (missing !== null) return { kind: 'partial', because: missing }
  const { data } = read.data
  if (data.resultType !== 'vector') {
    return unusable(`answered with a ${data.resultType} where series were expected`)
  }
  const told = data.result.flatMap(({ metric, value, histogram }) => {
    const [moment] = value ?? histogram ?? []
    if (moment === undefined) return []
    const sample = [moment, value?.[1] ?? 'NaN'] as const
    const buckets = histogram?.[1].buckets.map(([, low, high]) => {
      return { low: Number(low), high: Number(high) }
    })
    const one = { labels: metric, value: Number(sample[1]), ...(buckets && { buckets }) }
    return [{ answered: numberOf(sample, askedAtMs), one }]
  })
  const elsewhere = told.find(({ answered }) => answered.kind === 'unusable')?.answered
  if (elsewhere?.kind === 'unusable') return elsewhere
  return { kind: 'series', series: told.map(({ one }) => one) }
}

/** `null`: the answer is whole. Both may be said at once, by a proxy before a cluster. */
function whatIsMissing({ isPartial, warnings }: QueryAnswer): string | null {
  if (warnings.length > 0) return shortened(warnings.join('; '))
  return isPartial ? 'it says that a part of the data is missing (isPartial)' : null
}

function oneNumber(data: QueryAnswer['data'], askedAtMs: number): MetricAnswer {
  if (data.resultType === 'matrix' || data.resultType === 'string') {
    return unusable(`answered with a ${data.resultType} where one number was expected`)
  }
  if (data.resultType === 'scalar') return numberOf(data.result, askedAtMs)
  const [first] = data.result
  if (first === undefined) return { kind: 'no-data' }
  if (data.result.length > 1) {
    return unusable(`${data.result.length} series where one was expected`)
  }
  if (first.value === undefined) {
    return unusable('answered with a histogram where one number was expected')
  }
  return numberOf(first.value, askedAtMs)
}

function numberOf([seconds, text]: readonly [number, string], askedAtMs: number): MetricAnswer {
  const awayMs = Math.abs(seconds * 1000 - askedAtMs)
  if (awayMs > timeLimitMs) {
    const minutes = Math.round(awayMs / 60_000)
    const why = 'a cache in between, or clocks that differ'
    return unusable(`answered for a moment ${minutes} min away from the one asked about: ${why}`)
  }
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? { kind: 'value', value } : { kind: 'not-a-number', text }
}

function throwWhenNotServed(answer: EndpointAnswer): void {
  const { status } = answer
  const code = String(status)
  if (status === 401 || status === 403) {
    const detail = /no org id/i.test(answer.body)
      ? `it asks for a tenant: set X-Scope-OrgID in prometheus.headers (Prometheus answered ${status})`
      : `wrong or missing credentials (Prometheus answered ${status})`
    throw new Fault({ kind: 'terminal', dependency, detail, code })
  }
  if (status >= 500 || status === 429) {
    const own = ErrorAnswer.safeParse(jsonOf(answer.body))
    const detail = `Prometheus answered ${status}${own.success ? `: ${ownWords(own.data)}` : ''}`
    throw new Fault({ kind: 'retryable', dependency, detail, code })
  }
}

function notPrometheus({ status, contentType }: EndpointAnswer): string {
  const type = contentType === '' ? 'something unnamed' : contentType
  const what = `answered with ${type}, not with Prometheus JSON`
  return status === 200 ? what : `${what} (HTTP ${status})`
}

const ownWords = ({ errorType, error }: z.infer<typeof ErrorAnswer>): string =>
  `${errorType}: ${shortened(error)}`

function shortened(text: string): string {
  const safe = redact(text)
  return safe.length > 300 ? `${safe.slice(0, 299)}…` : safe
}
