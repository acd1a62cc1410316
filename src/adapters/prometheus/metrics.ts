import { Fault } from '../../domain/fault.ts'
import { redact } from '../../domain/redact.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { dependency, metricOf, readAnswer } from './answer.ts'
import { TargetsAnswer } from './schema.ts'

const maxQueryBytes = 4 * 1024 * 1024
/** A thousand targets are about a megabyte. */
const maxTargetsBytes = 16 * 1024 * 1024
/** Ends the query at the server, should it not notice that we went away. */
const serverTimeout = '10s'

/**
 * Prometheus by its HTTP API, asked through `endpoints`, which hold the credentials. `now` is only
 * compared with the moment that was answered for.
 */
export function prometheusMetrics(options: {
  readonly url: string
  readonly endpoints: Endpoints
  readonly now?: () => number
}): Metrics {
  const { endpoints, now = Date.now } = options
  const base = options.url.replace(/\/+$/, '')

  return {
    async instant(query, { atMs, signal }) {
      const form = {
        query,
        timeout: serverTimeout,
        ...(atMs === undefined ? {} : { time: (atMs / 1000).toFixed(3) }),
      }
      const url = `${base}/api/v1/query`
      const answer = await endpoints.ask({ url, form, signal, maxBytes: maxQueryBytes })
      return metricOf(answer, atMs ?? now())
    },

    async targets(signal) {
      const url = `${base}/api/v1/targets?state=active`
      const answer = await endpoints.ask({ url, signal, maxBytes: maxTargetsBytes })
      const read = readAnswer(TargetsAnswer, answer)
      if (read.kind === 'unusable') {
        throw new Fault({ kind: 'terminal', dependency, detail: read.because })
      }
      return read.data.data.activeTargets.map(({ labels, health, lastError }) => {
        return { job: labels.job, instance: labels.instance, health, lastError: redact(lastError) }
      })
    },
  }
}
