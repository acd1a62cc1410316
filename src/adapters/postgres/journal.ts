import { Fault } from '../../domain/base/fault.ts'
import { NO_EVENT, StoredHead } from '../../journal/chain.ts'
import { parseFollowed, parseStored } from '../../journal/stored-event.ts'
import { askedAppend, deliveriesOf, type AskedAppend } from '../../journal/write-append.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Appended, Journal } from '../../ports/journal.ts'
import { appendTurns } from './append-turns.ts'
import type { Row } from './connections.ts'
import { asking, openTables } from './open-tables.ts'
import { QUESTIONS } from './questions.ts'
import type { JournalServer } from './server.ts'
import { turnWriter } from './write-turn.ts'

export type PostgresJournal = Journal & {
  /** Commits what is queued, or tells those who wait why not. What is asked for afterwards is rejected. */
  close(): Promise<void>
}

const READ_MS = 2_000

/** The journal in a schema of a PostgreSQL of its own. Throws the `Fault` that keeps it from being used. */
export async function openPostgresJournal(options: {
  readonly server: JournalServer
  readonly clock: Clock
}): Promise<PostgresJournal> {
  const { server, clock } = options
  const connections = await openTables(server, READ_MS)
  const ask = asking(connections, READ_MS)
  const writer = turnWriter(connections)
  const turns = appendTurns<AskedAppend, Appended>(writer.write, isFinal)
  let isClosed = false

  return {
    async append(append) {
      if (isClosed) throw closedFault()
      return turns.ask(keepable(askedAppend(append, clock.now())))
    },
    async read(incident, after = 0) {
      return (await ask(QUESTIONS.read, [incident, after])).map(parseStored)
    },
    async follow(position) {
      const rows = await ask(QUESTIONS.follow, [position])
      const last = rows.at(-1)?.['position'] ?? position
      return { position: Number(last), ...parseFollowed(rows) }
    },
    async head() {
      const [newest] = await ask(QUESTIONS.head)
      return newest ? StoredHead.parse(newest) : NO_EVENT
    },
    async receivedUnder(prefix, count) {
      const rows = await ask(QUESTIONS.receivedUnder, [prefix, count])
      return rows.map((row) => ({
        delivery: String(row['delivery']),
        incident: incidentOf(row),
        at: String(row['at']),
      }))
    },
    async declared(count) {
      return (await ask(QUESTIONS.declared, [count ?? null])).map(incidentOf)
    },
    async open() {
      return (await ask(QUESTIONS.open)).map(incidentOf)
    },
    async inThread(channel, ts) {
      const [found] = await ask(QUESTIONS.inThread, [channel, ts])
      return found ? incidentOf(found) : null
    },
    async recent(lastMs) {
      const lastAt = (await ask(QUESTIONS.lastAt))[0]?.['at']
      if (typeof lastAt !== 'string') return []
      const since = new Date(Date.parse(lastAt) - lastMs).toISOString()
      return (await ask(QUESTIONS.recent, [since])).map(incidentOf)
    },
    check: writer.check,
    async close() {
      if (isClosed) return
      isClosed = true
      await turns.settled()
      await connections.close()
    },
  }
}

function isFinal(error: unknown): boolean {
  return !(error instanceof Fault) || error.kind === 'terminal'
}

function incidentOf(row: Row): string {
  return String(row['incident'])
}

/** An index keeps no longer ones: https://www.postgresql.org/docs/current/btree-implementation.html */
const LONGEST_KEY = 2_000

/** Fails for this append alone what the server would refuse together with all that it comes with. */
function keepable(asked: AskedAppend): AskedAppend {
  const { append } = asked
  const targets = append.holds?.targets ?? []
  const bad = [append.incident, ...deliveriesOf(append), ...targets].find((key) => {
    return Buffer.byteLength(key) > LONGEST_KEY || key.includes('\0') || !key.isWellFormed()
  })
  if (bad === undefined) return asked
  const detail = `a name cannot be kept in the journal: ${bad.slice(0, 40).toWellFormed()}`
  throw new Fault({ kind: 'terminal', dependency: 'journal', detail })
}

function closedFault(): Fault {
  return new Fault({ kind: 'terminal', dependency: 'journal', detail: 'the journal is closed' })
}
