import { describe, expect, test } from 'vitest'
import { serviceUrl } from '../../../src/domain/base/service-url.ts'
import { probes } from '../../../src/assess/probes/index.ts'
import { takeMeasurements } from '../../../src/assess/take-measurements.ts'
import type { Measurement } from '../../../src/domain/assessment/measurement.ts'
import type { Workload } from '../../../src/domain/workload/workload.ts'
import { healthy, type Production } from '../../../src/sandbox/production.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs, revision, ruleOf, rulesOver, workload } from '../../support/builders.ts'
import { ISOLATION } from '../../support/isolation.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

const settings = { ...assessSettings, deadlineMs: 200 }
const queries = settings.metrics

async function measured(
  probe: string,
  changes: Partial<Production>,
  running?: readonly Workload[],
): Promise<Measurement> {
  const { world, change } = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => atMs },
    settings,
  })
  change(changes)
  const workloads = world.workloads && {
    ...world.workloads,
    ...(running ? { list: async () => running } : {}),
  }
  const [one] = await inVirtualTime(() =>
    takeMeasurements(
      probes.filter(({ id }) => id === probe || id === 'metrics-fresh'),
      { ...world, workloads },
      settings,
    ),
  )
  if (!one) throw new Error(`${probe} asked nothing`)
  return one
}

const value = (number: number) => ({ kind: 'value', value: number }) as const
const noData = { kind: 'no-data' } as const
const stored = (number: number) => ({ kind: 'number', value: number }) as const

describe('p95 against its baseline', () => {
  const p95 = (now: number, before: Production['answers'][string], yesterday = noData as never) =>
    measured('latency-near-baseline', {
      answers: {
        [queries.p95]: value(now),
        ...(before ? { [queries.p95BeforeDeploy]: before } : {}),
        [queries.p95Yesterday]: yesterday,
      },
    })

  test.each([
    [0.24, 0.2, 20, 'degraded'],
    [1.2, 1, 20, 'degraded'],
    [0.6, 0.4, 50, 'degraded'],
    [0.3, 0.2, 50, 'degraded'],
    [1.9, 1.6, 18.75, 'healthy'],
    [0.1, 0.2, -50, 'healthy'],
  ])(
    '%d s now and %d s before the deploy is %d %% slower',
    async (now, before, percent, verdict) => {
      expect(await p95(now, value(before))).toMatchObject({
        class: 'value',
        verdict,
        value: percent,
      })
    },
  )

  test('without one before the deploy it is compared with yesterday', async () => {
    const { value: slower, summary } = await p95(0.3, noData, value(0.24) as never)
    expect(slower).toBe(25)
    expect(summary).toContain('yesterday')
  })

  test.each([
    ['no data', noData],
    ['zero', value(0)],
    ['NaN', { kind: 'not-a-number', text: 'NaN' } as const],
  ])('with %s for both baselines nothing is concluded', async (_what, baseline) => {
    const answer = await p95(0.3, baseline, baseline as never)
    expect(answer).toMatchObject({ class: 'no-data', verdict: 'inconclusive', value: null })
  })

  test('without a p95 of now a baseline says nothing', async () => {
    const changes = { answers: { [queries.p95]: noData } }
    const answer = await measured('latency-near-baseline', changes)
    expect(answer).toMatchObject({ class: 'no-data', verdict: 'inconclusive' })
  })

  test.each(['refusing', 'silent'] as const)(
    'costs a %s Kubernetes one of the baselines, and not the latency',
    async (kubernetes) => {
      const answer = await measured('latency-near-baseline', { kubernetes })
      expect(answer.class).toBe('value')
      expect(answer.summary).toContain('yesterday')
    },
  )
})

