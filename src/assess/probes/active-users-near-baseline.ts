import { notANumber } from '../metric-answer.ts'
import { found, inconclusive, type Probe } from '../probe.ts'
import { percentOf, round } from '../ratio.ts'

/** The value is how many fewer users are active than usual, in percent; more users is negative. */
export const activeUsersNearBaseline: Probe = {
  id: 'active-users-near-baseline',
  asks: 'Redis or Prometheus',
  needsFreshMetrics: false,
  questions({ metrics: settings, matrix, activeUsersKey }, { cache, metrics }) {
    if (!cache) return []
    return [
      {
        target: 'all services',
        unit: '%',
        query: `GET ${activeUsersKey} against ${metrics ? settings.activeUsersBaseline : 'nothing'}`,
        async ask({ signal }) {
          const [now, baseline] = await Promise.all([
            cache.readNumber(activeUsersKey, signal),
            metrics?.instant(settings.activeUsersBaseline, { signal }),
          ])
          if (now.kind === 'absent') {
            return inconclusive('no-data', `Redis has no key ${activeUsersKey}`)
          }
          if (now.kind === 'not-a-number') {
            return inconclusive('error', `Redis key ${activeUsersKey}: ${now.because}`)
          }
          if (!baseline) {
            return inconclusive(
              'no-data',
              `${now.value} active users, and no baseline to compare with`,
            )
          }
          if (baseline.kind !== 'value') return notANumber('usual number of active users', baseline)
          if (baseline.value <= 0) {
            return inconclusive(
              'no-traffic',
              `${now.value} active users, usually none at this hour`,
            )
          }
          const fewer = percentOf(1 - now.value / baseline.value)
          return found(
            fewer,
            fewer > matrix.activeUsersDownPercent ? 'degraded' : 'healthy',
            `${now.value} active users, usually ${Math.round(baseline.value)} (${round(-fewer, 1)} %)`,
          )
        },
      },
    ]
  },
}
