import { Fault } from '../../src/domain/base/fault.ts'
import { openPostgresJournal } from '../../src/adapters/postgres/journal.ts'
import { postgresLease } from '../../src/adapters/postgres/lease.ts'
import type { JournalServer } from '../../src/adapters/postgres/server.ts'
import { botEngine } from '../../src/compose/bot-engine.ts'
import { borrow } from '../../src/compose/demo/borrowed-world.ts'
import { newIncidentIds } from '../../src/compose/new-incident-id.ts'
import { oneActs } from '../../src/compose/one-acts.ts'
import { onProduction } from '../../src/compose/on-production.ts'
import { steadyClock } from '../../src/engine/steady-clock.ts'
import type { Conversations, People } from '../../src/ports/conversations.ts'
import { replicaConfig, TURNS_IN_A_LEASE, type ToReplica } from './replica-messages.ts'

/*
 * One of several processes on a journal in PostgreSQL: `node replica-process.ts SERVER NAME LEASE-MS FOLDER`. The engine and
 * what takes turns are the program's; production and Slack are its parent's, over the channel between them.
 */

const [where = '', name = '', lease = '', data = ''] = process.argv.slice(2)
const leaseMs = Number(lease)
const server = JSON.parse(where) as JournalServer

function tell(message: object): void {
  process.send?.(message)
}

const { world, hear } = borrow(tell, 'kubernetes')
const waiting = new Map<number, PromiseWithResolvers<unknown>>()
let asked = 0

/** Slack as its parent plays it. */
function lentSlack(): Conversations {
  const method =
    (called: string) =>
    (...args: readonly unknown[]): Promise<unknown> => {
      const id = (asked += 1)
      const answered = Promise.withResolvers<unknown>()
      waiting.set(id, answered)
      const plain = args.filter((arg) => !(arg instanceof AbortSignal))
      tell({ slack: id, method: called, args: plain })
      return answered.promise
    }
  const methods = ['post', 'update', 'find', 'linkTo', 'tell', 'upload', 'findFile']
  return Object.fromEntries(methods.map((one) => [one, method(one)])) as Conversations
}

const people: People = {
  accountOf: async (user) => ({ kind: 'member', email: `${user}@pipeshub.example` }),
  membersOf: async () => [],
}

const config = replicaConfig(data)
const clock = steadyClock({ wall: Date.now, monotonic: () => performance.now() })
const log = { debug() {}, info() {}, warn() {}, error() {} }
const journal = await openPostgresJournal({ server, clock })
const isClosed = async (id: string) => (await replica.load(id))?.closed != null
const production = onProduction(config, world, clock, {
  isClosed,
  journal,
  lately: (lastMs) => replica.lately(lastMs),
})
const replica = oneActs({
  lease: postgresLease({ server, holder: name, leaseMs }),
  leaseMs,
  clock,
  log,
  newEngine: (mayAct) =>
    botEngine(config, {
      journal,
      conversations: lentSlack(),
      people,
      shownIn: (view) => view,
      pagers: [],
      mayAct,
      clock,
      log,
      production: async () => production,
      metrics: null,
      newIncidentId: newIncidentIds(clock),
    }),
})

async function answer(message: ToReplica): Promise<void> {
  if ('slackAnswer' in message) {
    const asking = waiting.get(message.slackAnswer)
    if ('value' in message) asking?.resolve(message.value)
    else asking?.reject(new Fault({ dependency: 'slack', ...message.fault }))
    waiting.delete(message.slackAnswer)
    return
  }
  const { told, incident, received } = message
  const receipt = await replica.receive(incident, received).catch((error: unknown) => {
    return { kind: 'failed', detail: String(error) } as const
  })
  if (receipt.kind === 'received') replica.wake(receipt.incident)
  tell({ told, receipt })
}

process.on('message', (message: ToReplica) => {
  if ('slackAnswer' in message || 'incident' in message) void answer(message)
  else hear(message)
})
process.once('disconnect', () => process.exit(1))
await replica.resume()

/** As in the program. */
const TURNS_IN_A_TICK = 10
let turns = 0
let isTurning = false
async function turn(): Promise<void> {
  if (isTurning) return
  isTurning = true
  await replica.turn()
  turns += 1
  if (turns % TURNS_IN_A_TICK === 0) replica.tick()
  isTurning = false
}
setInterval(() => void turn(), leaseMs / TURNS_IN_A_LEASE)
tell({ ready: name })