describe('when it was deployed', () => {
  const atWorst = async (list: () => Promise<readonly Workload[]>) => {
    const { world } = sandboxWorld({ scenario: 'healthy', clock: { now: () => atMs }, settings })
    const workloads = world.workloads && { ...world.workloads, list }
    const only = probes.filter(({ id }) => id === 'latency-near-baseline')
    const [one] = await inVirtualTime(() =>
      takeMeasurements(only, { ...world, workloads }, settings),
    )
    return one
  }
  const deployed = workload('backend', {
    current: { ...revision(3), createdAt: new Date(atMs - 3_600_000).toISOString() },
    previous: [],
  })

  test('is used when it is told within the deadline, however late', async () => {
    const late = async () => {
      await new Promise((resolve) => setTimeout(resolve, 0.9 * settings.deadlineMs))
      return [deployed]
    }
    const answer = await atWorst(late)
    expect(answer).toMatchObject({ class: 'value', verdict: 'healthy' })
    expect(answer?.detail?.baseline?.of).toBe('before-deploy')
  })

  test('and is not told in time, the baseline is unknown, and not another one in silence', async () => {
    const answer = await atWorst(() => new Promise(() => {}))
    expect(answer).toMatchObject({ verdict: 'inconclusive', detail: { baseline: null } })
    expect(answer?.summary).toMatch(/^when it was deployed is not known \(no answer in time\)/)
    const rules = rulesOver(answer ? [answer] : [])
    expect(ruleOf(rules, 'latency-high').matched).toBe('unknown')
  })
})

describe('before the deploy', () => {
  const days = 24 * 3_600_000
  const made = (number: number, daysAgo: number) => ({
    ...revision(number),
    createdAt: new Date(atMs - daysAgo * days).toISOString(),
  })
  const answers = {
    [queries.p95]: value(0.3),
    [queries.p95BeforeDeploy]: value(0.1),
    [queries.p95Yesterday]: value(0.3),
  }
  const latency = (...running: readonly Workload[]) =>
    measured('latency-near-baseline', { answers }, running)

  test('is before the newest ReplicaSet, when that is the one that runs', async () => {
    const current = made(3, 0.1)
    for (const previous of [[], [made(2, 6), made(1, 60)]]) {
      const answer = await latency(workload('backend', { current, previous }))
      expect(answer).toMatchObject({ verdict: 'degraded', value: 200 })
      expect(answer.summary).toContain('before the deploy')
    }
  })

  test.each([
    ['one from long ago runs again', [made(4, 60), made(3, 0.1)]],
    ['another one is as young', [made(4, 0.1), made(3, 0.1)]],
  ] as const)('is not known when %s: then it is yesterday', async (_what, [current, other]) => {
    const back = workload('backend', { current, previous: [other] })
    const newer = workload('frontend', { current: made(9, 0.1), previous: [made(8, 6)] })
    for (const running of [[back], [back, newer]]) {
      const answer = await latency(...running)
      expect(answer).toMatchObject({ verdict: 'healthy', value: 0 })
      expect(answer.summary).toContain('yesterday')
    }
  })
})

describe('pods', () => {
  const pods = (changes: Partial<Workload>) =>
    measured('workloads-ready', {}, [workload('backend', changes), workload('frontend')])
  const crashing = 'backend: CrashLoopBackOff'

  test('of a release that cannot start are not ready, however many old ones serve', async () => {
    const stuck = await pods({ desired: 3, ready: 3, updated: 1, troubles: [crashing] })
    expect(stuck).toMatchObject({ verdict: 'degraded', value: 2 })
    expect(stuck.summary).toBe(
      `backend 3 of 3 ready, 1 of 3 updated, ${crashing}; frontend 2 of 2 ready`,
    )
  })

  test.each([
    ['all there', {}, 'healthy', 0],
    ['more than wanted, for a moment', { ready: 3, updated: 3 }, 'healthy', 0],
    ['one not ready', { ready: 1 }, 'degraded', 1],
    ['one of the release before', { updated: 1 }, 'degraded', 1],
    ['all there, and one in trouble', { troubles: [crashing] }, 'degraded', 0],
    ['nobody wanted', { desired: 0, ready: 0, updated: 0 }, 'degraded', 0],
  ] as const)('%s', async (_what, changes, verdict, notReady) => {
    expect(await pods(changes)).toMatchObject({ verdict, value: notReady })
  })
})

