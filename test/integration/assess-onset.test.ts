import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { startApp, type AppServer } from '../servers/app/start.ts'
import { missingAllowed } from '../servers/find.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import { nextSecond } from '../servers/next-second.ts'
import { startPrometheus, type PrometheusServer } from '../servers/prometheus.ts'
import { freshFolder, type FreshFolder } from '../servers/spawn.ts'
import { AssessmentJson, exitCodes } from '../support/assessment-json.ts'
import { runCli } from '../support/cli.ts'
import { closedPort } from '../support/contracts/outside.ts'
import { serviceTold, toldPast, type Service, type Told } from '../support/told-past.ts'
import { queriesFor } from '../support/written-past.ts'

const since = (ago: number, percent: number) => (minutesAgo: number) =>
  minutesAgo <= ago ? percent : 0.2

/** One service in several instances: its targets are told once. */
const instances = (name: string, ...each: readonly Partial<Service>[]): readonly Told[] =>
  each.flatMap((one, index) => {
    const labels = { instance: `b-${index + 1}`, ...one.labels }
    const told = serviceTold({ ...one, case: name, labels })
    return index === 0 ? told : told.filter(({ metric }) => metric !== 'up')
  })

const pasts = {
  'since-half-an-hour': instances('since-half-an-hour', { serverErrors: since(30, 62) }),
  'since-yesterday': instances('since-yesterday', { serverErrors: () => 62 }),
  'over-since-five': instances('over-since-five', {
    serverErrors: (ago) => (ago <= 40 && ago > 3.5 ? 90 : 0.2),
  }),
  'database-down': [
    ...instances('database-down', { serverErrors: since(30, 62) }),
    {
      metric: 'mongodb_up',
      labels: { case: 'database-down' },
      type: 'gauge' as const,
      at: (minutesAgo: number) => (minutesAgo <= 31 ? 0 : 1),
    },
  ],
  'one-of-three': instances('one-of-three', { serverErrors: since(20, 90) }, {}, {}),
  'new-version': instances(
    'new-version',
    { serverErrors: since(20, 62), labels: { version: 'v2.0.0' } },
    { labels: { version: 'v1.9.0' } },
  ),
} as const

