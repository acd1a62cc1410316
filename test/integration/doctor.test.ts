import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { SCOPES } from '../../src/chat/scopes.ts'
import { startApp, type AppServer } from '../servers/app/start.ts'
import { eventually } from '../servers/eventually.ts'
import { missingAllowed } from '../servers/find.ts'
import { startMongodb } from '../servers/mongodb.ts'
import { prometheusLogin, startPrometheus } from '../servers/prometheus.ts'
import { askRedis, startRedis } from '../servers/redis.ts'
import { freshFolder } from '../servers/spawn.ts'
import { runCli } from '../support/cli.ts'
import { closedPort } from '../support/contracts/outside.ts'
import { startBotCluster, type BotCluster } from '../support/kubernetes.ts'
import { INCIDENTS, NOBOT, pipeshub } from '../support/slack/fixture.ts'
import { startSlack, type Slack } from '../support/slack/slack.ts'
import { writtenPast } from '../support/written-past.ts'

const needs = ['prometheus', 'redis', 'mongodb', 'kubernetes'] as const
const roleFile = join(import.meta.dirname, '../../manifests/kubernetes/role.yaml')

type Settings = Readonly<Record<string, unknown>>
type Variables = Readonly<Record<string, string>>
type Line = { readonly state: string; readonly text: string }

