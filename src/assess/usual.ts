import type { MetricAnswer, Metrics } from '../ports/metrics.ts'

const HOUR_MS = 60 * 60_000

/** When it is looked how a number usually is. */
const BEFORE = [
  { words: 'an hour ago', agoMs: HOUR_MS },
  { words: 'at this hour yesterday', agoMs: 24 * HOUR_MS },
  { words: 'at this hour last week', agoMs: 7 * 24 * HOUR_MS },
] as const

export type Earlier = {
  /** "at this hour yesterday" */
  readonly when: string
  readonly value: number
}

type Ask = (atMs: number) => Promise<number | null>

/** What it was at each of the times before; one that nobody knows, or that says nothing, is left out. */
export async function earlier(ask: Ask, nowMs: number): Promise<readonly Earlier[]> {
  // Of whole seconds, so that whoever asks the same a moment later asks the same.
  const secondMs = Math.floor(nowMs / 1_000) * 1_000
  const found = await Promise.all(
    BEFORE.map(async ({ words, agoMs }) => ({ when: words, value: await ask(secondMs - agoMs) })),
  )
  return found.flatMap(({ when, value }) => (value === null ? [] : [{ when, value }]))
}

/**
 * The one in the middle: a day that was bad itself, and a weekend, do not decide alone. Of two, the one against
 * which it looks worse now. `null`: there is none.
 */
export function usual(before: readonly Earlier[], worse: 'more' | 'less'): Earlier | null {
  const sorted = before.toSorted((a, b) =>
    worse === 'more' ? a.value - b.value : b.value - a.value,
  )
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}

/** Asks one query at a time before; what is no number is none. */
export async function valueAt(
  metrics: Metrics,
  query: string,
  over: { readonly atMs: number; readonly signal: AbortSignal },
): Promise<number | null> {
  const answer: MetricAnswer = await metrics.instant(query, over)
  return answer.kind === 'value' ? answer.value : null
}
