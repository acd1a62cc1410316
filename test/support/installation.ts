import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { SCOPES } from '../../src/chat/scopes.ts'
import { startApp, type AppServer } from '../servers/app/start.ts'
import { startMongodb } from '../servers/mongodb.ts'
import { prometheusLogin, startPrometheus } from '../servers/prometheus.ts'
import { askRedis, startRedis, type RedisServer } from '../servers/redis.ts'
import { freshFolder } from '../servers/spawn.ts'
import { runCli, type Ran } from './cli.ts'
import { startBotCluster, type BotCluster } from './kubernetes.ts'
import { APPROVERS, CY, INCIDENTS, pipeshub } from './slack/fixture.ts'
import { startSlack, type Slack } from './slack/slack.ts'
import { writtenPast } from './written-past.ts'

type Settings = Readonly<Record<string, unknown>>
type Variables = Readonly<Record<string, string>>

/** What is other than in a good installation. */
export type Broken = { readonly settings?: Settings; readonly variables?: Variables }

export type Examined = Ran & {
  readonly lines: readonly { readonly state: string; readonly text: string }[]
  /** What is "wrong", a line for each cause. */
  readonly wrong: readonly string[]
  /** The states of the lines that hold these words. */
  readonly state: (words: RegExp) => readonly string[]
}

export type Installation = AsyncDisposable & {
  readonly folder: string
  readonly slack: Slack
  readonly bot: BotCluster
  readonly apps: readonly AppServer[]
  readonly variables: Variables
  readonly kubeconfigOf: (token: string) => Promise<string>
  /** `doctor`, with what is broken. */
  readonly examine: (broken?: Broken) => Promise<Examined>
}

const redisPassword = 'redis-password'

/** Redis takes the password on the connection that the command comes by. */
async function storeUsers({ host, port }: RedisServer): Promise<void> {
  const answer = await askRedis(host, port, `AUTH ${redisPassword}\r\nSET active_users_count 100`)
  if (!answer.startsWith('+OK')) throw new Error(answer)
}

/** Everything Backout is told of, really there, and well. */
export async function goodInstallation(): Promise<Installation> {
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('doctor')).path
  const workspace = { ...pipeshub(), scopes: Object.keys(SCOPES) }
  const slack = starting.adopt(await startSlack(workspace), (one) => one.stop())
  const bot = starting.use(await startBotCluster())
  for (const name of ['backend', 'frontend']) {
    await bot.cluster.deploy('production', name, `pipeshub/${name}:v1.9.0`, 1)
  }
  const backend = starting.use(await startApp())
  const frontend = starting.use(await startApp())
  const redis = starting.use(await startRedis({ password: redisPassword }))
  await storeUsers(redis)
  const mongodb = starting.use(await startMongodb())
  const openmetrics = writtenPast([{ case: 'usual' }], Date.now())
  const prometheus = starting.use(await startPrometheus({ openmetrics, basicAuth: true }))

  async function kubeconfigOf(token: string): Promise<string> {
    const file = join(folder, `${token.length}.kubeconfig`)
    const cluster = { server: bot.cluster.url, 'certificate-authority': bot.cluster.caFile }
    await writeFile(
      file,
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user: { token } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'c',
      }),
    )
    return file
  }

  const deployments = { backend: 'backend', frontend: 'frontend' }
  const settings: Settings = {
    environment: 'staging',
    slack: { channels: [INCIDENTS] },
    services: [
      { name: 'backend', url: backend.url },
      { name: 'frontend', url: frontend.url },
    ],
    // The past is written once, and the tests take their time.
    prometheus: { staleAfterSeconds: 280 },
    procedures: { kubernetes: { namespace: 'production', deployments } },
    approval: { users: [CY], groups: [APPROVERS] },
  }
  const variables: Variables = {
    SLACK_BOT_TOKEN: workspace.app.botToken,
    SLACK_APP_TOKEN: workspace.app.appToken,
    SLACK_API_URL: slack.apiUrl,
    BACKOUT_DATA: join(folder, 'data'),
    PROMETHEUS_URL: prometheus.url,
    PROMETHEUS_USERNAME: prometheusLogin.username,
    PROMETHEUS_PASSWORD: prometheusLogin.password,
    REDIS_URL: redis.url,
    MONGODB_URI: mongodb.uri,
    KUBECONFIG: await kubeconfigOf(bot.token),
  }
  const resources = starting.move()
  return {
    folder,
    slack,
    bot,
    apps: [backend, frontend],
    variables,
    kubeconfigOf,
    async examine(broken = {}) {
      const file = join(folder, 'backout.yaml')
      await writeFile(file, stringify({ ...settings, ...broken.settings }))
      const given = { ...variables, ...broken.variables }
      return readTable(await runCli(['doctor', '--config', file], given), given)
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function readTable(ran: Ran, { SLACK_BOT_TOKEN = '', SLACK_APP_TOKEN = '' }: Variables): Examined {
  // Slack's client says a word of its own when nobody answers it; a crash looks otherwise.
  expect(ran.complaints.replaceAll(/^\[WARN\] {2}web-api.*\n/gm, '')).toBe('')
  const secrets = [SLACK_BOT_TOKEN, SLACK_APP_TOKEN, redisPassword, prometheusLogin.password]
  for (const secret of secrets) {
    if (secret !== '') expect(ran.output + ran.complaints).not.toContain(secret)
  }
  // What is not well takes several lines, of which the first says how bad it is.
  const lines = ran.output
    .replaceAll(/\n {9}/g, ' ')
    .split('\n')
    .flatMap((text) => {
      const state = /^(ok|careful|wrong) /.exec(text)?.[1]
      return state === undefined ? [] : [{ state, text }]
    })
  expect(lines.length).toBeGreaterThan(10)
  const wrong = lines.filter(({ state }) => state === 'wrong').map(({ text }) => text)
  // The summary and the exit code say what the lines say.
  const last = ran.output.trimEnd().split('\n').at(-1)
  expect(last).toMatch(wrong.length === 0 ? /^Nothing is wrong/ : /^\d+ things? (is|are) wrong/)
  expect(ran.exitCode).toBe(wrong.length === 0 ? 0 : 1)
  const state = (words: RegExp) =>
    lines.filter(({ text }) => words.test(text)).map((line) => line.state)
  return { ...ran, lines, wrong, state }
}
