import { PART } from '../promql/ask-together.ts'
import type { Labelled } from '../ports/metrics.ts'

/** The answer to several questions that were asked in one. */
export type Parts = {
  /** What is finite of one of them, by the values of these labels. */
  of(name: string, ...labels: readonly string[]): ReadonlyMap<string, number>
  /** Each with its labels; of `''`: what belongs to none of them. */
  series(name: string): readonly Labelled[]
}

/** Between the values of two labels; no label holds it. */
export const BESIDE = '\u0000'

export function partsIn(series: readonly Labelled[]): Parts {
  const named = Map.groupBy(series, ({ labels }) => labels[PART] ?? '')
  return {
    series: (name) => named.get(name) ?? [],
    of(name, ...labels) {
      const finite = (named.get(name) ?? []).filter(({ value }) => Number.isFinite(value))
      return new Map(
        finite.map((one) => {
          return [labels.map((label) => one.labels[label] ?? '').join(BESIDE), one.value] as const
        }),
      )
    },
  }
}
