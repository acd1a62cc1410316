// Many incidents watched at once by one bot. The bot runs in a process of its own, over the simulated
// production, and counts what it asks of it: node test/bench/watch.ts CONFIG
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { startBot } from '../../src/compose/bot.ts'
import { surviveKnownSlackDefects } from '../../src/compose/process.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { World } from '../../src/ports/world.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { reap, spare } from '../servers/reaper.ts'
import { dataFolder, startDemoSlack } from '../support/bot.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
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
  const bot = resources.use(await startWatching(slack, data))
  const cards = async () => postedOf(slack, 'watch-1:')
  await until(async () => (await cards()) === WATCHED, 'all cards', POSTED_WITHIN_MS)
  await pause(SETTLES_MS)

  await betweenDueTimes()
  const edits = () => slack.calls().filter(({ method }) => method === 'chat.update').length
  const before = { edits: edits(), looks: looksTaken(journal), processor: processorMs(bot.pid) }
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
  const edited = edits() - before.edits
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
    reported('edits of Slack messages a minute, nothing new to tell', `${edited / minutes}`, [
      `${edited} in ${minutes} minutes; Slack takes 50 a minute and more of an app`,
    ]),
    reported('processor time of a due time', `${(processor / DUE_TIMES).toFixed(0)} ms`, [
      `${((100 * processor) / (DUE_TIMES * EVERY_MS)).toFixed(1)} % of one processor`,
    ]),
  ]
}

/** Halfway to the next one: ticks come at whole tens of seconds. */
const betweenDueTimes = () => pause(EVERY_MS - ((Date.now() + EVERY_MS / 2) % EVERY_MS))