describe.skipIf(needs.some(missingAllowed))('doctor', () => {
  let started: AsyncDisposableStack
  let folder: string
  let slack: Slack
  let bot: BotCluster
  let apps: readonly AppServer[]
  let settings: Settings
  let variables: Variables

  beforeAll(async () => {
    started = new AsyncDisposableStack()
    folder = started.use(await freshFolder('doctor')).path
    slack = started.adopt(await startSlack({ ...pipeshub(), scopes: Object.keys(SCOPES) }), (one) =>
      one.stop(),
    )
    bot = started.use(await startBotCluster())
    const { cluster } = bot
    for (const name of ['backend', 'frontend']) {
      await cluster.deploy('production', name, `pipeshub/${name}:v1.9.0`, 1)
    }
    apps = [started.use(await startApp()), started.use(await startApp())]
    const redis = started.use(await startRedis({ password: 'redis-password' }))
    const mongodb = started.use(await startMongodb())
    const openmetrics = writtenPast([{ case: 'usual' }], Date.now())
    const prometheus = started.use(await startPrometheus({ openmetrics, basicAuth: true }))
    const [backend, frontend] = apps
    settings = {
      environment: 'staging',
      slack: { channels: [INCIDENTS] },
      services: [
        { name: 'backend', url: backend?.url },
        { name: 'frontend', url: frontend?.url },
      ],
      prometheus: { staleAfterSeconds: 280 },
      procedures: {
        kubernetes: {
          namespace: 'production',
          deployments: { backend: 'backend', frontend: 'frontend' },
        },
      },
    }
    variables = {
      SLACK_BOT_TOKEN: slack.workspace.app.botToken,
      SLACK_APP_TOKEN: slack.workspace.app.appToken,
      SLACK_API_URL: slack.apiUrl,
      BACKOUT_DATA: join(folder, 'data'),
      PROMETHEUS_URL: prometheus.url,
      PROMETHEUS_USERNAME: prometheusLogin.username,
      PROMETHEUS_PASSWORD: prometheusLogin.password,
      REDIS_URL: redis.url,
      MONGODB_URI: mongodb.uri,
      KUBECONFIG: await kubeconfigOf(bot.token),
    }
    await askRedisWithPassword(redis.host, redis.port)
  })
  afterAll(() => started.disposeAsync())

  /** Redis takes a password only before the command, on the same connection. */
  async function askRedisWithPassword(host: string, port: number): Promise<void> {
    const answer = await askRedis(host, port, 'AUTH redis-password\r\nSET active_users_count 100')
    if (!answer.startsWith('+OK')) throw new Error(answer)
  }

  async function kubeconfigOf(token: string): Promise<string> {
    const file = join(folder, `${token.length}.kubeconfig`)
    const { url, caFile } = bot.cluster
    await writeFile(
      file,
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': caFile } }],
        users: [{ name: 'u', user: { token } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'c',
      }),
    )
    return file
  }

  async function examine(changed: { settings?: Settings; variables?: Variables } = {}) {
    const file = join(folder, 'backout.yaml')
    await writeFile(file, stringify({ ...settings, ...changed.settings }))
    const given = { ...variables, ...changed.variables }
    const ran = await runCli(['doctor', '--config', file], given)
    expect(ran.complaints).toBe('')
    for (const secret of [given['SLACK_BOT_TOKEN'], 'redis-password', prometheusLogin.password]) {
      expect(ran.output).not.toContain(secret)
    }
    const lines = ran.output.split('\n').flatMap((text): Line[] => {
      const state = /^(ok|careful|wrong) /.exec(text)?.[1]
      return state === undefined ? [] : [{ state, text }]
    })
    expect(lines.length).toBeGreaterThan(10)
    const wrong = lines.filter(({ state }) => state === 'wrong').map(({ text }) => text)
    // The summary and the exit code say what the lines say.
    const last = ran.output.trimEnd().split('\n').at(-1)
    expect(last).toMatch(wrong.length === 0 ? /^Nothing is wrong/ : /wrong\.$/)
    expect(ran.exitCode).toBe(wrong.length === 0 ? 0 : 1)
    return { ...ran, lines, wrong, state: (words: RegExp) => stateOf(lines, words) }
  }

  function stateOf(lines: readonly Line[], words: RegExp): readonly string[] {
    return lines.filter(({ text }) => words.test(text)).map(({ state }) => state)
  }

  test('on a good installation every line is there, and nothing is wrong', async () => {
    const { lines, wrong, exitCode, state } = await examine()
    expect(wrong).toEqual([])
    expect(exitCode).toBe(0)
    const expected: readonly [RegExp, string][] = [
      [/slack +auth\.test/, 'ok'],
      [/slack +scopes +exactly/, 'ok'],
      [/slack +apps\.connections\.open/, 'ok'],
      [/slack +channel C0INCIDENTS +#incidents/, 'ok'],
      [/journal +write and verify .* intact/, 'ok'],
      [/journal +file system .* local/, 'ok'],
      [/kubernetes +permissions in production +everything needed/, 'ok'],
      [/Health, backend/, 'ok'],
      [/Health, frontend/, 'ok'],
      [/Version, backend/, 'ok'],
      [/Errors +/, 'ok'],
      [/Logins +/, 'ok'],
      [/Latency +/, 'ok'],
      [/Active users +/, 'ok'],
      [/Pods, backend, frontend/, 'ok'],
      [/Cache, Redis/, 'ok'],
      [/Scrape targets/, 'ok'],
      [/Metrics, Prometheus/, 'ok'],
    ]
    for (const [words, what] of expected) expect([words, state(words)]).toEqual([words, [what]])
    // FerretDB, in MongoDB's place here, does not report its connections.
    expect(state(/Database, MongoDB/)).toHaveLength(1)
    expect(lines.filter(({ text }) => /not configured/.test(text))).toEqual([])
  })

  test('it leaves the journal as it was, and may be asked again', async () => {
    await examine()
    const file = join(folder, 'data', 'journal.sqlite')
    const before = await readFile(file)
    expect((await examine()).exitCode).toBe(0)
    expect((await readFile(file)).byteLength).toBe(before.byteLength)
  })

  describe('one thing broken, and that alone is wrong:', () => {
    const slackWrong: readonly [
      string,
      () => { settings?: Settings; variables?: Variables },
      RegExp[],
    ][] = [
      [
        'the bot token',
        () => ({ variables: { SLACK_BOT_TOKEN: 'xoxb-wrong' } }),
        [/auth\.test .*SLACK_BOT_TOKEN/, /channel C0INCIDENTS .*SLACK_BOT_TOKEN/],
      ],
      [
        'the app token',
        () => ({ variables: { SLACK_APP_TOKEN: 'xapp-wrong' } }),
        [/apps\.connections\.open .*SLACK_APP_TOKEN/],
      ],
      [
        'a channel the bot is not in',
        () => ({ settings: { slack: { channels: [INCIDENTS, NOBOT] } } }),
        [/channel C0NOBOT .*not in #nobot.*\/invite @Backout/],
      ],
      [
        'a channel that does not exist',
        () => ({ settings: { slack: { channels: ['C0NOWHERE'] } } }),
        [/channel C0NOWHERE .*check the id/],
      ],
      [
        'no token at all',
        () => ({ variables: { SLACK_BOT_TOKEN: '' } }),
        [/SLACK_BOT_TOKEN +not set/],
      ],
    ]
    test.each(slackWrong)('%s', async (_what, broken, lines) => {
      const { wrong, exitCode } = await examine(broken())
      expect(exitCode).toBe(1)
      expect(wrong).toHaveLength(lines.length)
      for (const words of lines) expect(wrong.some((line) => words.test(line))).toBe(true)
    })

    test('a scope is missing; one too many is worth a word, and not wrong', async () => {
      const { workspace } = slack
      const all = [...workspace.scopes]
      onTestFinished(() => {
        workspace.scopes = all
      })
      workspace.scopes = all.filter((scope) => scope !== 'users:read')
      const { wrong } = await examine()
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/scopes +missing: users:read .*install the app again/)

      workspace.scopes = [...all, 'files:write']
      const more = await examine()
      expect(more.exitCode).toBe(0)
      expect(more.state(/more than needed: files:write/)).toEqual(['careful'])
    })

    test('Slack is not to be reached', async () => {
      const variables = { SLACK_API_URL: `http://127.0.0.1:${await closedPort()}/api/` }
      const { wrong } = await examine({ variables })
      expect(wrong.length).toBe(3)
      for (const line of wrong) expect(line).toMatch(/^wrong +slack/)
    })

    test('the journal’s folder cannot be written to', async () => {
      const inTheWay = join(folder, 'a-file')
      await writeFile(inTheWay, '')
      for (const BACKOUT_DATA of [inTheWay, join(inTheWay, 'data')]) {
        const { wrong } = await examine({ variables: { BACKOUT_DATA } })
        expect(wrong).toHaveLength(1)
        expect(wrong[0]).toMatch(/^wrong +journal .*BACKOUT_DATA/)
      }
    })

    test('the journal is damaged', async () => {
      const damaged = join(folder, 'damaged')
      await mkdir(damaged)
      await writeFile(
        join(damaged, 'journal.sqlite'),
        'not a database at all, by any means\n'.repeat(99),
      )
      const { wrong } = await examine({ variables: { BACKOUT_DATA: damaged } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/^wrong +journal .*is not a journal/)
    })

    test('Prometheus refuses the password', async () => {
      const { wrong } = await examine({ variables: { PROMETHEUS_PASSWORD: 'wrong' } })
      expect(wrong.length).toBeGreaterThanOrEqual(5)
      for (const line of wrong) expect(line).toMatch(/credentials \(Prometheus answered 401\)/)
    })

    test('Redis refuses the password', async () => {
      const REDIS_URL = (variables['REDIS_URL'] ?? '').replace('redis-password', 'hunter2')
      const { wrong, output } = await examine({ variables: { REDIS_URL } })
      expect(wrong).toHaveLength(2)
      for (const line of wrong) expect(line).toMatch(/wrong password/)
      expect(output).not.toContain('hunter2')
    })

    test('MongoDB is not to be reached', async () => {
      const MONGODB_URI = `mongodb://bo:hunter2@127.0.0.1:${await closedPort()}/es`
      const { wrong, output } = await examine({ variables: { MONGODB_URI } })
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/Database, MongoDB .*MONGODB_URI/)
      expect(output).not.toContain('hunter2')
    })

    test('a service that is down is production’s trouble, and not the installation’s', async () => {
      const [backend] = apps
      onTestFinished(() => backend?.setFaults({ down: false }))
      await backend?.setFaults({ down: true })
      const { exitCode, state } = await examine()
      expect(exitCode).toBe(0)
      expect(state(/Health, backend .*production is not well/)).toEqual(['careful'])
    })

    test('a service’s address is wrong', async () => {
      const services = [{ name: 'backend', url: 'http://nowhere.invalid' }]
      const { kubernetes: _, ...procedures } = {} as { kubernetes?: unknown }
      const { wrong } = await examine({ settings: { services, procedures } })
      expect(wrong.length).toBeGreaterThan(0)
      for (const line of wrong) expect(line).toMatch(/(Health|Version), backend/)
    })
  })

  describe('its rights in Kubernetes', () => {
    test('one verb short is wrong, and named', async () => {
      const role = await readFile(roleFile, 'utf8')
      onTestFinished(() => bot.cluster.applyManifest(role))
      const without = role.replace(
        / {2}- apiGroups: \[''\]\n {4}resources: \[pods\/log\]\n.*\n/,
        '',
      )
      expect(without).not.toBe(role)
      await bot.cluster.applyManifest(without)
      // The authorizer hears of it a moment later.
      const { wrong } = await eventually(
        () => examine(),
        (seen) => seen.wrong.length > 0,
      )
      expect(wrong).toHaveLength(1)
      expect(wrong[0]).toMatch(/kubernetes .*missing: get pods\/log.*role\.yaml/)
    })

    test('more than it needs is worth a word, and not wrong', async () => {
      const { exitCode, state } = await examine({
        variables: { KUBECONFIG: bot.cluster.kubeconfig },
      })
      expect(exitCode).toBe(0)
      expect(state(/kubernetes .*more than needed: .*secrets/)).toEqual(['careful'])
    })

    test('none, because nobody knows the token', async () => {
      const { wrong } = await examine({ variables: { KUBECONFIG: await kubeconfigOf('nobody') } })
      expect(wrong.length).toBeGreaterThanOrEqual(2)
      for (const line of wrong) expect(line).toMatch(/kubernetes|Pods/)
    })
  })

  test('what is not configured is said, and is not wrong', async () => {
    const bare = { PROMETHEUS_URL: '', REDIS_URL: '', MONGODB_URI: '', KUBECONFIG: '' }
    const { exitCode, lines } = await examine({ variables: bare, settings: { procedures: {} } })
    expect(exitCode).toBe(0)
    const blind = lines.filter(({ text }) => text.includes('not configured'))
    expect(blind.map(({ state }) => state)).toEqual(['careful', 'careful', 'careful', 'careful'])
  })
})