test('pods that no Deployment runs are not seen, and a StatefulSet is no Deployment', async () => {
  const answer = await measured('workloads-ready', {}, [workload('backend')])
  expect(answer).toMatchObject({ verdict: 'inconclusive' })
  expect(answer.summary).toBe(
    'no deployment found for frontend (a StatefulSet or DaemonSet is not one)',
  )
})

describe('active users against yesterday', () => {
  const users = (now: number, usually: number) =>
    measured('active-users-near-baseline', {
      keys: { [settings.activeUsersKey]: stored(now) },
      answers: { [queries.activeUsersBaseline]: value(usually) },
    })

  test.each([
    [50, 100, 50, 'healthy'],
    [49, 100, 51, 'degraded'],
    [0, 100, 100, 'degraded'],
    [200, 100, -100, 'healthy'],
  ])('%d now and %d usually is %d %% fewer', async (now, usually, fewer, verdict) => {
    expect(await users(now, usually)).toMatchObject({ class: 'value', verdict, value: fewer })
  })

  test('nobody usually here is no baseline', async () => {
    expect(await users(3, 0)).toMatchObject({ class: 'no-traffic', verdict: 'inconclusive' })
    expect(await users(3, -1)).toMatchObject({ class: 'no-traffic', verdict: 'inconclusive' })
  })

  test.each([
    ['absent', { kind: 'absent' }, 'no-data'],
    ['no number', { kind: 'not-a-number', because: 'it holds a list' }, 'error'],
  ] as const)('a key that is %s is not zero', async (_what, key, kind) => {
    const changes = { keys: { [settings.activeUsersKey]: key } }
    const answer = await measured('active-users-near-baseline', changes)
    expect(answer).toMatchObject({ class: kind, verdict: 'inconclusive', value: null })
    expect(answer.summary).toContain('active_users_count')
  })
})

describe('the database', () => {
  const asked = (changes: Partial<Production>) => measured('database-answering', changes)

  test('is healthy with connections left, degraded without one or without a primary', async () => {
    expect(await asked({})).toMatchObject({ verdict: 'healthy', value: 37 })
    const full = { connections: { current: 800, available: 0 } }
    expect(await asked(full)).toMatchObject({ verdict: 'degraded', value: 800 })
    expect(await asked({ writablePrimary: false })).toMatchObject({ verdict: 'degraded' })
  })

  test('that does not report connections is not called healthy', async () => {
    const answer = await asked({ connections: null })
    expect(answer).toMatchObject({ class: 'no-data', verdict: 'inconclusive' })
  })
})

describe('freshness', () => {
  const age = (seconds: number) => measured('metrics-fresh', { sampleAgeSeconds: seconds })

  test('is a sample no older than the limit', async () => {
    const answers = { [queries.sampleAge]: value(60) }
    expect(await measured('metrics-fresh', { answers })).toMatchObject({ verdict: 'healthy' })
    expect(await age(70)).toMatchObject({ class: 'no-data', verdict: 'inconclusive' })
  })

  test.each([
    [31, 'ahead of'],
    [-31, 'behind'],
  ])('is doubted when its clock is %d s away', async (seconds, words) => {
    const answers = { 'time()': value(atMs / 1000 + seconds) }
    const answer = await measured('metrics-fresh', { answers })
    expect(answer.verdict).toBe('inconclusive')
    expect(answer.summary).toContain(`31 s ${words}`)
  })

  test('is not known when the clock, or the age, is not', async () => {
    for (const query of ['time()', queries.sampleAge]) {
      const answer = await measured('metrics-fresh', { answers: { [query]: noData } })
      expect(answer).toMatchObject({ class: 'no-data', verdict: 'inconclusive' })
    }
  })
})

