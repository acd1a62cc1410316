import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { chained, GENESIS } from '../../../src/journal/chain.ts'
import { openForWriting } from '../../../src/adapters/sqlite/database.ts'
import { QUESTIONS } from '../../../src/adapters/sqlite/questions.ts'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { at, closed, declared, opened, requested } from '../../support/builders.ts'
import { faultOf, filledJournal, openJournal, temporaryFolder } from '../../support/journal.ts'

let file: string
beforeEach(() => {
  file = join(temporaryFolder(), 'journal.sqlite')
})

const headline: Event = { type: 'message-posted', surface: 'headline', channel: 'C', ts: '1.1' }

/** As the first versions made it, and as they write into it. */
const FIRST_LAYOUT = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY,
    incident TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at TEXT NOT NULL,
    delivery TEXT UNIQUE,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (incident, sequence)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_type ON events (type);
  CREATE INDEX IF NOT EXISTS events_by_time ON events (at);
  PRAGMA user_version = 1`

function writeAsBefore(incident: string, ...events: readonly Event[]): void {
  using database = new DatabaseSync(file)
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const head = database.prepare('SELECT position, hash FROM events ORDER BY position DESC').get()
  let position = Number(head?.['position'] ?? 0)
  let hash = String(head?.['hash'] ?? GENESIS)
  for (const [index, event] of events.entries()) {
    const body = JSON.stringify(event)
    position += 1
    const named = { incident, sequence: index + 1, at, delivery: null, type: event.type, body }
    hash = chained(hash, { position, ...named })
    insert.run(position, incident, named.sequence, at, null, event.type, body, hash)
  }
}

function change(sql: string): void {
  using database = new DatabaseSync(file)
  database.exec(sql)
}

describe('a journal of the first versions', () => {
  beforeEach(() => {
    change(FIRST_LAYOUT)
    writeAsBefore('i-1', opened, declared, headline)
    writeAsBefore('i-2', opened, declared, closed)
  })

  test('is opened, and answers what they could not', async () => {
    const journal = openJournal(file)
    expect(await journal.open()).toEqual(['i-1'])
    expect(await journal.declared(1)).toEqual(['i-2'])
    expect(await journal.inThread('C', '1.1')).toBe('i-1')
    expect(await journal.recent(0)).toEqual(['i-2', 'i-1'])
    const events = [requested]
    const holds = { plan: 1, targets: ['a'] }
    expect((await journal.append({ incident: 'i-1', seen: 3, events, holds })).kind).toBe(
      'appended',
    )
    expect(await journal.append({ incident: 'i-2', seen: 3, events, holds })).toEqual({
      kind: 'held',
      by: { incident: 'i-1', plan: 1 },
    })
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 7 })
  })

  test('can be written by them again, and is found through the same indexes afterwards', async () => {
    openJournal(file).close()
    writeAsBefore('i-3', opened, declared, { ...headline, ts: '3.1' })
    const journal = openJournal(file)
    expect(await journal.inThread('C', '3.1')).toBe('i-3')
    expect(await journal.open()).toEqual(['i-3', 'i-1'])
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 9 })
  })

  test('is verified without being changed', () => {
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 6 })
    using database = new DatabaseSync(file)
    expect(database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'holds'").get()).toBe(
      undefined,
    )
  })

  test('opens also when an event in it is no JSON: the other incidents go on', async () => {
    change(`UPDATE events SET body = 'torn' WHERE incident = 'i-1' AND sequence = 3`)
    const journal = openJournal(file)
    expect((await faultOf(() => journal.read('i-1'))).detail).toContain('cannot be read')
    expect(await journal.read('i-2')).toHaveLength(3)
    expect(await journal.open()).toEqual(['i-1'])
  })

  test('that is locked says so', async () => {
    using other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const fault = await faultOf(() => openJournal(file))
    expect(fault).toMatchObject({ kind: 'retryable', dependency: 'journal' })
  })
})

describe('tables and indexes of ours', () => {
  test.each([
    'CREATE TABLE holds (target TEXT, whose TEXT)',
    'CREATE INDEX events_by_day ON events (incident)',
  ])('that are not what we make are found: %s', async (sql) => {
    change(`${FIRST_LAYOUT}; ${sql}`)
    expect((await faultOf(() => verifyJournal(file))).detail).toMatch(/is damaged \(\w+ is not/)
  })

  test('that are what we make are as they should be', async () => {
    await filledJournal(file)
    expect(verifyJournal(file).kind).toBe('intact')
  })
})

describe('every question is answered through an index', () => {
  test.each(Object.entries(QUESTIONS))('%s', async (_name, sql) => {
    await filledJournal(file)
    using database = new DatabaseSync(file)
    const values = /\?1/.test(sql) ? [''] : Array.from(sql.matchAll(/\?/g), () => '')
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
    for (const { detail } of plan) {
      // An index that holds a small part of the events may be read from end to end.
      expect(String(detail)).not.toMatch(
        /^SCAN (?!(\w+ USING COVERING INDEX incident_turns|leaps|changed)$)/,
      )
    }
  })
})

test('of a journal SQLite keeps 128 kB in memory, and not two megabytes', () => {
  using database = openForWriting(file)
  expect(database.prepare('PRAGMA cache_size').get()).toEqual({ cache_size: -128 })
})
