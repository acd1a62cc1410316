import { z } from 'zod'
import { stepsIn, type Window } from '../domain/chart/chart.ts'

/** What is read of an answer over a time. Native histograms have no `values`: they are no numbers. */
const Answer = z.object({
  isPartial: z.boolean().nullish(),
  warnings: z.array(z.string()).nullish(),
  data: z.object({
    result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])).optional() })),
  }),
})

export type Series = {
  /** At each step; `null`: no number was there. */
  readonly values: readonly (number | null)[]
  readonly remark: string | null
}

/** The one series of an answer, step by step. Whatever is not a number is none (J10). */
export function seriesIn(json: string, window: Window): Series {
  const { data, isPartial, warnings } = Answer.parse(JSON.parse(json))
  const values = Array.from<number | null>({ length: stepsIn(window) }).fill(null)
  const { result } = data
  if (result.length > 1) {
    return { values, remark: `its query gives ${result.length} series, and not one` }
  }
  for (const [seconds, text] of result[0]?.values ?? []) {
    const index = Math.round((seconds * 1_000 - window.fromMs) / window.stepMs)
    const value = Number(text)
    if (index >= 0 && index < values.length && Number.isFinite(value)) values[index] = value
  }
  const isWhole = !isPartial && (warnings ?? []).length === 0
  return { values, remark: isWhole ? null : 'the answer may be incomplete' }
}
