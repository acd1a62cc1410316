import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { all, outcomeOf, type Outcome } from '../../../src/assess/verification/outcome.ts'
import { verifyItems } from '../../../src/assess/verification/verify.ts'
import { MeasurementClass } from '../../../src/domain/assessment/measurement.ts'
import { Verdict } from '../../../src/domain/assessment/verdict.ts'
import { configuredItems, VerificationSettings } from '../../../src/domain/verification/settings.ts'
import type { EndpointAnswer, EndpointQuestion } from '../../../src/ports/endpoints.ts'
import type { MetricAnswer } from '../../../src/ports/metrics.ts'
import type { World } from '../../../src/ports/world.ts'
import type { Production } from '../../../src/sandbox/production.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { atMs } from '../../support/builders.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { verifiedOne } from '../../support/verifying.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

/** Production once a rollback has cured it, and then with these changes. */
function curedWorld(changes: Partial<Production> = {}): World {
  const clock = { now: () => atMs }
  const sandbox = sandboxWorld({
    scenario: 'errors-62',
    clock,
    settings: assessSettings,
    slowestMs: 0,
  })
  sandbox.change({ version: 'v1.9.0', previousVersion: 'v1.8.0', errorPercent: 0, ...changes })
  return sandbox.world
}

/** The same, whose services answer so; and what they were asked. */
function answering(answer: Partial<EndpointAnswer> | Fault, changes: Partial<Production> = {}) {
  const asked: EndpointQuestion[] = []
  const world: World = {
    ...curedWorld(changes),
    endpoints: {
      async ask(question) {
        asked.push(question)
        if (answer instanceof Fault) throw answer
        const usual = { status: 200, body: '', contentType: 'application/json', truncated: false }
        return { ...usual, ...answer }
      },
    },
  }
  return { world, asked }
}

const fault = (code: string, detail: string) =>
  new Fault({ kind: 'retryable', dependency: 'service', detail, code })

