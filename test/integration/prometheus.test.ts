import { describe, expect, onTestFinished, test } from 'vitest'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { prometheusMetrics } from '../../src/adapters/prometheus/metrics.ts'
import { lookAt } from '../../src/assess/look.ts'
import { startApp } from '../servers/app/start.ts'
import { missingAllowed } from '../servers/find.ts'
import { prometheusLogin, startPrometheus } from '../servers/prometheus.ts'
import { answerWith, serve } from '../support/contracts/http-server.ts'
import { metricsContract } from '../support/contracts/metrics.ts'
import { closedPort, faultOf, patience, silentServer } from '../support/contracts/outside.ts'
import { pastOf } from '../support/contracts/past.ts'
import { assessSettings } from '../support/contracts/settings.ts'

const { metrics: settings } = assessSettings

const NOTHING_ELSE = {
  cache: null,
  database: null,
  instances: null,
  flagStores: null,
  configMaps: null,
  collections: null,
  backups: null,
  workloads: null,
  deployments: null,
  containers: null,
  ledger: null,
  owners: null,
  alerts: null,
}

type Credentials = NonNullable<Parameters<typeof httpEndpoints>[0]['credentials']>

function metricsAt(url: string, credentials: Credentials = {}) {
  const endpoints = httpEndpoints({ dependency: 'prometheus', credentials })
  return prometheusMetrics({ url, endpoints })
}

async function scraped(up: boolean): Promise<string[]> {
  const services = Array.from({ length: 2 }, () =>
    serve(answerWith(up ? 200 : 503, '', 'text/plain')),
  )
  return (await Promise.all(services)).map((url) => new URL(url).host)
}

describe.skipIf(missingAllowed('prometheus'))('a real server', () => {
  metricsContract('the Prometheus adapter', {
    async start(state) {
      const now = Date.now()
      const deployedAtMs = now - 12 * 60_000
      const [backend = '', frontend = ''] = await scraped(state.up)
      const server = await startPrometheus({
        scrape: [
          { job: 'backend', targets: [backend] },
          { job: 'frontend', targets: [frontend] },
        ],
        openmetrics: pastOf(state, now, deployedAtMs),
      })
      onTestFinished(() => server.stop())
      return { metrics: metricsAt(server.url), settings, deployedAtMs, now: () => Date.now() }
    },
    refusing: async () => metricsAt(`http://127.0.0.1:${await closedPort()}`),
    silent: async () => metricsAt(`http://127.0.0.1:${(await silentServer()).port}`),
  })

  test('a ratio over no traffic is not a number, and two series are not one', async () => {
    await using app = await startApp()
    await using server = await startPrometheus({
      scrape: [
        { job: 'backend', targets: [app.target] },
        { job: 'frontend', targets: [app.target] },
      ],
    })
    const metrics = metricsAt(server.url)
    const ask = (query: string) => metrics.instant(query, { signal: patience() })
    expect(await ask('vector(0) / 0')).toEqual({ kind: 'not-a-number', text: 'NaN' })
    expect(await ask('scalar(vector(1)) / 0')).toEqual({ kind: 'not-a-number', text: '+Inf' })
    await expect
      .poll(() => ask('sum(up)'), { timeout: 30_000 })
      .toEqual({ kind: 'value', value: 2 })
    expect(await ask('up')).toMatchObject({ because: '2 series where one was expected' })
    expect(await ask('up[1m]')).toMatchObject({ kind: 'unusable' })
    expect(await ask('"text"')).toMatchObject({ kind: 'unusable' })
    expect(await ask('absent_metric')).toEqual({ kind: 'no-data' })
    // The moment is taken to the millisecond.
    const atMs = 1_773_480_413_007
    const time = await metrics.instant('time()', { atMs, signal: patience() })
    expect(time).toEqual({ kind: 'value', value: atMs / 1000 })
  })

  test.each([15, 60])('a look sees 50 requests a second, scraped every %i s', async (every) => {
    // A rate is extended to the end of its window only while the newest sample is young.
    const now = Math.floor(Date.now() / 1000) - 2
    const times = Array.from({ length: 3600 / every }, (_, n) => now - 3600 + (n + 1) * every)
    const samples = (name: string, valueAt: (time: number) => number) =>
      times.map((time) => `${name} ${valueAt(time)} ${time}`)
    const counted = (time: number) => (time - now + 4000) * 50
    const openmetrics = [
      '# TYPE http_requests counter',
      ...samples('http_requests_total{job="backend",status="200"}', counted),
      '# TYPE up gauge',
      ...['backend', 'frontend'].flatMap((job) => samples(`up{job="${job}"}`, () => 1)),
    ].join('\n')
    await using server = await startPrometheus({ openmetrics })
    const endpoints = {
      ask: async () => ({ status: 200, body: '{}', contentType: '', truncated: false }),
    }
    const metrics = metricsAt(server.url)
    const world = { ...NOTHING_ELSE, metrics, endpoints, clock: { now: Date.now } }
    const errorsWhere = async (slowestMs: number | null) => {
      const look = await lookAt(world, assessSettings, patience(), {
        readScrape: async () => slowestMs,
      })
      return look.lines.find(({ probe }) => probe === 'error-ratio-low')?.says
    }
    const seen = expect.stringMatching(/^0 % of (4[5-9]|5[0-5])(\.\d+)? requests\/s/)
    expect(await errorsWhere(every * 1000)).toEqual(seen)
    // Nothing is scraped here, so that this Prometheus lists nothing: then the settings stand.
    expect(await errorsWhere(null)).toEqual(seen)
  })

  test('the rejected query is quoted in Prometheus’s own words', async () => {
    await using server = await startPrometheus()
    const answer = await metricsAt(server.url).instant('sum(', { signal: patience() })
    expect(answer).toEqual({
      kind: 'unusable',
      because: expect.stringMatching(/^bad_data: .*parse error/),
    })
  })

  test('without the right password it is for a person to mend', async () => {
    await using server = await startPrometheus({ basicAuth: true })
    for (const credentials of [{}, { ...prometheusLogin, password: 'hunter2' }]) {
      const metrics = metricsAt(server.url, credentials)
      const signal = patience()
      const asked = [metrics.instant('time()', { signal }), metrics.targets(signal)]
      for (const fault of await Promise.all(asked.map(faultOf))) {
        expect(fault).toMatchObject({ kind: 'terminal', dependency: 'prometheus', code: '401' })
        expect(fault.detail).toContain('wrong or missing credentials')
        expect(JSON.stringify([fault, fault.message])).not.toContain('hunter2')
      }
    }
    const metrics = metricsAt(server.url, prometheusLogin)
    expect(await metrics.instant('time()', { signal: patience() })).toMatchObject({ kind: 'value' })
    expect(await metrics.targets(patience())).toEqual([])
  })
})