describe('scrape targets', () => {
  test.each([
    [5, 5, 'healthy'],
    [4, 5, 'degraded'],
    [0, 5, 'degraded'],
  ])('%d of %d up', async (up, all, verdict) => {
    const answers = { [queries.targetsUp]: value(up), [queries.targets]: value(all) }
    expect(await measured('targets-up', { answers })).toMatchObject({ verdict, value: up })
  })

  test.each([0, 1])(
    'of one service alone, with %d up, say nothing about the one that is gone',
    async (up) => {
      const answers = {
        [queries.targetsUp]: value(up),
        [queries.targets]: value(1),
        [queries.jobs]: value(1),
      }
      const answer = await measured('targets-up', { answers })
      expect(answer).toMatchObject({ class: 'no-data', verdict: 'inconclusive', value: null })
      expect(answer.summary).toBe(`only 1 of 2 services is scraped, with ${up} of 1 up`)
    },
  )

  test('are not healthy while nobody knows whose they are', async () => {
    const answers = { [queries.jobs]: noData }
    const answer = await measured('targets-up', { answers })
    expect(answer).toMatchObject({ class: 'no-data', verdict: 'inconclusive', value: null })
  })

  test('none known is not none up', async () => {
    const answers = { [queries.targetsUp]: noData, [queries.targets]: noData }
    expect(await measured('targets-up', { answers })).toMatchObject({
      class: 'no-data',
      verdict: 'inconclusive',
    })
  })
})

test('a sandbox that is healthy is so to every probe', async () => {
  const asked = { ...settings, isolation: ISOLATION }
  const { world } = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => atMs },
    settings: asked,
  })
  const measurements = await takeMeasurements(probes, world, asked)
  expect(measurements.filter(({ verdict }) => verdict !== 'healthy')).toEqual([])
  expect(new Set(measurements.map(({ probe }) => probe))).toEqual(new Set(probes.map((p) => p.id)))
  expect(measurements.find(({ probe }) => probe === 'version-known')?.value).toBe(healthy.version)
})

describe('the address of a page', () => {
  test.each([
    ['http://backend.test', '/health', 'http://backend.test/health'],
    ['http://backend.test/', '/health', 'http://backend.test/health'],
    ['http://gateway.test/backend', '/health', 'http://gateway.test/backend/health'],
    ['http://gateway.test/backend/', '/v/1?full=1', 'http://gateway.test/backend/v/1?full=1'],
  ])('below %s, %s is %s', (base, path, page) => {
    expect(serviceUrl(base, path)).toBe(page)
  })
})

describe('the pages of a service', () => {
  const answering = async (probe: string, status: number, body: string, own: object = {}) => {
    const { world } = sandboxWorld({ scenario: 'healthy', clock: { now: () => atMs }, settings })
    const ask = async () => ({ status, body, contentType: '', truncated: false })
    const services = settings.services.map((service) => ({ ...service, ...own }))
    const asked = probes.filter(({ id }) => id === probe)
    const [one] = await takeMeasurements(
      asked,
      { ...world, endpoints: { ask } },
      {
        ...settings,
        services,
      },
    )
    return one
  }

  test('are healthy with any 2xx, unless the settings say which', async () => {
    expect((await answering('health-passing', 204, ''))?.verdict).toBe('healthy')
    const own = { healthyStatuses: [200] }
    expect((await answering('health-passing', 204, '', own))?.verdict).toBe('degraded')
    expect((await answering('health-passing', 200, '', own))?.verdict).toBe('healthy')
  })

  test('without a version are no fault: there is no data', async () => {
    expect(await answering('version-known', 404, 'not found')).toMatchObject({
      class: 'no-data',
      verdict: 'inconclusive',
      summary: 'tells no version: its version page answers HTTP 404',
    })
  })
})
