import { describe, expect, test } from 'vitest'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { prometheusMetrics } from '../../src/adapters/prometheus/metrics.ts'
import { answerWith, serve } from '../support/contracts/http-server.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'

const atMs = 1_773_480_413_000
const seconds = atMs / 1000

const metricsAt = (url: string) =>
  prometheusMetrics({
    url,
    endpoints: httpEndpoints({ dependency: 'prometheus' }),
    now: () => atMs,
  })

const success = (data: unknown, more = {}) => JSON.stringify({ status: 'success', data, ...more })
const vector = (...values: string[]) => ({
  resultType: 'vector',
  result: values.map((value, index) => ({ metric: { job: `${index}` }, value: [seconds, value] })),
})
const scalar = (value: string, time = seconds) => ({ resultType: 'scalar', result: [time, value] })
const failure = (errorType: string, error: string) =>
  JSON.stringify({ status: 'error', errorType, error })

async function answered(status: number, body: string, contentType?: string) {
  const url = await serve(answerWith(status, body, contentType))
  return metricsAt(url).instant('up', { signal: patience() })
}

async function refused(status: number, body: string, contentType?: string) {
  const url = await serve(answerWith(status, body, contentType))
  return faultOf(metricsAt(url).instant('up', { signal: patience() }))
}

describe('several series', () => {
  async function labelled(body: string) {
    const url = await serve(answerWith(200, body))
    return metricsAt(url).labelled('up', { signal: patience() })
  }

  test('are each a number with its labels, and NaN is not zero', async () => {
    expect(await labelled(success(vector('1', 'NaN')))).toEqual({
      kind: 'series',
      series: [
        { labels: { job: '0' }, value: 1 },
        { labels: { job: '1' }, value: Number.NaN },
      ],
    })
    expect(await labelled(success(vector()))).toEqual({ kind: 'series', series: [] })
  })

  test('of which some are missing are partial, and a scalar is none', async () => {
    const warnings = ['one store is down']
    expect(await labelled(success(vector('1'), { warnings }))).toMatchObject({ kind: 'partial' })
    expect(await labelled(success(scalar('1')))).toMatchObject({ kind: 'unusable' })
    expect(await labelled('<html>')).toMatchObject({ kind: 'unusable' })
  })
})

describe('one number', () => {
  test('of one series, or of a scalar', async () => {
    expect(await answered(200, success(vector('0.25')))).toEqual({ kind: 'value', value: 0.25 })
    expect(await answered(200, success(scalar('1e3')))).toEqual({ kind: 'value', value: 1000 })
  })

  test.each(['NaN', '+Inf', '-Inf', '', 'many'])('"%s" is not a number', async (text) => {
    expect(await answered(200, success(vector(text)))).toEqual({ kind: 'not-a-number', text })
  })

  test('an empty vector is no data', async () => {
    expect(await answered(200, success(vector()))).toEqual({ kind: 'no-data' })
  })

  test('infos are notes on a number that is whole', async () => {
    const infos = ['PromQL info: metric might not be a counter']
    const body = success(vector('1'), { infos, warnings: [], isPartial: false })
    expect(await answered(200, body)).toEqual({ kind: 'value', value: 1, notes: infos })
    expect(await answered(200, success(vector(), { infos }))).toEqual({ kind: 'no-data' })
  })

  test.each([vector('0.5'), vector(), scalar('0')])(
    'that lacks a storage node of VictoriaMetrics is partial',
    async (data) => {
      const body = success(data, { isPartial: true, stats: { seriesFetched: '3' } })
      const because = 'it says that a part of the data is missing (isPartial)'
      expect(await answered(200, body)).toEqual({ kind: 'partial', because })
    },
  )

  test('that nobody remarks on may say so with null', async () => {
    const body = success(vector('1'), { warnings: null, infos: null, isPartial: null })
    expect(await answered(200, body)).toEqual({ kind: 'value', value: 1 })
  })

  test.each([vector('1'), vector()])('with warnings the answer is partial', async (data) => {
    const body = success(data, { warnings: ['one store did not answer', 'nor did another'] })
    const because = 'one store did not answer; nor did another'
    expect(await answered(200, body)).toEqual({ kind: 'partial', because })
  })
})