describe('the twelve, as they ship', () => {
  const items = configuredItems(VerificationSettings.parse({}))

  test('are the runbook’s, in its order and words', () => {
    expect(items.map(({ title }) => title)).toEqual([
      'All services are running',
      'Health checks passing',
      'No 5xx errors in last 5 minutes',
      'Users can log in',
      'Data is accessible',
      'Search functionality works',
      'File uploads work',
      'Cache is functioning',
      'Database queries are normal',
      'No security alerts',
      'Monitoring is active',
      'Logs are being collected',
    ])
  })

  const verified = async (world: World) => {
    const plan = { items, deadlineMs: 1_000 }
    const measured = items.filter(({ by }) => by === 'backout').map(({ id }) => id)
    const over = { world, settings: assessSettings, plan, newId: () => 'check-1' }
    return verifyItems({ ids: measured, changedAt: null }, over, new AbortController().signal)
  }

  test('eight are measured, and all of them are well where production is', async () => {
    const results = await verified(curedWorld())
    expect(results.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
    expect(results).toHaveLength(8)
  })

  test('where nothing is configured nothing passes, and each says what it lacks', async () => {
    const world = curedWorld()
    const bare = { metrics: null, cache: null, database: null, workloads: null, alerts: null }
    const settings = { ...assessSettings, services: [], deployed: null }
    const plan = { items, deadlineMs: 1_000 }
    const results = await verifyItems(
      { ids: items.map(({ id }) => id), changedAt: null },
      { world: { ...world, ...bare }, settings, plan, newId: () => 'check-1' },
      new AbortController().signal,
    )
    expect(results.map(({ verdict }) => verdict)).toEqual(Array(12).fill('not-measured'))
    for (const { says } of results) expect(says).toMatch(/not configured|a person looks|no service/)
  })
})

describe('what ships is measured', () => {
  test.each<[string, unknown, Partial<Production>, 'passed' | 'failed' | 'not-measured', RegExp]>([
    ['pods', { kind: 'workloads' }, {}, 'passed', /backend 3 of 3 ready/],
    ['pods that crash', { kind: 'workloads' }, { crashLooping: true }, 'failed', /of 3 ready/],
    [
      'pods that cannot be asked for',
      { kind: 'workloads' },
      { kubernetes: 'refusing' },
      'not-measured',
      /connection refused/,
    ],
    ['health', { kind: 'health' }, {}, 'passed', /backend: HTTP 200; frontend: HTTP 200/],
    ['health that nobody serves', { kind: 'health' }, { crashLooping: true }, 'failed', /HTTP 503/],
    [
      'health that never answers',
      { kind: 'health' },
      { services: 'silent' },
      'not-measured',
      /no answer within 5 s|did not answer/,
    ],
    ['no 5xx', { kind: 'server-errors' }, {}, 'passed', /^0 5xx\/s of 4\d/],
    [
      '5xx',
      { kind: 'server-errors' },
      { errorPercent: 1 },
      'failed',
      /5xx\/s of .*; expected at most 0\/s/,
    ],
    [
      'few enough 5xx',
      { kind: 'server-errors', maxPerSecond: 1 },
      { errorPercent: 1 },
      'passed',
      /5xx/,
    ],
    [
      'no traffic',
      { kind: 'server-errors' },
      { requestsPerSecond: 0 },
      'not-measured',
      /only 0 requests/,
    ],
    [
      'traffic that is gone',
      { kind: 'server-errors' },
      { requestsPerSecond: null },
      'not-measured',
      /no data/,
    ],
    ['old numbers', { kind: 'server-errors' }, { sampleAgeSeconds: 540 }, 'not-measured', /fresh/],
    [
      'metrics that are away',
      { kind: 'server-errors' },
      { prometheus: 'refusing' },
      'not-measured',
      /refused/,
    ],
    ['the cache', { kind: 'cache' }, {}, 'passed', /answers in/],
    ['a cache that is down', { kind: 'cache' }, { redis: 'refusing' }, 'not-measured', /refused/],
    ['a key of it', { kind: 'cache', key: 'cache:user:1' }, {}, 'passed', /user:1 is there/],
    ['a key that is gone', { kind: 'cache', key: 'cache:no' }, {}, 'failed', /is not there/],
    ['the database', { kind: 'database' }, {}, 'passed', /37 of 51200 connections in use, 0.1 %/],
    [
      'a full one',
      { kind: 'database' },
      { connections: { current: 90, available: 10 } },
      'failed',
      /90 %; expected at most 80 %/,
    ],
    [
      'one without a primary',
      { kind: 'database' },
      { writablePrimary: false },
      'failed',
      /primary/,
    ],
    [
      'one that does not tell',
      { kind: 'database' },
      { connections: null },
      'not-measured',
      /not reported/,
    ],
    ['a slow one', { kind: 'database', maxPingMs: 0.1 }, {}, 'failed', /a ping takes/],
    ['monitoring', { kind: 'monitoring' }, {}, 'passed', /2 of 2 up; newest sample/],
    [
      'monitoring that is stale',
      { kind: 'monitoring' },
      { sampleAgeSeconds: 540 },
      'not-measured',
      /old/,
    ],
    [
      'monitoring that sees a service down',
      { kind: 'monitoring' },
      { crashLooping: true },
      'failed',
      /of 2 up/,
    ],
    ['logs', { kind: 'logs' }, {}, 'passed', /backend: wrote within 2 min; frontend: wrote/],
    [
      'logs that cannot be read',
      { kind: 'logs' },
      { kubernetes: 'refusing' },
      'not-measured',
      /refused/,
    ],
    ['no security alert', { kind: 'alerts' }, {}, 'passed', /none is open/],
    [
      'a security alert',
      { kind: 'alerts' },
      { alerts: [{ labels: { alertname: 'RootLogin', category: 'security' }, summary: null }] },
      'failed',
      /1 open with category="security": RootLogin; expected none/,
    ],
    [
      'alerts that are away',
      { kind: 'alerts' },
      { alertmanager: 'refusing' },
      'not-measured',
      /refused/,
    ],
    [
      'a heartbeat that is there',
      { kind: 'alerts', heartbeat: ['alertname="Watchdog"'] },
      {},
      'passed',
      /none/,
    ],
    [
      'a heartbeat that is not',
      { kind: 'alerts', heartbeat: ['alertname="Beat"'] },
      {},
      'not-measured',
      /does not fire/,
    ],
    [
      'few error lines',
      { kind: 'error-lines', usuallyPerMinute: 1 },
      {},
      'passed',
      /^0 error lines a minute/,
    ],
    [
      'many',
      { kind: 'error-lines', usuallyPerMinute: 0 },
      { errorPercent: 62 },
      'failed',
      /expected at most 0, usually 0/,
    ],
  ])('%s: %j', async (_what, check, changes, verdict, says) => {
    const result = await inVirtualTime(() =>
      verifiedOne(curedWorld(changes), check, { deadlineMs: 5_000 }),
    )
    expect(result).toMatchObject({ verdict, says: expect.stringMatching(says) })
  })

  test('a shorter window of the settings is stretched over five minutes', async () => {
    const asked: string[] = []
    const world = curedWorld()
    const metrics: World['metrics'] = {
      ...world.metrics!,
      async instant(query) {
        asked.push(query)
        return { kind: 'value', value: query.includes('5..') ? 0 : 5 }
      },
    }
    const errors = 'sum(rate(http_requests_total{status=~"5.."}[1m]))'
    const shorter = { settings: { metrics: { ...assessSettings.metrics, errors } } }
    await verifiedOne({ ...world, metrics }, { kind: 'server-errors' }, shorter)
    expect(asked).toContain(`max_over_time((${errors})[240s:15s])`)
  })

  const before = { changedAt: new Date(atMs - 60_000).toISOString() }
  const long = { changedAt: new Date(atMs - 326_000).toISOString() }
  const bad = { errorPercent: 1 }
  test.each<[string, unknown, object, 'failed' | 'not-measured' | 'passed', RegExp]>([
    [
      '5xx within five minutes',
      { kind: 'server-errors' },
      before,
      'not-measured',
      /^0\.4\d+ 5xx\/s .*, which holds the time before the change; it speaks of now from 03:16:\d\d UTC$/,
    ],
    ['5xx after them', { kind: 'server-errors' }, long, 'failed', /expected at most 0/],
    ['none of them', { kind: 'server-errors', maxPerSecond: 5 }, before, 'passed', /5xx/],
    [
      'a query with a window',
      { kind: 'query', query: assessSettings.metrics.errors, max: 0.1 },
      before,
      'not-measured',
      /holds the time before/,
    ],
    [
      'the same later',
      { kind: 'query', query: assessSettings.metrics.errors, max: 0.1 },
      long,
      'failed',
      /expected at most 0\.1/,
    ],
  ])(
    'a number over a time that began before the rollback ended is no failure: %s',
    async (_what, check, when, verdict, says) => {
      const result = await verifiedOne(curedWorld(bad), check, when)
      expect(result).toMatchObject({ verdict, says: expect.stringMatching(says) })
    },
  )

  test('a service that has written nothing may be quiet: a person looks, and it does not fail', async () => {
    const world = curedWorld()
    const workloads: World['workloads'] = {
      ...world.workloads!,
      logs: async (service) =>
        service === 'backend'
          ? [{ source: 'backend-1/backend', lines: ['a line'] }]
          : [{ source: 'frontend-1/frontend', lines: [] }],
    }
    expect(await verifiedOne({ ...world, workloads }, { kind: 'logs' })).toMatchObject({
      verdict: 'not-measured',
      says: 'frontend: no line within 2 min, it may be quiet',
    })
  })

  test('a log that cannot be had is no line of it', async () => {
    const world = curedWorld()
    const lines = ['[no log: not readable: driver none]']
    const workloads: World['workloads'] = {
      ...world.workloads!,
      logs: async () => [{ source: 'one', lines, isNote: true }],
    }
    for (const check of [{ kind: 'logs' }, { kind: 'error-lines', usuallyPerMinute: 5 }]) {
      expect(await verifiedOne({ ...world, workloads }, check)).toMatchObject({
        verdict: 'not-measured',
        says: expect.stringContaining('not readable: driver none'),
      })
    }
  })
})

describe('a query', () => {
  const asked = { kind: 'query', query: 'up', max: 10, min: 1, unit: 'ms' } as const
  test.each<[MetricAnswer | Fault, 'passed' | 'failed' | 'not-measured', string]>([
    [{ kind: 'value', value: 5 }, 'passed', '5 ms'],
    [{ kind: 'value', value: 11 }, 'failed', '11 ms; expected at most 10 ms'],
    [{ kind: 'value', value: 0.5 }, 'failed', '0.5 ms; expected at least 1 ms'],
    [{ kind: 'no-data' }, 'not-measured', 'Prometheus has no data for this query'],
    [{ kind: 'not-a-number', text: 'NaN' }, 'not-measured', 'this query is NaN'],
    [{ kind: 'partial', because: 'a store is away' }, 'not-measured', 'a store is away'],
    [{ kind: 'unusable', because: 'two series' }, 'not-measured', 'two series'],
    [fault('ETIMEDOUT', 'did not answer in time'), 'not-measured', 'did not answer in time'],
  ])('%j is %s', async (answer, verdict, says) => {
    const world = curedWorld()
    const { metrics } = world
    const instant: NonNullable<World['metrics']>['instant'] = async (query, options) => {
      if (query !== 'up') return metrics!.instant(query, options)
      if (answer instanceof Fault) throw answer
      return answer
    }
    const result = await verifiedOne({ ...world, metrics: { ...metrics!, instant } }, asked)
    expect(result).toMatchObject({ verdict, says: expect.stringContaining(says) })
  })

  test('old numbers do not pass', async () => {
    const query = 'sum(active_users)'
    const old = curedWorld({
      sampleAgeSeconds: 540,
      answers: { [query]: { kind: 'value', value: 5 } },
    })
    expect(await verifiedOne(old, { kind: 'query', query, max: 10 })).toMatchObject({
      verdict: 'not-measured',
      says: expect.stringContaining('not known to be fresh'),
    })
  })
})

describe('a request', () => {
  const http = { kind: 'http', service: 'backend', path: '/api/documents' } as const
  const body = JSON.stringify({
    documents: [{ id: 'd1' }],
    state: 'open',
    secret: 'tr0ub4dor-and-3',
  })
  test.each<
    [string, object, Partial<EndpointAnswer> | Fault, 'passed' | 'failed' | 'not-measured', RegExp]
  >([
    ['any 2xx', {}, { status: 204 }, 'passed', /^GET \/api\/documents: HTTP 204 in 0 ms$/],
    ['another status', {}, { status: 500 }, 'failed', /HTTP 500; expected any 2xx/],
    ['a status of the list', { status: [401] }, { status: 401 }, 'passed', /HTTP 401/],
    ['one that is not in it', { status: [401] }, { status: 200 }, 'failed', /expected 401/],
    [
      'a value',
      { json: [{ path: '$.state', equals: 'open' }] },
      { body },
      'passed',
      /\$\.state is "open"/,
    ],
    [
      'another value',
      { json: [{ path: '$.state', equals: 'shut' }] },
      { body },
      'failed',
      /\$\.state is "open"; expected "shut"/,
    ],
    [
      'a secret value',
      { json: [{ path: '$.secret', equals: 'other-s3cret-9' }] },
      { body },
      'failed',
      /\$\.secret is a text; expected another one$/,
    ],
    [
      'a secret value that is right',
      { json: [{ path: '$.secret', equals: 'tr0ub4dor-and-3' }] },
      { body },
      'passed',
      /\$\.secret is the expected text$/,
    ],
    [
      'a list that is long enough',
      { json: [{ path: '$.documents', atLeast: 1 }] },
      { body },
      'passed',
      /a list of 1/,
    ],
    [
      'one that is not',
      { json: [{ path: '$.documents', atLeast: 2 }] },
      { body },
      'failed',
      /expected at least 2/,
    ],
    ['what is there', { json: [{ path: '$.documents[0].id' }] }, { body }, 'passed', /documents/],
    ['what is absent', { json: [{ path: '$.documents[1].id' }] }, { body }, 'failed', /is absent/],
    [
      'what only every object has',
      { json: [{ path: '$.constructor' }] },
      { body },
      'failed',
      /is absent/,
    ],
    ['no JSON', { json: [{ path: '$.a' }] }, { body: '<html>' }, 'failed', /is no JSON/],
    [
      'JSON that was cut',
      { json: [{ path: '$.a' }] },
      { body: '{"a', truncated: true },
      'not-measured',
      /too long/,
    ],
    ['a text', { contains: ['d1'] }, { body }, 'passed', /HTTP 200/],
    ['its type', { contentType: 'application/json' }, { body }, 'passed', /HTTP 200/],
    ['another type', { contentType: 'text/html' }, { body }, 'failed', /expected text\/html/],
    ['no such text', { contains: ['d1', 'd2'] }, { body }, 'failed', /text 2 of contains/],
    [
      'a text in what was cut',
      { contains: ['d2'] },
      { body, truncated: true },
      'not-measured',
      /too long/,
    ],
    [
      'nobody listens',
      {},
      fault('ECONNREFUSED', 'connection refused at b:1'),
      'failed',
      /refused; expected an answer/,
    ],
    ['no name', {}, fault('ENOTFOUND', 'name not found at b'), 'not-measured', /name not found/],
  ])('%s', async (_what, expect_, answer, verdict, says) => {
    const { world } = answering(answer)
    const result = await verifiedOne(world, { ...http, expect: expect_ })
    expect(result).toMatchObject({ verdict, says: expect.stringMatching(says) })
    expect(result.says).not.toContain('tr0ub4dor')
  })

  test('slower than it may be is not well, also when no answer comes at all', async () => {
    const slow = { ...curedWorld(), clock: { now: slowClock(900) } }
    const within = { expect: { withinMs: 500 } }
    expect(await verifiedOne(answeringSlowly(slow), { ...http, ...within })).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('expected at most 500 ms'),
    })
    const never = curedWorld({ services: 'silent' })
    const hasty = { ...http, path: '/health', expect: { withinMs: 50 } }
    expect(await verifiedOne(never, hasty)).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('no answer within 50 ms'),
    })
  })

  test('its credentials go where it goes, are none of the services’, and are never told', async () => {
    const { world, asked } = answering({ status: 403 })
    const headers = { Authorization: 'Bearer s3cr3t-of-the-check' }
    const url = 'https://elsewhere.test/find?key=s3cr3t-key'
    const result = await verifiedOne(world, { kind: 'http', url, headers })
    expect(asked).toMatchObject([{ url, method: 'GET', headers }])
    expect(result.says).toBe('GET /find: HTTP 403; expected any 2xx')
  })

  test('an item that was in the settings when it was asked for, and is not any more, is for people', async () => {
    const plan = { items: [], deadlineMs: 1_000 }
    const over = { world: curedWorld(), settings: assessSettings, plan, newId: () => 'x' }
    const [result] = await verifyItems(
      { ids: ['gone'], changedAt: null },
      over,
      new AbortController().signal,
    )
    expect(result).toMatchObject({
      verdict: 'not-measured',
      says: expect.stringContaining('not in the settings any more'),
    })
  })
})

