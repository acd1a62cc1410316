import { inWords } from '../../domain/text/duration.ts'
import { notANumber } from '../metric-answer.ts'
import { found, inconclusive, type Probe } from '../probe.ts'
import { round } from '../ratio.ts'

/** The value is the age in seconds of the newest sample of the stalest job, by Prometheus's own clock. */
export const metricsFresh: Probe = {
  id: 'metrics-fresh',
  asks: 'Prometheus',
  needsFreshMetrics: false,
  questions({ metrics: settings }, { metrics }) {
    if (!metrics) return []
    return [
      {
        target: 'Prometheus',
        unit: 's',
        query: settings.sampleAge,
        async ask({ signal, world }) {
          const askedAtMs = world.clock.now()
          const [age, clock] = await Promise.all([
            metrics.instant(settings.sampleAge, { signal }),
            metrics.instant('time()', { signal }),
          ])
          if (age.kind !== 'value') return notANumber('the age of its newest sample', age)
          const ageSeconds = round(age.value, 1)
          if (ageSeconds > settings.staleAfterSeconds) {
            return inconclusive(
              'no-data',
              `the newest sample in Prometheus is ${inWords(ageSeconds * 1000)} old, more than ${inWords(settings.staleAfterSeconds * 1000)}`,
            )
          }
          if (clock.kind !== 'value') return notANumber("Prometheus's clock", clock)
          const aheadSeconds = Math.round(clock.value - askedAtMs / 1000)
          if (Math.abs(aheadSeconds) > settings.clockSkewLimitSeconds) {
            return {
              class: 'value',
              verdict: 'inconclusive',
              value: ageSeconds,
              summary: `newest sample ${ageSeconds} s old, but its clock is ${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} ours`,
            }
          }
          return found(ageSeconds, 'healthy', `newest sample ${ageSeconds} s old`)
        },
      },
    ]
  },
}
