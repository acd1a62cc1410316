import { compare, defaultAmount, measurePairs, MOST_NOISE } from './pairs.ts'
import type { Comparison, Sides, Spread } from './pairs.ts'

/** `reported` has no gate. `too noisy` says nothing about the bot, and is never a pass. */
export type Verdict = 'pass' | 'FAIL' | 'too noisy' | 'reported'

/** One line of the table. */
export type Outcome = {
  readonly what: string
  readonly verdict: Verdict
  readonly measured: string
  readonly gate: string
  /** Absolute numbers and spread, a clause each. */
  readonly details: readonly string[]
}

/** One file of this folder. */
export type Bench = () => Promise<readonly Outcome[]>

type RatioGate = {
  readonly what: string
  readonly gate: number
  readonly sides: Sides
  readonly pairs?: number
  /** More to say about the run that counted; asked after it. */
  readonly more?: () => readonly string[]
  /** Forgets what a run that was too noisy gathered. */
  readonly again?: () => void
}

/** Passes when the upper end of the interval is within the gate. Too noisy: once more, then that is said. */
export const ratioWithin = async (asked: RatioGate): Promise<Outcome> => {
  const comparison = await compared(asked)
  return judged({ ...asked, comparison, details: asked.more?.() ?? [] })
}

/** Beside what is gated: the same against another baseline. */
export const ratioReported = async (asked: Omit<RatioGate, 'gate'>): Promise<Outcome> => {
  const comparison = await compared(asked)
  return reported(asked.what, ratioText(comparison), detailsOf(comparison))
}

const compared = async ({
  sides,
  pairs = defaultAmount.pairs,
  again,
}: Omit<RatioGate, 'gate'>): Promise<Comparison> => {
  const amount = { ...defaultAmount, pairs }
  const comparison = compare(await measurePairs(sides, amount))
  if (comparison.noise <= MOST_NOISE) return comparison
  again?.()
  return compare(await measurePairs(sides, amount))
}

/** For what was measured beside something else. */
export const judged = (asked: {
  readonly what: string
  readonly gate: number
  readonly comparison: Comparison
  readonly details: readonly string[]
}): Outcome => ({
  what: asked.what,
  verdict: verdictOf(asked.comparison, asked.gate),
  measured: ratioText(asked.comparison),
  gate: `<= ${asked.gate} x`,
  details: [...detailsOf(asked.comparison), ...asked.details],
})

const verdictOf = ({ noise, high }: Comparison, gate: number): Verdict => {
  if (noise > MOST_NOISE) return 'too noisy'
  return high <= gate ? 'pass' : 'FAIL'
}

const ratioText = ({ ratio, low, high }: Comparison): string =>
  `${ratio.toFixed(2)} x (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`

const detailsOf = ({ subject, baseline, noise, pairs }: Comparison): readonly string[] => [
  `ours ${spreadText(subject)}, baseline ${spreadText(baseline)}`,
  `${pairs.length} pairs, IQR/median of the baseline ${noise.toFixed(2)}`,
]

export const spreadText = ({ p10, median, p90 }: Spread): string =>
  `${ms(median)} (p10 ${ms(p10)}, p90 ${ms(p90)})`

export const ms = (value: number): string => `${value.toFixed(value < 20 ? 1 : 0)} ms`

/** For contracts and deadlines: the only absolute gates there are. */
export const atMost = (asked: {
  readonly what: string
  readonly measured: number
  readonly gate: number
  readonly unit: 'ms' | 'MB'
  readonly details?: readonly string[]
}): Outcome => ({
  what: asked.what,
  verdict: asked.measured <= asked.gate ? 'pass' : 'FAIL',
  measured: `${asked.measured.toFixed(asked.measured < 20 ? 1 : 0)} ${asked.unit}`,
  gate: `<= ${asked.gate} ${asked.unit}`,
  details: asked.details ?? [],
})

/** Counts have no noise. */
export const exactly = (asked: {
  readonly what: string
  readonly measured: number
  readonly gate: number
  readonly details?: readonly string[]
}): Outcome => ({
  what: asked.what,
  verdict: asked.measured === asked.gate ? 'pass' : 'FAIL',
  measured: String(asked.measured),
  gate: `= ${asked.gate}`,
  details: asked.details ?? [],
})

export const reported = (
  what: string,
  measured: string,
  details: readonly string[] = [],
): Outcome => ({ what, verdict: 'reported', measured, gate: '', details })
