import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import type { RuleId } from '../../src/domain/assessment/rule.ts'
import { startApp, type AppServer } from '../servers/app/start.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import { startPrometheus, type PrometheusServer } from '../servers/prometheus.ts'
import { askRedis, startRedis, type RedisServer } from '../servers/redis.ts'
import { freshFolder, type FreshFolder } from '../servers/spawn.ts'
import { AssessmentJson, exitCodes } from '../support/assessment-json.ts'
import { runCli } from '../support/cli.ts'
import { serviceTold, toldPast, usersTold, type Service } from '../support/told-past.ts'
import { queriesFor } from '../support/written-past.ts'

const UNKNOWN = /^4xx 85\.\d % of requests, against nothing: what is usual is not known/

const minutes = (limit: number, then: number, before: number) => (ago: number) =>
  ago <= limit ? then : before
/** Like now within the last hours; else as it was yesterday, and as it was last week. */
const days =
  (today: (ago: number) => number, yesterday: number, lastWeek: number) => (ago: number) =>
    ago < 12 * 60 ? today(ago) : ago < 3 * 24 * 60 ? yesterday : lastWeek

type Row = readonly [
  service: Service,
  matches: readonly RuleId[],
  decision: keyof typeof exitCodes,
  says?: RegExp,
]

/** One line each. */
const rows: readonly Row[] = [
  [{ case: 'well' }, [], 'do-not'],
  [
    { case: 'not-found-90', notFound: minutes(10, 90, 2) },
    ['client-errors-up'],
    'person-decides',
    /^4xx 85\.\d % of requests, against 1\.9 % at this hour/,
  ],
  [{ case: 'not-found-23', notFound: minutes(10, 24, 2) }, ['client-errors-up'], 'person-decides'],
  [{ case: 'not-found-21', notFound: minutes(10, 20, 2) }, [], 'do-not'],
  [
    { case: 'young', bornMinutesAgo: 30, notFound: () => 90 },
    ['client-errors-up'],
    'person-decides',
    UNKNOWN,
  ],
  [{ case: 'always-not-found', notFound: () => 60 }, [], 'do-not'],
  [
    { case: 'more-not-found', notFound: minutes(10, 85, 60) },
    ['client-errors-up'],
    'person-decides',
  ],
  [
    { case: 'bad-yesterday', notFound: days(minutes(10, 90, 2), 90, 2) },
    ['client-errors-up'],
    'person-decides',
  ],
  [
    { case: 'collapsed', perSecond: minutes(10, 1, 20) },
    ['traffic-down'],
    'person-decides',
    /requests\/s, 2[01].* \(-\d+/,
  ],
  [
    { case: 'collapsed-long-ago', perSecond: days(() => 1, 20, 20) },
    ['traffic-down'],
    'person-decides',
  ],
  [{ case: 'a-third-less', perSecond: minutes(10, 14, 20) }, [], 'do-not'],
  [{ case: 'weekend', perSecond: days(() => 8, 20, 8) }, [], 'do-not'],
  [
    { case: 'monday', perSecond: days(minutes(10, 3, 20), 5, 20) },
    ['traffic-down'],
    'person-decides',
  ],
  [{ case: 'twice-as-much', perSecond: minutes(10, 40, 20) }, [], 'do-not'],
  [{ case: 'targets-2', up: 2 }, ['targets-down'], 'person-decides', /^3 of 5 scrape targets down/],
  // All those of the frontend.
  [
    { case: 'targets-3', up: 3 },
    ['targets-down'],
    'person-decides',
    /^frontend: 2 of 2 scrape targets down/,
  ],
  [{ case: 'targets-5', up: 5 }, [], 'do-not'],
]

describe.skipIf((['prometheus', 'redis'] as const).some(missingAllowed))(
  'against what is usual, over a written past',
  () => {
    let folder: FreshFolder
    let prometheus: PrometheusServer
    let redis: RedisServer
    let apps: readonly AppServer[]

    const more: readonly Service[] = [
      { case: 'maintained', unavailable: minutes(10, 95, 0) },
      {
        case: 'maintained-and-broken',
        unavailable: minutes(10, 20, 0),
        serverErrors: minutes(10, 60, 0),
      },
    ]

    beforeAll(async () => {
      folder = await freshFolder('usual')
      apps = await Promise.all([startApp(), startApp()])
      redis = await startRedis({ args: [] })
      await askRedis(redis.host, redis.port, 'SET active_users_count 100')
      await askRedis(redis.host, redis.port, 'SET maintenance_on true')
      const services = [...rows.map(([service]) => service), ...more]
      const told = services.flatMap((one) => [
        ...serviceTold({ ...one, jobs: ['backend', 'frontend'] }),
        usersTold(one.case),
      ])
      prometheus = await startPrometheus({ openmetrics: toldPast(told, Date.now()) })
    })
    afterAll(async () => {
      await Promise.all([prometheus, redis, ...(apps ?? [])].map((server) => server?.stop()))
      await folder[Symbol.asyncDispose]()
    })

    async function assess(
      name: string,
      changes: Record<string, unknown> = {},
      variables: Record<string, string> = {},
    ) {
      const file = join(folder.path, `${name}.yaml`)
      const names = ['backend', 'frontend']
      await writeFile(
        file,
        stringify({
          environment: name,
          slack: { channels: ['C0INCIDENTS'] },
          services: apps.map(({ url }, index) => ({ name: names[index], url })),
          prometheus: { ...queriesFor(name), staleAfterSeconds: 300 },
          ...changes,
        }),
      )
      const ran = await runCli(['assess', '--json', '--config', file], {
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

    test.each(rows.map((row) => [row[0].case, row] as const))('%s', async (name, row) => {
      const [, matches, decision, says] = row
      const json = await assess(name)
      expect(matching(json)).toEqual(matches)
      expect(json.decision).toBe(decision)
      const because = json.rules.find(({ rule }) => rule === matches[0])?.because ?? ''
      if (says) expect(because).toMatch(says)
    })

    describe('maintenance', () => {
      /** Everything answers 503. */
      async function closedForRepairs(): Promise<Record<string, unknown>> {
        const server = createServer((_, response) => response.writeHead(503).end())
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        onTestFinished(() => void server.close())
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        return { services: ['backend', 'frontend'].map((name) => ({ name, url, version: null })) }
      }

      test('is on, and all answers are 503: expected, said, and no outage', async () => {
        const on = { ...(await closedForRepairs()), maintenance: { key: 'maintenance_on' } }
        const json = await assess('maintained', on)
        expect([json.decision, json.reasons]).toEqual(['do-not', ['maintenance-on']])
        const outage = json.rules.find(({ rule }) => rule === 'complete-outage')
        expect(outage).toMatchObject({ matched: false })
        expect(outage?.because).toMatch(/maintenance is on/)
      })

      test('is off, and all answers are 503: an outage', async () => {
        const json = await assess('maintained', await closedForRepairs())
        expect([json.decision, json.reasons[0]]).toEqual(['roll-back', 'complete-outage'])
      })

      test('does not explain 500', async () => {
        const on = { ...(await closedForRepairs()), maintenance: { key: 'maintenance_on' } }
        const json = await assess('maintained-and-broken', on)
        expect([json.decision, json.reasons[0]]).toEqual(['roll-back', 'errors-critical'])
      })
    })

    test.skipIf(missingAllowed('kubernetes'))(
      'a rollout whose new pods crash: a person decides, and that is the first line',
      async () => {
        await using cluster = await startKubernetes()
        const names = ['backend', 'frontend']
        for (const name of names) {
          await cluster.deploy('production', name, `pipeshub/${name}:v1.9.0`, 3)
        }
        await cluster.setImage('production', 'backend', 'pipeshub/backend:crashing-v2', {
          wait: false,
        })
        const deployments = { backend: 'backend', frontend: 'frontend' }
        const kubernetes = { namespace: 'production', deployments }
        const asked = () =>
          assess('well', { procedures: { kubernetes } }, { KUBECONFIG: cluster.kubeconfig })
        const begun = ({ reasons }: AssessmentJson) => reasons.includes('rollout-unfinished')
        const json = await eventually(asked, begun)
        expect([json.decision, json.reasons[0]]).toEqual(['person-decides', 'rollout-unfinished'])
        expect(json.rules.find(({ rule }) => rule === 'rollout-unfinished')?.because).toMatch(
          /^backend: the rollout of crashing-v2 has not finished: [01] of 3/,
        )
      },
    )
  },
)
