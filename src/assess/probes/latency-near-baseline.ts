import type { MetricsSettings } from '../../domain/assessment/settings.ts'
import type { Workload } from '../../domain/workload/workload.ts'
import type { MetricAnswer, Metrics } from '../../ports/metrics.ts'
import type { Workloads } from '../../ports/workloads.ts'
import { notANumber } from '../metric-answer.ts'
import { AT_THIS_HOUR_YESTERDAY, found, inconclusive, type Finding, type Probe } from '../probe.ts'
import { percentOf, round } from '../ratio.ts'

/** The hour before the deploy ends this long before it, so that the rollout itself is not in it. */
const BEFORE_DEPLOY_MS = 5 * 60_000

/**
 * p95 now against p95 before the deploy, or, when that cannot be had, the same hour yesterday.
 * The value is how much slower it is now, in percent; a faster service is negative.
 */
export const latencyNearBaseline: Probe = {
  id: 'latency-near-baseline',
  asks: 'Prometheus',
  needsFreshMetrics: true,
  questions({ metrics: settings, matrix, deployed, deadlineMs }, { metrics, workloads }) {
    if (!metrics) return []
    return [
      {
        target: 'all services',
        unit: '%',
        query: `${settings.p95} against ${settings.p95BeforeDeploy} or ${settings.p95Yesterday}`,
        async ask({ signal }) {
          const [now, beforeDeploy, yesterday] = await Promise.all([
            metrics.instant(settings.p95, { signal }),
            p95BeforeDeploy(
              metrics,
              settings,
              () => deployTime(workloads, deployed?.services ?? [], deadlineMs, signal),
              signal,
            ),
            metrics.instant(settings.p95Yesterday, { signal }),
          ])
          if (now.kind !== 'value') return notANumber('p95 latency', now)
          const baseline = usableBaseline(beforeDeploy, yesterday)
          if (!baseline) return noBaseline(now.value, [beforeDeploy, yesterday])
          const slower = percentOf(now.value / baseline.seconds - 1)
          return found(
            slower,
            slower >= matrix.latencyElevatedPercent ? 'degraded' : 'healthy',
            `p95 ${inMs(now.value)} ms, ${signed(slower)} % against ${inMs(baseline.seconds)} ms ${baseline.when}`,
          )
        },
      },
    ]
  },
}

async function p95BeforeDeploy(
  metrics: Metrics,
  settings: MetricsSettings,
  deployedAtMs: () => Promise<number | null>,
  signal: AbortSignal,
): Promise<MetricAnswer> {
  const deployed = await deployedAtMs()
  if (deployed === null) return { kind: 'no-data' }
  return metrics.instant(settings.p95BeforeDeploy, { atMs: deployed - BEFORE_DEPLOY_MS, signal })
}

/**
 * When what runs now was deployed; `null` when that is not known, or cannot be read in half the time
 * there is. That costs one of two baselines, and must not cost the latency itself.
 *
 * A ReplicaSet knows when it was made, not when it was last put to use: going back uses an old one
 * again. So its time is the deploy's only while no other ReplicaSet is as young.
 */
async function deployTime(
  workloads: Workloads | null,
  services: readonly string[],
  deadlineMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  if (!workloads) return null
  const { promise: tooLate, resolve } = Promise.withResolvers<null>()
  const half = AbortSignal.timeout(deadlineMs / 2)
  half.addEventListener('abort', () => resolve(null), { once: true })
  const read = workloads
    .list(services, signal)
    .then((running) => {
      const times = running.map(madeForThisDeploy)
      return times.length > 0 && times.every(Number.isFinite) ? Math.max(...times) : null
    })
    .catch(() => null)
  return Promise.race([read, tooLate])
}

/** NaN when the running revision is an older one that was used again, or there is none. */
function madeForThisDeploy({ current, previous }: Workload): number {
  const made = Date.parse(current?.createdAt ?? '')
  return previous.every(({ createdAt }) => Date.parse(createdAt) < made) ? made : Number.NaN
}

function noBaseline(p95: number, asked: readonly MetricAnswer[]): Finding {
  const partial = asked.find((answer) => answer.kind === 'partial')
  if (partial) return notANumber('p95 to compare with', partial)
  const words = `p95 is ${inMs(p95)} ms, and there is no baseline to compare it with`
  return inconclusive('no-data', words)
}

function usableBaseline(beforeDeploy: MetricAnswer, yesterday: MetricAnswer) {
  if (beforeDeploy.kind === 'value' && beforeDeploy.value > 0) {
    return { seconds: beforeDeploy.value, when: 'before the deploy' }
  }
  if (yesterday.kind === 'value' && yesterday.value > 0) {
    return { seconds: yesterday.value, when: AT_THIS_HOUR_YESTERDAY }
  }
  return null
}

function inMs(seconds: number): number {
  return Math.round(seconds * 1000)
}

function signed(percent: number): string {
  return `${percent >= 0 ? '+' : ''}${round(percent, 1)}`
}
