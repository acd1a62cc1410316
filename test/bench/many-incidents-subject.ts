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
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import { longestTurn } from './longest-turn.ts'
import { quietSlack } from './quiet-slack.ts'

/** A watch looks every ten seconds. */
const EVERY_MS = 10_000
const TIMES = 8
const ASSESS: Intent = { kind: 'assess', symptoms: [] }

const { conversations, people } = quietSlack()

let commits = 0
// oxlint-disable-next-line typescript/unbound-method -- it is called with its database below
const { exec } = DatabaseSync.prototype
DatabaseSync.prototype.exec = function counted(sql) {
  if (sql === 'COMMIT') commits += 1
  return exec.call(this, sql)
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
