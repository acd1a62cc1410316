import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { startApp } from '../servers/app/start.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import { startMongodb } from '../servers/mongodb.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { startRedis } from '../servers/redis.ts'
import { startConfiguredBot, startDemoSlack } from '../support/bot.ts'
import type { Bot } from '../support/bot.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import { atMost } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { slackEnvironment, START_FLAGS, START_VARIABLES } from './processes.ts'
import { everythingConfigured } from './settings.ts'

const IDLE_MS = 30_000
const COMPILES_WITHIN_MS = 3_000
const MOST_MB = 150
const QUESTIONS = ['assess', 'deployments', 'targets', 'ping', 'metrics', 'logs backend', 'help']

/** The bot with every adapter configured against real servers: before anybody asked, and after. */
export const memory = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  const [app, redis, mongodb, cluster] = await Promise.all([
    startApp().then((one) => resources.use(one)),
    startRedis().then((one) => resources.use(one)),
    startMongodb().then((one) => resources.use(one)),
    startKubernetes().then((one) => resources.use(one)),
  ])
  const scrape = [{ job: 'backend', targets: [app.target] }]
  const prometheus = resources.use(await startPrometheus({ scrape }))
  await Promise.all(
    ['backend', 'frontend'].map((name) =>
      cluster.deploy('production', name, `example.test/${name}:v1.0.0`, 1),
    ),
  )
  const start = () =>
    startConfiguredBot({
      settings: everythingConfigured,
      env: {
        ...START_VARIABLES,
        ...slackEnvironment(slack),
        NODE_OPTIONS: START_FLAGS.join(' '),
        BACKEND_URL: app.url,
        FRONTEND_URL: app.url,
        PROMETHEUS_URL: prometheus.url,
        REDIS_URL: redis.url,
        MONGODB_URI: mongodb.uri,
        KUBECONFIG: cluster.kubeconfig,
      },
    })
  // The first start after a change compiles, which takes memory; what it compiled is kept.
  const first = await start()
  await pause(COMPILES_WITHIN_MS)
  await first.stop()
  const bot = resources.use(await start())

  await pause(IDLE_MS)
  const fresh = await memoryOf(bot)
  for (const question of QUESTIONS) await slack.as(ANA).command(INCIDENTS, `/rollback ${question}`)
  await slack.as(ANA).waitForMessage(INCIDENTS, (message) => 'blocks' in message, 10_000)
  await pause(IDLE_MS)
  const used = await memoryOf(bot)
  return [
    limited('memory 30 s after the start, asked nothing', fresh),
    limited(`memory 30 s after ${QUESTIONS.length} commands`, used),
  ]
}

type Memory = {
  readonly rss: number
  readonly anonymous: number
  readonly file: number
  readonly heapUsed: number
  readonly heapTotal: number
  readonly external: number
}

/** The kernel's numbers, and V8's from the bot's own /metrics, in MB (10^6 bytes). */
const memoryOf = async (bot: Bot): Promise<Memory> => {
  // Before asking: an answer takes memory too.
  const status = readFileSync(`/proc/${bot.pid}/status`, 'utf8')
  const kernel = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6
  const metrics = await (await fetch(`${bot.url}/metrics`)).text()
  const own = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]) / 1e6
  return {
    rss: kernel('VmRSS'),
    anonymous: kernel('RssAnon'),
    file: kernel('RssFile') + kernel('RssShmem'),
    heapUsed: own('nodejs_heap_size_used_bytes'),
    heapTotal: own('nodejs_heap_size_total_bytes'),
    external: own('nodejs_external_memory_bytes'),
  }
}

const limited = (what: string, memoryNow: Memory): Outcome => {
  const mb = (value: number): string => `${value.toFixed(0)} MB`
  const { rss, anonymous, file, heapUsed, heapTotal, external } = memoryNow
  return atMost({
    what,
    measured: rss,
    gate: MOST_MB,
    unit: 'MB',
    details: [
      `its own ${mb(anonymous)}, mapped files (most of it the program text of node) ${mb(file)}`,
      `V8 heap ${mb(heapTotal)}, of which used ${mb(heapUsed)}; buffers and the like ${mb(external)}`,
    ],
  })
}
