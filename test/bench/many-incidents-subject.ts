// The engine, with its journal on disk and the cards of the program, over a simulated production and a
// Slack that only takes what it is sent: node test/bench/many-incidents-subject.ts FOLDER post|measure
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { steadyClock } from '../../src/engine/steady-clock.ts'
import { botEngine } from '../../src/compose/bot-engine.ts'
import { newIncidentIds } from '../../src/compose/new-incident-id.ts'
import { onProduction } from '../../src/compose/on-production.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import type { Conversations, People } from '../../src/ports/conversations.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'

/** A watch looks every ten seconds. */
const EVERY_MS = 10_000
const TIMES = 8
const ASSESS: Intent = { kind: 'assess', symptoms: [] }

/** A call to Slack comes back in a later turn, however fast. */
const answered = () => new Promise<void>((done) => setImmediate(done))

let posted = 0
const conversations: Conversations = {
  async post() {
    await answered()
    posted += 1
    return { ts: `${posted}.0` }
  },
  update: answered,
  find: async () => null,
  linkTo: async ({ ts }) => `https://slack.test/${ts}`,
  tell: answered,
  upload: async () => ({ file: 'F1' }),
  findFile: async () => null,
}

const people: People = {
  accountOf: async (user) => ({ kind: 'member', email: `${user}@example.test` }),
  membersOf: async () => [],
}

let commits = 0
// oxlint-disable-next-line typescript/unbound-method -- it is called with its database below
const { exec } = DatabaseSync.prototype
DatabaseSync.prototype.exec = function counted(sql) {
  if (sql === 'COMMIT') commits += 1
  return exec.call(this, sql)
}

const processorMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Looks every millisecond, and tells for how long it could not: in all, and of that on the processor. */
const longestTurn = () => {
  const longest = { blockedMs: 0, processorMs: 0 }
  const now = () => ({ blockedMs: performance.now(), processorMs: processorMs() })
  let last = now()
  const timer = setInterval(() => {
    const next = now()
    longest.blockedMs = Math.max(longest.blockedMs, next.blockedMs - last.blockedMs)
    longest.processorMs = Math.max(longest.processorMs, next.processorMs - last.processorMs)
    last = next
  }, 1)
  return () => {
    clearInterval(timer)
    return longest
  }
}

/** The longest time for which nothing else had a turn, while this was done and all that it led to. */
const longest = async (run: () => void | Promise<void>) => {
  const turn = longestTurn()
  await pause(20)
  const before = commits
  await run()
  await engine.idle()
  await pause(20)
  return { ...turn(), commits: commits - before }
}

let said = 0
const mention = async (): Promise<void> => {
  said += 1
  const delivery = `mention ${process.pid} ${said}`
  const place = { channel: INCIDENTS, thread: null }
  const received = { delivery, by: ANA, place, card: null, intent: ASSESS }
  const receipt = await engine.receive(null, received)
  if (receipt.kind === 'received') engine.wake(receipt.incident)
}

const [folder = '', task] = process.argv.slice(2)
const url = 'http://simulated.invalid'
const config = loadConfig({
  file: join(folder, 'backout.yaml'),
  variables: { BACKOUT_DATA: folder, BACKEND_URL: url, FRONTEND_URL: url },
  needs: [],
})
let laterMs = 0
const later = () => Date.now() + laterMs
const clock = steadyClock({ wall: later, monotonic: () => performance.now() })
const { world } = sandboxWorld({ scenario: 'healthy', clock, settings: config.assess })
const metrics = botMetrics(['production']).of('production')
const journal = sqliteJournal({ file: join(folder, 'journal.sqlite'), clock })
const production = onProduction(config, world, clock, {
  isClosed: async () => false,
  journal,
  lately: async () => [],
})
const engine = botEngine(config, {
  journal,
  conversations,
  people,
  clock,
  shownIn: (view) => view,
  pagers: [],
  log: pinoLog({ level: 'error' }),
  production: async () => production,
  metrics: async () => metrics,
  newIncidentId: newIncidentIds(clock),
})

const start = await longest(engine.resume)
const ticks = []
const mentions = []
for (let left = task === 'measure' ? TIMES : 0; left > 0; left -= 1) {
  laterMs += EVERY_MS
  ticks.push(await longest(engine.tick))
  mentions.push(await longest(mention))
}
process.send?.({ start, ticks, mentions })
await engine.stop()
journal.close()
process.disconnect?.()
