import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { runAssess } from '../../src/compose/commands/assess.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPrometheus, type PrometheusServer } from '../servers/prometheus.ts'
import { freshFolder } from '../servers/spawn.ts'
import { AssessmentJson } from '../support/assessment-json.ts'
import { writeNative, type NativeSample } from '../support/native-histograms.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** So many a second, of which one in ten takes long: how long, until a quarter of an hour ago and since. */
const CASES = {
  same: { perSecond: 5, before: 0.4, since: 0.4 },
  'within-a-bucket': { perSecond: 5, before: 0.388, since: 0.419 },
  'plus-25': { perSecond: 5, before: 0.4, since: 0.5 },
  'times-2.5': { perSecond: 5, before: 0.2, since: 0.5 },
  faster: { perSecond: 5, before: 0.5, since: 0.2 },
  few: { perSecond: 0.05, before: 0.2, since: 0.5 },
} as const

type Case = (typeof CASES)[keyof typeof CASES]

/** Around the same hour of yesterday, and the last hours of now. */
function past({ perSecond, before, since }: Case, nowMs: number): readonly NativeSample[] {
  const from = nowMs - 27 * HOUR
  const counted = (ms: number) => Math.round((perSecond * (ms - from)) / 1_000)
  const samples: NativeSample[] = []
  const turned = nowMs - 15 * MINUTE
  for (let atMs = nowMs - 26 * HOUR; atMs <= nowMs; atMs += MINUTE) {
    if (atMs > nowMs - 23 * HOUR && atMs < nowMs - 3 * HOUR) continue
    const slow = { until: counted(Math.min(atMs, turned)), after: counted(Math.max(atMs, turned)) }
    const all = counted(atMs)
    samples.push({
      atMs,
      durations: new Map([
        [0.01, Math.floor(0.9 * all)],
        [before, Math.ceil(0.1 * slow.until)],
        [since, Math.ceil(0.1 * (slow.after - counted(turned)))],
      ]),
    })
  }
  return samples.map(({ atMs, durations }) => {
    const together = new Map<number, number>()
    for (const [seconds, count] of durations) if (count > 0) together.set(seconds, count)
    if (before === since) together.set(before, Math.ceil(0.1 * counted(atMs)))
    return { atMs, durations: together }
  })
}

describe.skipIf(missingAllowed('prometheus'))('durations in native histograms', () => {
  let server: PrometheusServer
  let folder: string
  let writtenMs = 0
  const opened = new AsyncDisposableStack()

  beforeAll(async () => {
    server = opened.use(await startPrometheus({ native: true }))
    folder = opened.use(await freshFolder('native')).path
    writtenMs = Date.now()
    await writeNative(
      server.url,
      Object.entries(CASES).map(([name, one]) => {
        return {
          metric: 'http_request_duration_seconds',
          labels: { case: name, job: 'backend', instance: 'backend-0' },
          samples: past(one, writtenMs),
        }
      }),
    )
  }, 120_000)
  afterAll(() => opened.disposeAsync())

  async function latencyIn(name: keyof typeof CASES) {
    const file = join(folder, `${name}.yaml`)
    const prometheus = {
      match: `case="${name}"`,
      clockSkewLimitSeconds: 600,
      staleAfterSeconds: 600,
    }
    writeFileSync(
      file,
      stringify({
        environment: name,
        slack: { channels: [INCIDENTS] },
        services: [{ name: 'backend', url: 'http://127.0.0.1:1' }],
        deadlineSeconds: 20,
        prometheus,
      }),
    )
    const config = loadConfig({ file, variables: { PROMETHEUS_URL: server.url }, needs: [] })
    const { output } = await runAssess(config, { symptoms: [], json: true })
    const json = AssessmentJson.parse(JSON.parse(output))
    const of = (id: string) => json.rules.find(({ rule }) => rule === id)?.matched
    const found = json.measurements.find(({ probe }) => probe === 'latency-near-baseline')
    if (!found) throw new Error('latency is always asked for')
    const { onset } = json
    return { ...found, high: of('latency-high'), elevated: of('latency-elevated'), onset }
  }

  test('the p95 comes with the bounds of its bucket, and with how many are behind it', async () => {
    const found = await latencyIn('same')
    expect(found.summary).toMatch(
      /^p95 (39|4\d)\d? ms \(between 386 and 420 ms\), \+0 % against \d+ ms at this hour yesterday$/,
    )
    expect(found).toMatchObject({ class: 'value', verdict: 'healthy', high: false })
    expect(found.counts?.whole).toBeGreaterThan(1_300)
    expect(found.baseline).toMatchObject({ of: 'yesterday' })
    expect(found.baseline?.events).toBeGreaterThan(16_000)
  })

  test('what is slower within one bucket is no rise', async () => {
    const found = await latencyIn('within-a-bucket')
    expect(found).toMatchObject({ verdict: 'healthy', high: false, elevated: false })
    expect(Math.abs(Number(found.value))).toBeLessThan(1)
    expect(found.interval?.because).toBe('buckets')
  })

  test('where a limit is between the bounds it is not known, and below them the rule holds', async () => {
    expect(await latencyIn('plus-25')).toMatchObject({ high: false, elevated: 'unknown' })
    const found = await latencyIn('times-2.5')
    expect(found).toMatchObject({ verdict: 'degraded', high: true })
    expect(found.interval?.low).toBeGreaterThan(100)
  })

  test('since when it is slow is seen in them too', async () => {
    const { onset } = await latencyIn('times-2.5')
    expect(onset).toMatchObject({ of: 'latency', overSince: null })
    const began = writtenMs - 15 * MINUTE
    // There is a sample a minute: nothing is seen before the first one that has it.
    expect(Date.parse(onset?.after ?? '')).toBeLessThanOrEqual(began + MINUTE)
    expect(Date.parse(onset?.by ?? '') - began).toBeLessThanOrEqual(3 * MINUTE)
    expect(Date.parse(onset?.by ?? '')).toBeGreaterThanOrEqual(began)
  })

  test('what is faster is no trouble, and few say nothing', async () => {
    expect(await latencyIn('faster')).toMatchObject({ verdict: 'healthy', high: false })
    expect(await latencyIn('few')).toMatchObject({ class: 'no-traffic', high: 'unknown' })
  })
})
