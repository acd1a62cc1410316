import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Production } from '../../src/sandbox/production.ts'
import { scenarioNames } from '../../src/sandbox/scenario.ts'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'

const startMs = Date.UTC(2026, 2, 14, 9, 26, 53)

function sandbox(scenario: ScenarioName, options: { seed?: number; startedAtMs?: number } = {}) {
  let nowMs = options.startedAtMs ?? startMs
  const clock = { now: () => nowMs }
  const { world, ...controls } = sandboxWorld({
    scenario,
    clock,
    settings,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  const { metrics, cache, workloads, deployments } = world
  if (!metrics || !cache || !workloads || !deployments)
    throw new Error('the sandbox has everything')
  const number = async (query: string, atMs?: number): Promise<number> => {
    const asked = { signal: patience(), ...(atMs === undefined ? {} : { atMs }) }
    const answer = await metrics.instant(query, asked)
    if (answer.kind !== 'value') throw new Error(`${query} is ${answer.kind}`)
    return answer.value
  }
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return { ...controls, world, metrics, cache, workloads, deployments, number, pass }
}

const { metrics: queries } = settings

async function percentagesOf(scenario: ScenarioName, seed: number, startedAtMs: number) {
  const { number, deployedAtMs } = sandbox(scenario, { seed, startedAtMs })
  const [errors, traffic, failures, logins, p95, before, yesterday] = await Promise.all([
    number(queries.errors),
    number(queries.traffic),
    number(queries.loginFailures),
    number(queries.logins),
    number(queries.p95),
    number(queries.p95BeforeDeploy, deployedAtMs - 5 * 60_000),
    number(queries.p95Yesterday),
  ])
  return {
    errors: (100 * errors) / traffic,
    loginFailures: (100 * failures) / logins,
    slowerThanBefore: 100 * (p95 / before - 1),
    slowerThanYesterday: 100 * (p95 / yesterday - 1),
  }
}

const around = (middle: number, by: number) =>
  expect.toSatisfy((value: number) => Math.abs(value - middle) <= by, `${middle} ± ${by}`)

const well = {
  errors: around(0.2, 0.1),
  loginFailures: around(0.8, 0.1),
  slowerThanBefore: around(0, 2),
  slowerThanYesterday: around(0, 2),
}

describe('its noise never carries a number over a threshold, whatever the time and the seed', () => {
  test.each([
    ['healthy', well],
    ['errors-62', { ...well, errors: around(62, 1) }],
    ['errors-8', { ...well, errors: around(8, 0.5) }],
    ['data-corruption', { ...well, errors: around(6.4, 0.5) }],
    ['login-failures', { ...well, loginFailures: around(14, 0.5) }],
    ['slow-30', { ...well, slowerThanBefore: around(30, 2), slowerThanYesterday: around(30, 2) }],
    ['slow-60', { ...well, slowerThanBefore: around(60, 3), slowerThanYesterday: around(60, 3) }],
  ] as const)('%s', async (scenario, expected) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: startMs, max: startMs + 10 * 24 * 3_600_000 }),
        async (seed, atMs) => {
          expect(await percentagesOf(scenario, seed, atMs)).toEqual(expected)
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('its scenarios', () => {
  test('complete-outage: services answer 503, pods crash, and rates are unknown, not zero', async () => {
    const { world, metrics, workloads, number } = sandbox('complete-outage')
    const signal = patience()
    for (const { url } of settings.services) {
      const { status } = await world.endpoints.ask({ url: `${url}/health`, signal })
      expect(status).toBe(503)
    }
    expect(await metrics.instant(queries.traffic, { signal })).toEqual({ kind: 'no-data' })
    expect(await number(queries.targetsUp)).toBe(0)
    for (const { ready, restarts, troubles } of await workloads.list(['backend'], signal)) {
      expect(ready).toBe(0)
      expect(restarts).toBeGreaterThan(0)
      expect(troubles[0]).toContain('CrashLoopBackOff')
    }
  })

  test('redis-down: the connection is refused', async () => {
    const fault = await faultOf(sandbox('redis-down').cache.ping(patience()))
    expect(fault).toMatchObject({ dependency: 'redis', code: 'ECONNREFUSED' })
  })

  test('prometheus-silent: it never answers until the signal', async () => {
    const { metrics } = sandbox('prometheus-silent')
    const asked = metrics.instant(queries.traffic, { signal: AbortSignal.timeout(30) })
    expect(await faultOf(asked)).toMatchObject({ dependency: 'prometheus', code: 'ETIMEDOUT' })
  })

  test('prometheus-stale: only the age of the samples tells', async () => {
    const { number } = sandbox('prometheus-stale')
    expect(await number(queries.sampleAge)).toBeGreaterThan(queries.staleAfterSeconds)
    expect(await number(queries.targetsUp)).toBeGreaterThan(0)
  })

  test.each(scenarioNames)('%s runs v2.0.0 since twelve minutes, after v1.9.0', async (name) => {
    const { workloads, deployedAtMs } = sandbox(name)
    expect(deployedAtMs).toBe(startMs - 12 * 60_000)
    const [backend] = await workloads.list(['backend'], patience())
    expect(backend?.current?.images).toEqual(['pipeshub/backend:v2.0.0'])
    expect(Date.parse(backend?.current?.createdAt ?? '')).toBe(startMs - 12 * 60_000)
    expect(backend?.previous[0]?.images).toEqual(['pipeshub/backend:v1.9.0'])
  })
})

describe('its controls', () => {
  test('another scenario holds from the next question on', async () => {
    const { become, number } = sandbox('healthy')
    become('errors-62')
    expect((await number(queries.errors)) / (await number(queries.traffic))).toBeCloseTo(0.62)
  })

  test('a change leaves everything else as it was, and the next scenario undoes it', async () => {
    const { change, become, number, cache } = sandbox('errors-62')
    change({ redis: 'refusing' })
    await faultOf(cache.ping(patience()))
    expect(await number(queries.errors)).toBeGreaterThan(20)
    become('errors-62')
    expect(await cache.ping(patience())).toBeGreaterThan(0)
  })

  test('another answer to one query can be given', async () => {
    const { change, metrics, number } = sandbox('healthy')
    change({ answers: { [queries.errors]: { kind: 'partial', because: 'a shard is gone' } } })
    const answer = await metrics.instant(queries.errors, { signal: patience() })
    expect(answer).toEqual({ kind: 'partial', because: 'a shard is gone' })
    expect(await number(queries.traffic)).toBeGreaterThan(0)
  })

  test('with the version a rollback went to, the bad one is the way back', async () => {
    const { change, workloads } = sandbox('healthy')
    change({ version: 'v1.9.0', previousVersion: 'v2.0.0' })
    const [backend] = await workloads.list(['backend'], patience())
    expect(backend?.current?.images).toEqual(['pipeshub/backend:v1.9.0'])
    expect(backend?.previous[0]?.images).toEqual(['pipeshub/backend:v2.0.0'])
  })
})

describe('its rollouts', () => {
  const rolledBack = async (scenario: ScenarioName, changes: Partial<Production> = {}) => {
    const stage = sandbox(scenario)
    stage.change(changes)
    const signal = patience()
    for (const seen of await stage.deployments.releases(['backend', 'frontend'], signal)) {
      const [to] = seen.previous
      if (!to) throw new Error('there is nothing to return to')
      const options = { key: 'k', cause: 'c', dryRun: false, signal }
      await stage.deployments.write({ seen, change: { kind: 'template', to } }, options)
    }
    return stage
  }
  const errorShare = async ({ number }: ReturnType<typeof sandbox>, atMs?: number) =>
    (await number(queries.errors, atMs)) / (await number(queries.traffic, atMs))
  const answerOf = async ({ world }: ReturnType<typeof sandbox>, page: string) => {
    const url = `${settings.services[0]!.url}${page}`
    const { status, body } = await world.endpoints.ask({ url, signal: patience() })
    return [status, body] as const
  }

  test('take time, and everything that looks sees the same of them', async () => {
    const stage = await rolledBack('errors-62')
    const before = await stage.workloads.list(['backend'], patience())
    expect(before[0]).toMatchObject({ ready: 3, updated: 1 })
    expect(await answerOf(stage, '/version')).toEqual([200, '{"version":"v2.0.0"}'])
    expect(await errorShare(stage)).toBeCloseTo(0.62)
    stage.pass(8_000)
    const [rollout] = await stage.deployments.rollouts(['backend'], patience())
    expect(rollout).toMatchObject({ complete: true, others: 0, ready: 3 })
    expect(await answerOf(stage, '/version')).toEqual([200, '{"version":"v1.9.0"}'])
    expect(await errorShare(stage)).toBeLessThan(0.01)
  })

  test('do not change what was measured before them', async () => {
    const stage = await rolledBack('errors-62')
    stage.pass(60_000)
    expect(await errorShare(stage, startMs - 60_000)).toBeCloseTo(0.62)
    expect(await errorShare(stage)).toBeLessThan(0.01)
  })

  test('end an outage: pods stop crashing, and there is traffic again', async () => {
    const stage = await rolledBack('complete-outage')
    expect((await answerOf(stage, '/health'))[0]).toBe(503)
    expect(await stage.number(queries.targetsUp)).toBe(0)
    stage.pass(8_000)
    expect((await answerOf(stage, '/health'))[0]).toBe(200)
    expect(await stage.number(queries.targetsUp)).toBe(2)
    expect(await stage.number(queries.traffic)).toBeGreaterThan(30)
    const [backend] = await stage.workloads.list(['backend'], patience())
    expect(backend).toMatchObject({ ready: 3, restarts: 0, troubles: [] })
  })

  test('end nothing while one service still runs the release', async () => {
    const stage = await rolledBack('errors-62')
    stage.others.deploy('frontend', 'v2.0.0')
    stage.pass(20_000)
    expect(await errorShare(stage)).toBeCloseTo(0.62)
  })

  test('cure nothing that is not the fault of the release', async () => {
    const stage = await rolledBack('errors-62', { causedByRelease: false })
    stage.pass(20_000)
    expect(await answerOf(stage, '/version')).toEqual([200, '{"version":"v1.9.0"}'])
    expect(await errorShare(stage)).toBeCloseTo(0.62)
    const broken = await rolledBack('redis-down')
    broken.pass(20_000)
    await faultOf(broken.cache.ping(patience()))
  })

  test('with nobody left to answer, rates are unknown and nothing is up', async () => {
    const stage = sandbox('healthy')
    for (const service of ['backend', 'frontend']) stage.others.scale(service, 0)
    expect((await answerOf(stage, '/health'))[0]).toBe(503)
    expect(await stage.metrics.instant(queries.traffic, { signal: patience() })).toEqual({
      kind: 'no-data',
    })
    expect(await stage.number(queries.targetsUp)).toBe(0)
    stage.others.scale('backend', 1)
    stage.pass(2_000)
    expect(await stage.number(queries.targetsUp)).toBe(1)
  })

  test('stand still while the Deployment is paused, and go on after', async () => {
    const stage = sandbox('healthy')
    stage.others.set('backend', { paused: true })
    stage.others.deploy('backend', 'v2.0.1')
    stage.pass(60_000)
    const look = async () => (await stage.deployments.rollouts(['backend'], patience()))[0]
    expect(await look()).toMatchObject({ complete: false, others: 3, failed: null })
    stage.others.set('backend', { paused: false })
    stage.pass(8_000)
    expect(await look()).toMatchObject({ complete: true, others: 0 })
  })

  test('are forgotten with the next scenario', async () => {
    const stage = await rolledBack('errors-62')
    stage.pass(8_000)
    stage.become('errors-8')
    expect(await answerOf(stage, '/version')).toEqual([200, '{"version":"v2.0.0"}'])
    expect(await errorShare(stage)).toBeCloseTo(0.08)
  })
})

const answers = async (seed: number) => {
  const { number, cache, workloads, pass } = sandbox('errors-8', { seed })
  pass(61_000)
  const signal = patience()
  return [
    await number(queries.errors),
    await cache.readNumber(settings.activeUsersKey, signal),
    await workloads.logs('backend', { tail: 20, signal }),
  ]
}

describe('repeated', () => {
  test('it says the same for the same clock and seed', async () => {
    expect(await answers(7)).toEqual(await answers(7))
  })

  test('it says something else for another seed', async () => {
    expect(await answers(7)).not.toEqual(await answers(8))
  })
})

test('without Kubernetes in the settings there is none in the world', () => {
  const clock = { now: () => startMs }
  const without = { ...settings, deployed: null }
  expect(sandboxWorld({ scenario: 'healthy', clock, settings: without }).world.workloads).toBeNull()
})