describe('an answer that cannot be used says what it is', () => {
  const tooLate = scalar('1', seconds - 301)
  test.each([
    ['two series', 200, success(vector('1', '2')), '2 series where one was expected'],
    ['a range', 200, success({ resultType: 'matrix', result: [] }), 'a matrix'],
    ['a text', 200, success({ resultType: 'string', result: [1, 'a'] }), 'a string'],
    ['an old moment', 200, success(tooLate), 'a moment 5 min away from the one asked about'],
    ['a query it rejects', 400, failure('bad_data', '1:5: parse error'), 'bad_data: 1:5: parse'],
    ['a query it cannot run', 422, failure('execution', 'many-to-many'), 'execution: many-to-many'],
    ['other JSON', 200, '{"status":"ok"}', 'JSON that is not of Prometheus'],
    ['no such page', 404, '{"error":"?"}', 'HTTP 404: is this its address?'],
  ])('%s', async (_what, status, body, because) => {
    expect(await answered(status, body)).toEqual({
      kind: 'unusable',
      because: expect.stringContaining(because),
    })
  })

  test('a page of HTML with status 200', async () => {
    expect(await answered(200, '<html>Log in</html>', 'text/html; charset=utf-8')).toEqual({
      kind: 'unusable',
      because: 'answered with text/html, not with Prometheus JSON',
    })
  })

  test('a redirect to a login page', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: 'https://login.invalid/' }).end()
    })
    const answer = await metricsAt(url).instant('up', { signal: patience() })
    expect(answer).toMatchObject({
      kind: 'unusable',
      because: expect.stringContaining('redirects'),
    })
  })

  test('twenty megabytes, of which no more than four are read', async () => {
    const series = JSON.stringify(success(vector('1')))
    const body = `${series}${' '.repeat(20 * 1024 * 1024)}`
    expect(await answered(200, body)).toEqual({
      kind: 'unusable',
      because: 'answered with more than can be read',
    })
  })

  test("a secret in Prometheus's own words is taken out", async () => {
    const words = 'remote read http://bo:hunter2@store:9090/ failed'
    const answer = await answered(422, failure('execution', words))
    expect(JSON.stringify(answer)).not.toContain('hunter2')
  })
})

describe('a question that was not served is a fault', () => {
  test.each([
    [503, failure('timeout', 'query timed out'), 'Prometheus answered 503: timeout: query timed'],
    [503, 'Service Unavailable', 'Prometheus answered 503'],
    [502, '<html>Bad Gateway</html>', 'Prometheus answered 502'],
    [500, failure('internal', 'TSDB closed'), 'Prometheus answered 500: internal: TSDB closed'],
    [429, 'slow down', 'Prometheus answered 429'],
  ])('%d may be asked again', async (status, body, detail) => {
    const fault = await refused(status, body, 'text/plain')
    expect(fault).toMatchObject({ kind: 'retryable', dependency: 'prometheus', code: `${status}` })
    expect(fault.detail).toContain(detail)
  })

  test.each([401, 403])('%d is for a person to mend', async (status) => {
    const fault = await refused(status, 'Unauthorized', 'text/plain')
    expect(fault).toMatchObject({ kind: 'terminal', code: `${status}` })
    expect(fault.detail).toContain('wrong or missing credentials')
  })
})

const heardBy = async (ask: (url: string) => Promise<unknown>) => {
  const heard: string[] = []
  const url = await serve((request, response) => {
    let form = ''
    request.on('data', (chunk: Buffer) => (form += chunk.toString()))
    request.on('end', () => {
      heard.push(`${request.method} ${request.url} ${form}`)
      const targets = { activeTargets: [] }
      const data = request.url?.includes('targets') ? targets : vector('1')
      response.setHeader('content-type', 'application/json').end(success(data))
    })
  })
  await ask(url)
  return heard
}

