/**
 * Two ways to do the same, measured side by side on a machine that has other things to do: each
 * pair one after the other, in an order drawn by lot, judged by the ratios within the pairs.
 */
export type Pair = { readonly subject: number; readonly baseline: number }

export type Sides = {
  readonly subject: () => Promise<number>
  readonly baseline: () => Promise<number>
}

export type Spread = {
  readonly p10: number
  readonly median: number
  readonly p90: number
}

export type Comparison = {
  readonly pairs: readonly Pair[]
  /** The median of the ratios within the pairs, and its bootstrap interval. */
  readonly ratio: number
  readonly low: number
  readonly high: number
  readonly subject: Spread
  readonly baseline: Spread
  /** The spread of the baseline itself: interquartile range over median. */
  readonly noise: number
}

type Amount = { readonly warmUp: number; readonly pairs: number }

export const defaultAmount: Amount = { warmUp: 2, pairs: 9 }

const RESAMPLES = 10_000

/** Above this the baseline itself is no measure: whatever came out, it is no pass. */
export const MOST_NOISE = 0.4

export const measurePairs = async (
  sides: Sides,
  { warmUp, pairs }: Amount = defaultAmount,
): Promise<readonly Pair[]> => {
  const measured: Pair[] = []
  for (let index = 0; index < warmUp + pairs; index += 1) {
    const pair = await onePair(sides)
    if (index >= warmUp) measured.push(pair)
  }
  return measured
}

const onePair = async ({ subject, baseline }: Sides): Promise<Pair> => {
  if (Math.random() < 0.5) return { subject: await subject(), baseline: await baseline() }
  const first = await baseline()
  return { subject: await subject(), baseline: first }
}

export const compare = (pairs: readonly Pair[]): Comparison => {
  const ratios = pairs.map(({ subject, baseline }) => subject / baseline)
  const baselines = pairs.map(({ baseline }) => baseline)
  const resampled = Array.from({ length: RESAMPLES }, () =>
    median(ratios.map(() => ratios[Math.floor(Math.random() * ratios.length)] ?? Number.NaN)),
  )
  return {
    pairs,
    ratio: median(ratios),
    low: quantile(resampled, 0.025),
    high: quantile(resampled, 0.975),
    subject: spread(pairs.map(({ subject }) => subject)),
    baseline: spread(baselines),
    noise: (quantile(baselines, 0.75) - quantile(baselines, 0.25)) / median(baselines),
  }
}

export const spread = (values: readonly number[]): Spread => ({
  p10: quantile(values, 0.1),
  median: median(values),
  p90: quantile(values, 0.9),
})

const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Between two values it interpolates. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}