describe.skipIf((['prometheus'] as const).some(missingAllowed))(
  'since when, and what speaks against, over a written past',
  () => {
    let folder: FreshFolder
    let prometheus: PrometheusServer
    let app: AppServer

    beforeAll(async () => {
      folder = await freshFolder('onset')
      app = await startApp()
      const openmetrics = toldPast(Object.values(pasts).flat(), Date.now())
      prometheus = await startPrometheus({ openmetrics })
    })
    afterAll(async () => {
      await Promise.all([prometheus, app].map((server) => server?.stop()))
      await folder[Symbol.asyncDispose]()
    })

    async function assess(
      name: keyof typeof pasts,
      changes: Record<string, unknown> = {},
      variables: Record<string, string> = {},
    ) {
      const file = join(folder.path, `${name}.yaml`)
      await writeFile(
        file,
        stringify({
          environment: name,
          slack: { channels: ['C0INCIDENTS'] },
          services: [{ name: 'backend', url: app.url }],
          prometheus: { ...queriesFor(name), staleAfterSeconds: 300 },
          ...changes,
        }),
      )
      const given = { PROMETHEUS_URL: prometheus.url, ...variables }
      const ran = await runCli(['assess', '--json', '--config', file], given)
      expect(ran.complaints).toBe('')
      const json = AssessmentJson.parse(JSON.parse(ran.output))
      expect(ran.exitCode).toBe(exitCodes[json.decision])
      const ago = (at: string | null | undefined) =>
        at ? (Date.parse(json.at) - Date.parse(at)) / 60_000 : null
      const { onset, against } = json
      return {
        ...json,
        kinds: against.map(({ kind }) => kind),
        began: [ago(onset?.after) ?? Infinity, ago(onset?.by) ?? Infinity] as const,
        over: ago(onset?.overSince),
      }
    }

    test('errors since half an hour: between two moments that are minutes apart', async () => {
      const { began, kinds, decision } = await assess('since-half-an-hour')
      const [after, by] = began
      expect([decision, kinds]).toEqual(['roll-back', []])
      expect(after).toBeGreaterThanOrEqual(29.9)
      expect(by).toBeLessThanOrEqual(30.5)
      expect(after - by).toBeLessThan(3)
    })

    test('errors as far back as is told: older than all of it', async () => {
      const { began } = await assess('since-yesterday')
      expect(began[0]).toBe(Infinity)
      expect(began[1]).toBeGreaterThan(300)
    })

    test('what is over is said to be over, and since when', async () => {
      const { over, kinds } = await assess('over-since-five')
      expect(kinds).toEqual(['over'])
      expect(over).toBeGreaterThan(1.5)
      expect(over).toBeLessThan(5.5)
    })

    test('one instance of three: only that one is named', async () => {
      const { against, kinds, decision } = await assess('one-of-three')
      expect([decision, kinds]).toEqual(['person-decides', ['one-instance']])
      expect(against[0]?.says).toMatch(/^Only one instance fails: b-1 8\d(\.\d)? % of \d+, b-\d 0/)
    })

    test('the new version against the old one, over the same minutes', async () => {
      const { versions, kinds } = await assess('new-version')
      expect(kinds).toEqual([])
      const told = versions.map(({ name, failed, requests }) => [
        name,
        Math.round((100 * failed) / requests),
      ])
      expect(Object.fromEntries(told)).toEqual({ 'v1.9.0': 0, 'v2.0.0': 59 })
      for (const { requests } of versions) expect(Math.abs(requests - 6_300)).toBeLessThan(200)
    })

    test('a database that does not answer explains it', async () => {
      const variables = { MONGODB_URI: `mongodb://127.0.0.1:${await closedPort()}/es` }
      const { kinds, decision } = await assess('since-half-an-hour', {}, variables)
      expect([decision, kinds]).toEqual(['roll-back', ['dependency-down']])
    })

    test('and since when it does not, where its exporter tells', async () => {
      const variables = { MONGODB_URI: `mongodb://127.0.0.1:${await closedPort()}/es` }
      const { against } = await assess('database-down', {}, variables)
      expect(against[0]?.says).toMatch(
        /^MongoDB is in trouble since \d{4}-\d\d-\d\d \d\d:\d\d UTC, which explains it: /,
      )
      const told = /since (\S+ \S+) UTC/.exec(against[0]?.says ?? '')?.[1]
      const minutes = (Date.now() - Date.parse(`${told}Z`)) / 60_000
      expect(Math.abs(minutes - 31)).toBeLessThan(4)
    })

    test('with requireCause what speaks against makes it a person’s', async () => {
      const variables = { MONGODB_URI: `mongodb://127.0.0.1:${await closedPort()}/es` }
      const matrix = { requireCause: true }
      const doubted = await assess('since-half-an-hour', { matrix }, variables)
      expect([doubted.decision, doubted.reasons[0]]).toEqual(['person-decides', 'errors-critical'])
      expect((await assess('since-half-an-hour', { matrix })).decision).toBe('roll-back')
    })

    test.skipIf(missingAllowed('kubernetes'))(
      'errors that are older than the release: they began before the newest change',
      async () => {
        await using cluster = await startKubernetes()
        await cluster.deploy('production', 'backend', 'pipeshub/backend:v1.9.0', 1)
        await nextSecond()
        await cluster.setImage('production', 'backend', 'pipeshub/backend:v2.0.0')
        const deployments = { backend: 'backend' }
        const changes = { procedures: { kubernetes: { namespace: 'production', deployments } } }
        const variables = { KUBECONFIG: cluster.kubeconfig }
        const { kinds, against } = await assess('since-half-an-hour', changes, variables)
        expect(kinds).toEqual(['began-before-change'])
        expect(against[0]?.says).toMatch(
          /^It began before the newest change: backend v2\.0\.0 came only at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
        )
      },
    )
  },
)