describe('what it asks', () => {
  test('the moment is sent when one is asked about, and a time limit always', async () => {
    const heard = await heardBy(async (url) => {
      await metricsAt(`${url}/prefix/`).instant('up', { signal: patience() })
      await metricsAt(url).instant('up', { atMs: atMs + 5, signal: patience() })
    })
    expect(heard).toEqual([
      'POST /prefix/api/v1/query query=up&timeout=10s',
      'POST /api/v1/query query=up&timeout=10s&time=1773480413.005',
    ])
  })

  test('only active targets are listed', async () => {
    const heard = await heardBy((url) => metricsAt(url).targets(patience()))
    expect(heard).toEqual(['GET /api/v1/targets?state=active '])
  })
})

test('a server of many tenants that hears of none asks for it', async () => {
  const fault = await refused(401, 'no org id\n', 'text/plain')
  expect(fault).toMatchObject({ kind: 'terminal', code: '401' })
  expect(fault.detail).toContain('set X-Scope-OrgID in prometheus.headers')
})

describe('targets', () => {
  const target = { health: 'up', lastError: '', labels: { job: 'a', instance: 'a:1' } }

  test('a health nobody knows is unknown', async () => {
    const body = success({ activeTargets: [target, { ...target, health: 'unsure' }] })
    const listed = await metricsAt(await serve(answerWith(200, body))).targets(patience())
    expect(listed.map(({ health }) => health)).toEqual(['up', 'unknown'])
  })

  test.each([
    ['15s', 15_000],
    ['1m0s', 60_000],
    ['1m30s', 90_000],
    ['0s', null],
    ['', null],
    ['often', null],
  ])('scraped every %j: %j ms', async (scrapeInterval, scrapeIntervalMs) => {
    const body = success({ activeTargets: [{ ...target, scrapeInterval }, target] })
    const listed = await metricsAt(await serve(answerWith(200, body))).targets(patience())
    expect(listed.map((one) => one.scrapeIntervalMs)).toEqual([scrapeIntervalMs, null])
  })

  test('an answer that is no list is a fault, never an empty list', async () => {
    const url = await serve(answerWith(200, '<html>', 'text/html'))
    const fault = await faultOf(metricsAt(url).targets(patience()))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'prometheus' })
    expect(fault.detail).toContain('text/html')
  })
})

describe('a range', () => {
  const over = { fromMs: atMs - 3_600_000, toMs: atMs + 5, stepSeconds: 15 }
  const rangeOf = async (status: number, body: string) =>
    metricsAt(await serve(answerWith(status, body))).range('up', { ...over, signal: patience() })
  const series = (job: string) => ({ metric: { job }, values: [[seconds, '1']] })

  test('is asked with both ends, a step and a time limit', async () => {
    const heard = await heardBy(async (url) => {
      await metricsAt(url)
        .range('up', { ...over, signal: patience() })
        .catch(() => undefined)
    })
    expect(heard).toEqual([
      'POST /api/v1/query_range query=up&start=1773476813.000&end=1773480413.005&step=15&timeout=10s',
    ])
  })

  test.each([
    ['no series', []],
    ['one', [series('a')]],
    ['several', [series('a'), series('b'), series(']}}')]],
  ])('of %s is handed on as it is, a line for each', async (_what, result) => {
    const more = { warnings: ['one store did not answer'], infos: ['an info'] }
    const body = { status: 'success', data: { resultType: 'matrix', result }, ...more }
    const text = await rangeOf(200, JSON.stringify(body))
    expect(JSON.parse(text)).toEqual(body)
    expect(text.trimEnd().split('\n')).toHaveLength(1 + result.length)
  })

  test.each([
    ['a vector', 200, success(vector('1')), 'JSON that is not of Prometheus'],
    ['a rejected query', 400, failure('bad_data', '1:5: parse error'), 'bad_data: 1:5: parse'],
    ['too many points', 400, failure('bad_data', 'exceeded 11,000 points'), 'exceeded 11,000'],
    ['a page', 200, '<html>', 'not with Prometheus JSON'],
    ['twenty megabytes', 200, ' '.repeat(20 * 1024 * 1024), 'more than can be read'],
  ])('%s is a fault that says so', async (_what, status, body, detail) => {
    const fault = await faultOf(rangeOf(status, body))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'prometheus' })
    expect(fault.detail).toContain(detail)
  })
})
