import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { startApp, type AppServer } from '../servers/app/start.ts'
import { missingAllowed } from '../servers/find.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import { nextSecond } from '../servers/next-second.ts'
import { startPrometheus, type PrometheusServer } from '../servers/prometheus.ts'
import { askRedis, startRedis, type RedisServer } from '../servers/redis.ts'
import { freshFolder, type FreshFolder } from '../servers/spawn.ts'
import { AssessmentJson, exitCodes } from '../support/assessment-json.ts'
import { runCli } from '../support/cli.ts'
import { closedPort } from '../support/contracts/outside.ts'
import { rows, silences, type Row } from '../support/matrix-rows.ts'
import { queriesFor, writtenPast } from '../support/written-past.ts'

const needs = ['prometheus', 'redis'] as const
describe.skipIf(needs.some(missingAllowed))('assess --json over a written past', () => {
  let folder: FreshFolder
  let prometheus: PrometheusServer
  let redis: RedisServer
  let apps: readonly AppServer[]

  beforeAll(async () => {
    folder = await freshFolder('matrix')
    const pasts = [...rows.map(({ past }) => past), ...silences.map(([past]) => past)]
    apps = await Promise.all([startApp(), startApp()])
    redis = await startRedis({ args: [] })
    for (const { past, activeUsers = 100 } of rows) {
      await askRedis(redis.host, redis.port, `SET users-${past.case} ${activeUsers}`)
    }
    for (const [past] of silences) {
      await askRedis(redis.host, redis.port, `SET users-${past.case} 100`)
    }
    prometheus = await startPrometheus({ openmetrics: writtenPast(pasts, Date.now()) })
  })
  afterAll(async () => {
    await Promise.all([prometheus, redis, ...apps].map((server) => server?.stop()))
    await folder[Symbol.asyncDispose]()
  })

  async function assess(
    name: string,
    {
      queries = {},
      args = [],
      variables = {},
    }: {
      queries?: Record<string, string | number>
      args?: readonly string[]
      variables?: Record<string, string>
    } = {},
  ) {
    const file = join(folder.path, `${name}.yaml`)
    const [backend, frontend] = apps
    await writeFile(
      file,
      stringify({
        environment: name,
        slack: { channels: ['C0INCIDENTS'] },
        services: [
          { name: 'backend', url: backend?.url },
          { name: 'frontend', url: frontend?.url },
        ],
        // The past is written once, and the rows take their time.
        prometheus: { ...queriesFor(name), staleAfterSeconds: 200, ...queries },
        redis: { activeUsersKey: `users-${name}` },
      }),
    )
    const ran = await runCli(['assess', '--json', '--config', file, ...args], {
      PROMETHEUS_URL: prometheus.url,
      REDIS_URL: redis.url,
      ...variables,
    })
    expect(ran.complaints).toBe('')
    const json = AssessmentJson.parse(JSON.parse(ran.output))
    expect(ran.exitCode).toBe(exitCodes[json.decision])
    return json
  }

  const matching = ({ rules }: AssessmentJson) =>
    rules.filter(({ matched }) => matched === true).map(({ rule }) => rule)
  const unknown = ({ rules }: AssessmentJson) =>
    rules
      .filter(({ matched, decision }) => matched === 'unknown' && decision !== 'do-not')
      .map(({ rule }) => rule)

  /** What the row's past is to be measured as, whether or not a rule matches. */
  const percentages = ({ past, activeUsers = 100 }: Row): Record<string, number> => ({
    'error-ratio-low': past.noFailedSeries ? 0 : (past.errorPercent ?? 0.2),
    'logins-succeeding': past.noFailedSeries ? 0 : (past.loginFailurePercent ?? 0.5),
    'latency-near-baseline': ((past.p95Seconds ?? 0.2) / 0.2 - 1) * 100,
    'active-users-near-baseline': 100 - activeUsers,
  })

  test.each(rows)('$past.case: $matches, $decision', async (row) => {
    const { past, matches, decision } = row
    const json = await assess(past.case)
    expect(unknown(json)).toEqual([])
    for (const [probe, percent] of Object.entries(percentages(row))) {
      const { value } = json.measurements.find((one) => one.probe === probe) ?? {}
      expect(Math.abs(Number(value) - percent), `${probe} ${value}`).toBeLessThan(0.5)
    }
    expect(matching(json)).toEqual(matches === null ? [] : [matches[0]])
    expect(json.decision).toBe(decision)
    if (!matches) return
    const { measured, unit } = json.rules.find(({ rule }) => rule === matches[0]) ?? {}
    expect(unit).toBe('%')
    expect(Math.abs((measured ?? Number.NaN) - matches[1])).toBeLessThan(0.5)
    expect(json.reasons[0]).toBe(matches[0])
  })

  test.each(silences)(
    '$case: the errors are $1, and a person decides',
    async (past, kind, blind) => {
      const json = await assess(past.case)
      expect(json.decision).toBe('person-decides')
      expect(unknown(json)).toEqual(expect.arrayContaining([...blind]))
      expect(json.reasons).toEqual(
        expect.arrayContaining(blind.filter((rule) => rule !== 'active-users-down')),
      )
      const errors = json.measurements.find(({ probe }) => probe === 'error-ratio-low')
      expect(errors).toMatchObject({ class: kind, verdict: 'inconclusive', value: null })
      expect(json.verdict).not.toBe('healthy')
    },
  )

  test('two series where one is expected, by configuration: an error, and a person decides', async () => {
    const traffic = 'rate(http_requests_total{case="healthy"}[5m])'
    const json = await assess('healthy', { queries: { traffic } })
    const errors = json.measurements.find(({ probe }) => probe === 'error-ratio-low')
    expect(errors).toMatchObject({ class: 'error', verdict: 'inconclusive' })
    expect(json.rules.find(({ rule }) => rule === 'errors-critical')?.because).toMatch(/4 series/)
    expect(json.decision).toBe('person-decides')
  })

  test('all health probes failing is an outage; some failing is a person’s; both again is neither', async () => {
    const [backend, frontend] = apps
    await backend?.setFaults({ down: true })
    const some = await assess('healthy')
    expect([matching(some), some.decision]).toEqual([['partial-outage'], 'person-decides'])
    await frontend?.setFaults({ down: true })
    const all = await assess('healthy')
    expect([matching(all), all.decision]).toEqual([['complete-outage'], 'roll-back'])
    await Promise.all(apps.map((app) => app.setFaults({ down: false })))
    expect((await assess('healthy')).decision).toBe('do-not')
  })

  test('a dead Redis beside healthy services is a cache issue: do not roll back', async () => {
    const variables = { REDIS_URL: `redis://127.0.0.1:${await closedPort()}` }
    const json = await assess('healthy', { variables })
    expect(matching(json)).toEqual(['cache-issue'])
    expect([json.decision, json.verdict]).toEqual(['do-not', 'unreachable'])
  })

  test('a dead Prometheus is no reason to stand still: a person decides, and is told what is blind', async () => {
    const variables = { PROMETHEUS_URL: `http://127.0.0.1:${await closedPort()}` }
    const json = await assess('healthy', { variables })
    expect([json.decision, json.verdict]).toEqual(['person-decides', 'unreachable'])
    expect(json.reasons).toEqual(['errors-critical', 'login-failures-critical', 'latency-high'])
  })

  test.each([
    ['cross-organisation-leak', 'cross-organisation-leak', 'roll-back'],
    ['data-corruption', 'data-loss-or-corruption', 'roll-back'],
    ['single-organisation', 'single-organisation', 'do-not'],
    ['ui-issue', 'ui-issue', 'do-not'],
    ['cache-issue', 'cache-issue', 'do-not'],
    ['feature-failure', 'minor-issue', 'do-not'],
  ] as const)('--symptom %s makes %s match: %s', async (symptom, rule, decision) => {
    const json = await assess('healthy', { args: ['--symptom', symptom] })
    expect([matching(json), json.decision]).toEqual([[rule], decision])
  })

  test.skipIf(missingAllowed('kubernetes'))(
    'before the deploy is the baseline rather than yesterday, when Kubernetes knows the deploy',
    async () => {
      await using cluster = await startKubernetes()
      const names = ['backend', 'frontend']
      for (const name of names) {
        await cluster.deploy('production', name, `pipeshub/${name}:v1.9.0`, 1)
      }
      // Only what is newer is known to be the deploy.
      await nextSecond()
      for (const name of names) {
        await cluster.setImage('production', name, `pipeshub/${name}:v2.0.0`)
      }
      // 55 % slower than before the deploy, and faster than yesterday.
      const past = {
        case: 'deployed',
        p95Seconds: 0.31,
        p95SecondsBefore: 0.2,
        p95SecondsYesterday: 0.4,
      }
      const openmetrics = writtenPast([past], Date.now())
      await using server = await startPrometheus({ openmetrics })
      const deployments = { backend: 'backend', frontend: 'frontend' }
      const file = join(folder.path, 'deployed.yaml')
      const services = apps.map(({ url }, index) => ({ name: ['backend', 'frontend'][index], url }))
      await writeFile(
        file,
        stringify({
          environment: 'deployed',
          slack: { channels: ['C0INCIDENTS'] },
          services,
          prometheus: queriesFor('deployed'),
          procedures: { kubernetes: { namespace: 'production', deployments } },
        }),
      )
      const { output, exitCode } = await runCli(['assess', '--json', '--config', file], {
        PROMETHEUS_URL: server.url,
        KUBECONFIG: cluster.kubeconfig,
      })
      const json = AssessmentJson.parse(JSON.parse(output))
      expect(json.rules.find(({ rule }) => rule === 'latency-high')).toMatchObject({
        matched: true,
      })
      expect(matching(json)).toEqual(['latency-high'])
      // The version before ran for seconds only: it can be asked for, and is not recommended by itself.
      expect([json.recommended, exitCode]).toEqual([null, 10])
      expect(json.procedures.find(({ name }) => name === 'kubernetes')?.because).toMatch(
        /backend: no kept version ran for 10 minutes; name one with --to: v1\.9\.0; frontend: no kept/,
      )
    },
  )
})
