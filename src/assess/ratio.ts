import type { Metrics } from '../ports/metrics.ts'
import { notANumber } from './metric-answer.ts'
import { found, inconclusive, type Finding } from './probe.ts'

/** The whole and its part are read a moment apart. More than that is no rounding: they do not belong together. */
const WHOLE_PERCENT = 101

export type Ratio = {
  readonly name: string
  /** What the part does: "failed". */
  readonly verb: string
  readonly part: string
  readonly whole: string
  readonly wholeName: string
  readonly minimumPerSecond: number
  readonly degradedFromPercent: number
}

/** Two aggregated rates, asked together, and their ratio formed here. */
export async function ratioOf(
  metrics: Pick<Metrics, 'instant'>,
  ratio: Ratio,
  signal: AbortSignal,
): Promise<Finding> {
  const [part, whole] = await Promise.all([
    metrics.instant(ratio.part, { signal }),
    metrics.instant(ratio.whole, { signal }),
  ])
  if (whole.kind !== 'value') return notANumber(`${ratio.wholeName} per second`, whole)
  const perSecond = `${round(whole.value, 2)} ${ratio.wholeName}/s`
  if (whole.value < ratio.minimumPerSecond) {
    return inconclusive(
      'no-traffic',
      `only ${perSecond}: below ${ratio.minimumPerSecond}/s a ratio says nothing`,
    )
  }
  if (part.kind !== 'value') return notANumber(ratio.name, part)
  const percent = percentOf(part.value / whole.value)
  if (!Number.isFinite(percent) || percent < 0 || percent > WHOLE_PERCENT) {
    return inconclusive('error', `${ratio.name}: ${part.value} of ${whole.value} is no ratio`)
  }
  return found(
    percent,
    percent >= ratio.degradedFromPercent ? 'degraded' : 'healthy',
    `${round(percent, 1)} % of ${perSecond} ${ratio.verb}`,
  )
}

/** Without what floating point adds: 1.2 s against 1 s is 20 % slower, and not 19.999999999999996 %. */
export function percentOf(share: number): number {
  const percent = round(share * 100, 6)
  return percent === 0 ? 0 : percent
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
