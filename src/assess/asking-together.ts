import { z } from 'zod'
import type { Labelled, MetricAnswer, Metrics, TimeRange } from '../ports/metrics.ts'
import type { Clock } from '../ports/clock.ts'
import { among } from '../promql/among.ts'
import { askedTogether, PART } from '../promql/ask-together.ts'
import { partsIn } from './parts.ts'

/** After this part of the time nobody waits any more for what all the others ask: each is asked alone. */
const PATIENCE = 1 / 3

type Gathered<Answer> = {
  readonly expression: string
  alone(): Promise<Answer>
  answer(told: Promise<Answer>): void
}

/** The answers to all, by their place; `null`: they cannot be had together. Never throws. */
type AskAll<Answer> = (query: string) => Promise<((name: string) => Answer) | null>

/**
 * What is asked in the same turn is asked in one question: each costs a request of its own, and most of them next to
 * nothing beside it. Where the answer is not one to all, or is late, each is asked alone, so that none can spoil another.
 */
export function askingTogether(metrics: Metrics, clock: Clock, deadlineMs: number): Metrics {
  if (!metrics.takesSeveral) return metrics
  const patienceMs = deadlineMs * PATIENCE
  const instants = gathering<MetricAnswer>(patienceMs)
  const ranges = new Map<string, ReturnType<typeof gathering<string>>>()
  return {
    ...metrics,

    instant(query, asked) {
      const { atMs, signal } = asked
      const alone = () => metrics.instant(query, asked)
      const asOne = among(query)
      const agoMs = atMs === undefined ? 0 : clock.now() - atMs
      const expression = agoMs > 0 ? asOne?.ago(Math.round(agoMs / 1_000)) : asOne?.now
      if (!expression || agoMs < 0) return alone()
      return instants({ expression, alone }, async (all) => {
        const told = await metrics.labelled(all, { signal })
        if (told.kind !== 'series') return null
        const parts = partsIn(told.series)
        return (name) => numberIn(parts.series(name))
      })
    },

    range(query, over) {
      const alone = () => metrics.range(query, over)
      const expression = among(query)?.now
      if (expression === undefined) return alone()
      const key = `${over.fromMs} ${over.toMs} ${over.stepSeconds}`
      const gather = ranges.get(key) ?? gathering<string>(patienceMs)
      ranges.set(key, gather)
      return gather({ expression, alone }, (all) => rangesOf(metrics, all, over))
    },
  }
}

function gathering<Answer>(patienceMs: number) {
  let waiting: Gathered<Answer>[] = []

  function ask(all: readonly Gathered<Answer>[], askAll: AskAll<Answer>): void {
    const [only] = all
    if (only && all.length === 1) {
      only.answer(only.alone())
      return
    }
    const named = all.map(({ expression }, index) => [String(index), expression] as const)
    const together = askAll(askedTogether(Object.fromEntries(named))).catch(() => null)
    const { promise: late, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(() => resolve(null), patienceMs)
    void together.then(() => clearTimeout(timer))
    const first = Promise.race([together, late])
    for (const [index, { alone, answer }] of all.entries()) {
      answer(oneOf(String(index), { first, together, alone }))
    }
  }

  return (question: Omit<Gathered<Answer>, 'answer'>, askAll: AskAll<Answer>): Promise<Answer> => {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    waiting.push({ ...question, answer: resolve })
    if (waiting.length === 1) {
      queueMicrotask(() => {
        const all = waiting
        waiting = []
        ask(all, askAll)
      })
    }
    return promise
  }
}

type Told<Answer> = Awaited<ReturnType<AskAll<Answer>>>

/** Whichever comes first, once nobody waits any more. */
async function oneOf<Answer>(
  name: string,
  asked: {
    readonly first: Promise<Told<Answer>>
    readonly together: Promise<Told<Answer>>
    alone(): Promise<Answer>
  },
): Promise<Answer> {
  const soon = await asked.first
  if (soon) return soon(name)
  const own = asked.alone()
  return Promise.race([own, asked.together.then((told) => (told ? told(name) : own))])
}

/** The same as of a question alone. */
function numberIn(series: readonly Labelled[]): MetricAnswer {
  const [one, ...more] = series
  if (!one) return { kind: 'no-data' }
  if (more.length > 0) {
    return { kind: 'unusable', because: `${series.length} series where one was expected` }
  }
  if (one.buckets) {
    return { kind: 'unusable', because: 'answered with a histogram where one number was expected' }
  }
  if (Number.isFinite(one.value)) return { kind: 'value', value: one.value }
  const text = Number.isNaN(one.value) ? 'NaN' : one.value > 0 ? '+Inf' : '-Inf'
  return { kind: 'not-a-number', text }
}

const Ranges = z.object({
  isPartial: z.boolean().nullish(),
  warnings: z.array(z.string()).nullish(),
  data: z.object({
    result: z.array(z.looseObject({ metric: z.record(z.string(), z.string()) })),
  }),
})

/** Each as it would have been answered alone. */
async function rangesOf(
  metrics: Metrics,
  all: string,
  over: TimeRange,
): ReturnType<AskAll<string>> {
  const told = Ranges.parse(JSON.parse(await metrics.range(all, over)))
  if (told.isPartial || (told.warnings ?? []).length > 0) return null
  const named = Map.groupBy(told.data.result, ({ metric }) => metric[PART])
  return (name) => {
    const result = (named.get(name) ?? []).map((one) => {
      const { [PART]: _, ...metric } = one.metric
      return { ...one, metric }
    })
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
  }
}
