import { durationMs } from '../../domain/assessment/duration.ts'
import { redact } from '../../domain/text/redact.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { labelledOf, metricOf, readOrThrow } from './answer.ts'
import { RangeAnswer, TargetsAnswer } from './schema.ts'

const maxQueryBytes = 4 * 1024 * 1024
/** An hour of a hundred series, at a point every 15 s, is about a megabyte. */
const maxRangeBytes = 4 * 1024 * 1024
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

  const ask: (...asked: Parameters<Metrics['instant']>) => ReturnType<Endpoints['ask']> = async (
    query,
    { atMs, signal },
  ) => {
    const form = {
      query,
      timeout: serverTimeout,
      ...(atMs === undefined ? {} : { time: (atMs / 1000).toFixed(3) }),
    }
    return endpoints.ask({ url: `${base}/api/v1/query`, form, signal, maxBytes: maxQueryBytes })
  }

  return {
    takesSeveral: true,

    async instant(query, asked) {
      return metricOf(await ask(query, asked), asked.atMs ?? now())
    },

    async labelled(query, asked) {
      return labelledOf(await ask(query, asked), asked.atMs ?? now())
    },

    async targets(signal) {
      const url = `${base}/api/v1/targets?state=active`
      const answer = await endpoints.ask({ url, signal, maxBytes: maxTargetsBytes })
      return readOrThrow(TargetsAnswer, answer).data.activeTargets.map(
        ({ labels, health, lastError, scrapeInterval }) => {
          return {
            job: labels.job,
            instance: labels.instance,
            health,
            lastError: redact(lastError),
            scrapeIntervalMs: durationMs(scrapeInterval) || null,
          }
        },
      )
    },

    async range(query, { fromMs, toMs, stepSeconds, signal }) {
      const form = {
        query,
        start: (fromMs / 1000).toFixed(3),
        end: (toMs / 1000).toFixed(3),
        step: String(stepSeconds),
        timeout: serverTimeout,
      }
      const url = `${base}/api/v1/query_range`
      const answer = await endpoints.ask({ url, form, signal, maxBytes: maxRangeBytes })
      return linesOf(readOrThrow(RangeAnswer, answer))
    },
  }
}

/** A line for each series: to be searched with any tool, and never a line of megabytes. */
function linesOf({ data: { result, ...data }, ...rest }: RangeAnswer): string {
  const end = ']}}'
  const outline = JSON.stringify({ ...rest, data: { ...data, result: [] } })
  const series = result.map((one) => `\n${JSON.stringify(one)}`)
  return `${outline.slice(0, -end.length)}${series.join(',')}${end}\n`
}
