import type { RatioWindow } from '../domain/assessment/detail.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import { wilson } from '../domain/assessment/wilson.ts'
import { notMeasured, share } from './conditions.ts'
import type { Observed, Seen } from './observed.ts'
import type { RatioRule } from './ratio-rules.ts'

const LONG_SECONDS = 3_600

/**
 * In the long window, against the same hour before: what is not much, and far more than usual here. What was so, and is
 * surely not any more by the window that rules are about, is over: else each short trouble would be told for an hour.
 * https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
export function ratioUnusual(
  rule: Pick<RatioRule, 'probe' | 'name'>,
  limitOf: (settings: MatrixSettings) => { readonly times: number; readonly atLeast: number },
) {
  return ({ measurements, settings }: Observed): Seen => {
    const measurement = measurements.find(({ probe }) => probe === rule.probe)
    const { times, atLeast } = limitOf(settings)
    // Even one that is itself an incident shows what is worse than that.
    const usual = measurement?.detail?.baseline ?? measurement?.detail?.baselines?.[0]
    const windows = measurement?.detail?.windows ?? []
    const long = windows.find(({ seconds }) => seconds >= LONG_SECONDS)
    const plain = { measured: null, unit: '%', threshold: atLeast }
    if (!measurement || typeof measurement.value !== 'number')
      return { ...notMeasured(measurement), threshold: atLeast }
    // Of a team's own queries nothing is known but their number.
    if (measurement.detail?.windows === undefined) {
      const measured = measurement.value
      return { ...plain, matched: false, measured, because: 'only asked with the shipped queries' }
    }
    if (!usual || !long || long.percent === null) {
      return {
        ...plain,
        matched: 'unknown',
        because: 'not known: nothing to hold the last hour against',
      }
    }
    const limit = Math.max(atLeast, times * usual.value)
    const { show } = share(rule.name)
    const recent = surelyBelow(windows, limit)
    const over =
      recent && long.percent > limit
        ? `, and surely below it again: ${show((recent.percent ?? 0).toFixed(1))} of the last ${recent.seconds / 60} min`
        : ''
    const words = `${rule.name} ${show(long.percent.toFixed(1))} in the last hour, ${show(usual.value.toFixed(2))} ${BASELINE_WORDS[usual.of]}, rule above ${show(String(Number(limit.toFixed(2))))}`
    return {
      ...plain,
      matched: long.percent > limit && !recent,
      measured: long.percent,
      threshold: limit,
      because: `${words}${over}`,
    }
  }
}

const BASELINE_WORDS = {
  'before-deploy': 'before the deploy',
  'hour-ago': 'an hour ago',
  yesterday: 'at this hour yesterday',
  'last-week': 'at this hour a week ago',
} as const

/** The window beside the long one, where few of its events tell as much; `null`: it may be above as well. */
function surelyBelow(windows: readonly RatioWindow[], limit: number): RatioWindow | null {
  const [recent] = windows
    .filter(({ seconds }) => seconds < LONG_SECONDS)
    .toSorted((a, b) => b.seconds - a.seconds)
  return recent && wilson(recent.part, recent.whole).high < limit ? recent : null
}
