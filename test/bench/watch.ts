// Many incidents watched at once by one bot. The bot runs in a process of its own, over the simulated
// production, and counts what it asks of it: node test/bench/watch.ts CONFIG
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { startBot } from '../../src/compose/bot.ts'
import { surviveKnownSlackDefects } from '../../src/compose/process.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { reap, spare } from '../servers/reaper.ts'
import { dataFolder, startDemoSlack } from '../support/bot.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { counted, inAll, shown } from './counted-world.ts'
import { exactly, reported } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { processorMs, slackEnvironment, START_FLAGS } from './processes.ts'
import { everythingConfigured } from './settings.ts'
import { looksTaken, writeWatchedIncidents } from './watched-incidents.ts'

const WATCHED = 100
const DUE_TIMES = 12
const EVERY_MS = 10_000
/** Cards are edited when a look said something else, and each minute. */
const SETTLES_MS = 15_000
const POSTED_WITHIN_MS = 180_000

/** One pass of the runbook's loop, each as one request, however many its client sends. */
const RUNBOOK = [
  'curl $API_URL/health',
  'curl $PROMETHEUS_URL/api/v1/query',
  'redis-cli GET active_users_count',
  'mongosh --eval "db.serverStatus().connections.current"',
]
const MOST_SHARE = 0.1

export const watching = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  const data = dataFolder()
  const journal = join(data, 'journal.sqlite')
  await writeWatchedIncidents(journal, WATCHED)
  const bot = resources.use(startWatching(slack, data))
  await until(() => posted(slack, 'watch-1:') === WATCHED, 'all cards', POSTED_WITHIN_MS)
  await pause(SETTLES_MS)

  await betweenDueTimes()
  const edits = editsFrom(slack)
  const before = { looks: looksTaken(journal), processor: processorMs(bot.pid) }
  const amounts: number[] = []
  let last = await bot.asked()
  for (let time = 0; time < DUE_TIMES; time += 1) {
    await pause(1)
    await betweenDueTimes()
    const now = await bot.asked()
    amounts.push(now.total - last.total)
    last = now
  }
  const processor = processorMs(bot.pid) - before.processor
  const edited = Object.values(edits.each()).reduce((sum, one) => sum + one, 0)
  const most = Math.max(...amounts)
  const theirs = WATCHED * RUNBOOK.length
  const minutes = (DUE_TIMES * EVERY_MS) / 60_000
  return [
    {
      what: `requests of a due time, ${WATCHED} incidents watched, against as many of the runbook’s loops`,
      verdict: most / theirs <= MOST_SHARE ? 'pass' : 'FAIL',
      measured: `${(most / theirs).toFixed(3)} x; ${most} to ${theirs}`,
      gate: `<= ${MOST_SHARE} x`,
      details: [
        `the most of ${DUE_TIMES} due times: ${amounts.join(', ')}; of one loop ${RUNBOOK.length}`,
        `asked since the start: ${shown(last.each)}`,
      ],
    },
    exactly({
      what: `looks in the journal, of ${WATCHED} incidents at ${DUE_TIMES} due times`,
      measured: looksTaken(journal) - before.looks,
      gate: WATCHED * DUE_TIMES,
    }),
    {
      what: 'edits of Slack messages a minute, while all is well',
      verdict: edited / minutes <= WATCHED ? 'pass' : 'FAIL',
      measured: String(edited / minutes),
      gate: `<= ${WATCHED}`,
      details: [
        `of its own card, each incident one a minute; ${edited} in ${minutes} minutes: ${shown(edits.each())}`,
        'Slack takes about 50 a minute of one app: beyond that they wait',
      ],
    },
    reported('processor time of a due time', `${(processor / DUE_TIMES).toFixed(0)} ms`, [
      `${((100 * processor) / (DUE_TIMES * EVERY_MS)).toFixed(1)} % of one processor`,
    ]),
  ]
}

/** Halfway to the next one: ticks come at whole tens of seconds. */
const betweenDueTimes = () => pause(EVERY_MS - ((Date.now() + EVERY_MS / 2) % EVERY_MS))

const posted = (slack: Slack, surface: string): number =>
  slack.calls().filter(({ method, body, carriedOut }) => {
    return method === 'chat.postMessage' && carriedOut && JSON.stringify(body).includes(surface)
  }).length

/** The edits from now on, by the card they are of: its key is in its first block. */
const editsFrom = (slack: Slack) => {
  const from = slack.calls().length
  return {
    each(): Record<string, number> {
      const edited = slack
        .calls()
        .slice(from)
        .filter(({ method }) => method === 'chat.update')
      const cards = edited.map(
        ({ body }) => /([a-z-]+)(-\d+)?:\d{8}-/.exec(JSON.stringify(body))?.[1],
      )
      return Object.fromEntries(
        Object.entries(Object.groupBy(cards, (card) => card ?? 'of other messages')).map(
          ([card, those = []]) => [card, those.length],
        ),
      )
    },
  }
}

const Asked = z.object({ total: z.int(), each: z.record(z.string(), z.int()) })
type Asked = z.infer<typeof Asked>

type Watching = AsyncDisposable & {
  readonly pid: number
  /** All that was asked of production so far. */
  readonly asked: () => Promise<Asked>
}

const startWatching = (slack: Slack, data: string): Watching => {
  const config = join(data, 'backout.yaml')
  writeFileSync(config, everythingConfigured)
  const url = 'http://simulated.invalid'
  const child = spawn(process.execPath, [...START_FLAGS, import.meta.filename, config], {
    env: {
      PATH: process.env['PATH'],
      NODE_NO_WARNINGS: '1',
      ...slackEnvironment(slack),
      BACKOUT_DATA: data,
      BACKOUT_HTTP_PORT: '0',
      BACKEND_URL: url,
      FRONTEND_URL: url,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const { pid = 0 } = child
  reap({ pid })
  return {
    pid,
    async asked() {
      child.send('asked')
      const [answer] = await once(child, 'message')
      return Asked.parse(answer)
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
      spare({ pid })
    },
  }
}

if (import.meta.main) {
  const [file = ''] = process.argv.slice(2)
  const config = loadConfig({ file, variables: process.env, needs: ['slack'] })
  const log = pinoLog({ level: 'error' })
  surviveKnownSlackDefects(log)
  const clock = { now: Date.now }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings: config.assess })
  const each: Record<string, number> = {}
  process.on('message', () => {
    process.send?.({ total: inAll(each), each })
  })
  const bot = await startBot([config], async () => counted(world, each), log)
  await bot.failed
}