describe('all items', () => {
  test('are asked at once, and one that never answers holds up none of them (J9)', async () => {
    const items = configuredItems(
      VerificationSettings.parse({
        items: { searchWorks: { kind: 'http', url: 'http://backend.test/health' } },
      }),
    )
    const world = curedWorld({ kubernetes: 'silent', alertmanager: 'silent' })
    const plan = { items, deadlineMs: 100 }
    const over = { world, settings: assessSettings, plan, newId: () => 'x' }
    const results = await inVirtualTime(() =>
      verifyItems(
        { ids: items.map(({ id }) => id), changedAt: null },
        over,
        new AbortController().signal,
      ),
    )
    const verdict = (id: string) => results.find(({ item }) => item === id)?.verdict
    expect(verdict('services-running')).toBe('not-measured')
    expect(verdict('no-security-alerts')).toBe('not-measured')
    expect(verdict('search-works')).toBe('passed')
  })

  test('what ignores its signal is given up', async () => {
    const world: World = { ...curedWorld(), cache: deaf(curedWorld().cache) }
    expect(await verifiedOne(world, { kind: 'cache' }, { deadlineMs: 50 })).toMatchObject({
      verdict: 'not-measured',
      says: 'no answer within 0.05 s',
    })
  })
})

describe('nothing that was not measured passes (J10)', () => {
  const outcome: fc.Arbitrary<Outcome> = fc.record({
    verdict: fc.constantFrom('passed' as const, 'failed' as const, 'not-measured' as const),
    says: fc.string(),
  })

  test('of one finding, whatever its class and verdict', () => {
    const finding = fc.record({
      class: fc.constantFrom(...MeasurementClass.options),
      verdict: fc.constantFrom(...Verdict.options),
      value: fc.option(fc.double()),
      summary: fc.string(),
    })
    fc.assert(
      fc.property(finding, (found) => {
        const isGood = found.class === 'value' && found.verdict === 'healthy'
        expect(outcomeOf(found).verdict === 'passed').toBe(isGood)
        if (found.class !== 'value') expect(outcomeOf(found).verdict).toBe('not-measured')
      }),
    )
  })

  test('of several', () => {
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const parts = outcomes.map((one) => ({ name: null, outcome: one }))
        const { verdict } = all(parts, 'nothing')
        const isGood = outcomes.length > 0 && outcomes.every((one) => one.verdict === 'passed')
        expect(verdict === 'passed').toBe(isGood)
      }),
    )
  })
})

/** Each time it is asked, so much later. */
function slowClock(stepMs: number): () => number {
  let nowMs = atMs
  return () => (nowMs += stepMs)
}

function answeringSlowly(world: World): World {
  const answer = { status: 200, body: '', contentType: '', truncated: false }
  return { ...world, endpoints: { ask: async () => answer } }
}

function deaf(cache: World['cache']): World['cache'] {
  return cache && { ...cache, ping: () => new Promise<number>(() => {}) }
}
