import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../ports/clock.ts'
import { parseFollowed, parseStored } from '../../journal/stored-event.ts'
import { askedAppend, writeAppend, type AskedAppend } from '../../journal/write-append.ts'
import type { Appended, Journal } from '../../ports/journal.ts'
import { appendQueue } from './append-queue.ts'
import { appendStore } from './append-store.ts'
import { inTransaction } from '../../machine/sqlite-file.ts'
import { guarded, openForWriting, proveWritable } from './database.ts'
import { QUESTIONS } from './questions.ts'

export type SqliteJournal = Journal & {
  /** Commits what is queued, or tells those who wait why not. What is asked for afterwards is rejected. */
  close(): void
}

/** The journal in one SQLite file. */
export function sqliteJournal(options: {
  readonly file: string
  readonly clock: Clock
}): SqliteJournal {
  const { file, clock } = options
  const database = openForWriting(file)
  const { store, queries } = guarded(file, () => ({
    store: appendStore(database),
    queries: prepare(database),
  }))
  const queue = appendQueue<AskedAppend, Appended>((asked) =>
    guarded(file, () => inTransaction(database, () => asked.map((one) => writeAppend(store, one)))),
  )

  return {
    async append(append) {
      return queue.ask(askedAppend(append, clock.now()))
    },
    async read(incident, after = 0) {
      return guarded(file, () => queries.read.all(incident, after)).map(parseStored)
    },
    async follow(position) {
      const rows = guarded(file, () => queries.follow.all(position))
      const last = rows.at(-1)?.['position'] ?? position
      return { position: Number(last), ...parseFollowed(rows) }
    },
    async head() {
      return guarded(file, store.head)
    },
    async receivedUnder(prefix, count) {
      const rows = guarded(file, () => queries.receivedUnder.all(prefix, count))
      return rows.map((row) => ({
        delivery: String(row['delivery']),
        incident: incidentOf(row),
        at: String(row['at']),
      }))
    },
    async declared(count = -1) {
      return guarded(file, () => queries.declared.all(count)).map(incidentOf)
    },
    async open() {
      return guarded(file, () => queries.open.all()).map(incidentOf)
    },
    async inThread(channel, ts) {
      const found = guarded(file, () => queries.inThread.get(channel, ts))
      return found ? incidentOf(found) : null
    },
    async recent(lastMs) {
      return guarded(file, () => {
        const lastAt = queries.lastAt.get()?.['at']
        if (typeof lastAt !== 'string') return []
        const since = new Date(Date.parse(lastAt) - lastMs).toISOString()
        return queries.recent.all(since)
      }).map(incidentOf)
    },
    async check() {
      proveWritable(file, database)
    },
    close() {
      if (!database.isOpen) return
      queue.answerWaiting()
      database.close()
    },
  }
}

function incidentOf(row: Record<string, unknown>): string {
  return String(row['incident'])
}

function prepare(database: DatabaseSync) {
  return {
    read: database.prepare(QUESTIONS.read),
    follow: database.prepare(QUESTIONS.follow),
    receivedUnder: database.prepare(QUESTIONS.receivedUnder),
    declared: database.prepare(QUESTIONS.declared),
    open: database.prepare(QUESTIONS.open),
    inThread: database.prepare(QUESTIONS.inThread),
    lastAt: database.prepare(QUESTIONS.lastAt),
    recent: database.prepare(QUESTIONS.recent),
  }
}
