import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { GENESIS } from '../../../src/journal/chain.ts'
import type { JournalProof } from '../../../src/journal/prove.ts'
import { declared, opened, requested } from '../../support/builders.ts'
import { filledJournal, openJournal, temporaryFolder } from '../../support/journal.ts'

const ROWS = 8
const columns = [
  'position',
  'incident',
  'sequence',
  'at',
  'delivery',
  'type',
  'body',
  'hash',
] as const

async function newJournal(): Promise<{ file: string; bytes: Buffer }> {
  const file = join(temporaryFolder(), 'journal.sqlite')
  await filledJournal(file)
  return { file, bytes: readFileSync(file) }
}

/** What somebody does who can write to the file. */
function tamper(file: string, sql: string, ...values: (string | number | Uint8Array)[]): void {
  const database = new DatabaseSync(file)
  try {
    database.prepare(sql).run(...values)
  } finally {
    database.close()
  }
}

function valueAt(file: string, column: string, position: number): string {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const row = database.prepare(`SELECT ${column} AS v FROM events WHERE position = ?`)
    return String(row.get(position)?.['v'] ?? '')
  } finally {
    database.close()
  }
}

test('an untouched journal is intact, and its head is the last hash', async () => {
  const { file } = await newJournal()
  expect(verifyJournal(file)).toEqual({
    kind: 'intact',
    events: ROWS,
    checkpointed: 0,
    head: valueAt(file, 'hash', ROWS),
  })
})

test('an empty one is intact, and its head is where chains begin', async () => {
  const file = join(temporaryFolder(), 'journal.sqlite')
  openJournal(file).close()
  expect(verifyJournal(file)).toEqual({ kind: 'intact', events: 0, head: GENESIS, checkpointed: 0 })
})

test('proving changes nothing', async () => {
  const { file, bytes } = await newJournal()
  verifyJournal(file)
  expect(readFileSync(file)).toEqual(bytes)
})

describe('any single changed byte of any column of any row', () => {
  test.each(columns)('%s: is found, and the first bad event is named', async (column) => {
    const { file: path, bytes } = await newJournal()
    const Change = fc.record({
      position: fc.integer({ min: 1, max: ROWS }),
      at: fc.nat(),
      flip: fc.integer({ min: 1, max: 255 }),
    })
    fc.assert(
      fc.property(Change, ({ position, at, flip }) => {
        writeFileSync(path, bytes)
        const before = Buffer.from(valueAt(path, column, position))
        // An event that came by no delivery has nothing there to change.
        if (before.length === 0) return
        const after = Buffer.from(before)
        const index = at % after.length
        after[index] = (after[index] ?? 0) ^ flip
        const number = column === 'position' || column === 'sequence'
        if (number && !/^\d+$/.test(after.toString('latin1'))) return
        const value = number ? Number(after.toString('latin1')) : new Uint8Array(after)
        if (number && value === Number(before)) return
        const cast = number ? '?' : 'CAST(? AS TEXT)'
        try {
          tamper(path, `UPDATE events SET ${column} = ${cast} WHERE position = ?`, value, position)
        } catch (error) {
          // Another row has that number: SQLite itself does not let them be the same.
          expect(String(error)).toMatch(/UNIQUE|constraint/)
          return
        }
        const proof = verifyJournal(path)
        expect(proof.kind).toBe('broken')
        if (proof.kind !== 'broken') return
        // A row that was moved is missed at its old place, or met too early at its new one.
        if (column === 'position') expect(proof.position).toBeLessThanOrEqual(position)
        else expect(proof.position).toBe(position)
        expect(proof.what).not.toBe('')
      }),
      { numRuns: 60 },
    )
  })
})

describe('whole events', () => {
  test.each([
    ['taken out of the middle', 'DELETE FROM events WHERE position = 4', 4, /missing/],
    ['taken out of the beginning', 'DELETE FROM events WHERE position = 1', 1, /missing/],
    [
      'exchanged',
      `UPDATE events SET body = CASE position
         WHEN 5 THEN (SELECT body FROM events WHERE position = 6)
         ELSE (SELECT body FROM events WHERE position = 5) END
       WHERE position IN (5, 6)`,
      5,
      /does not match/,
    ],
    [
      'put in',
      `INSERT INTO events SELECT 9, 'i-9', 1, at, NULL, type, body, hash FROM events WHERE position = 3`,
      9,
      /does not match/,
    ],
    ['emptied', `UPDATE events SET body = '' WHERE position = 2`, 2, /does not match/],
    [
      'given another delivery',
      `UPDATE events SET delivery = 'd-9' WHERE position = 5`,
      5,
      /does not match/,
    ],
  ])('%s are found', async (_what, sql, position, what) => {
    const { file } = await newJournal()
    tamper(file, sql)
    expect(verifyJournal(file)).toMatchObject({
      kind: 'broken',
      position,
      what: expect.stringMatching(what),
    })
  })

  test('that are chained rightly but cannot follow one another are found by the fold', async () => {
    const { file } = await newJournal()
    const journal = openJournal(file)
    const events = [opened, declared, declared, requested]
    await journal.append({ incident: 'i-3', seen: 0, events })
    journal.close()
    expect(verifyJournal(file)).toMatchObject({
      kind: 'broken',
      position: ROWS + 3,
      incident: 'i-3',
      what: expect.stringContaining('declared twice'),
    })
  })

  test('cut off at the end change the head, which is all that can tell', async () => {
    const { file } = await newJournal()
    const before = verifyJournal(file)
    tamper(file, 'DELETE FROM events WHERE position = 8')
    const after = verifyJournal(file)
    expect(after).toMatchObject({ kind: 'intact', events: ROWS - 1 })
    expect(after).not.toEqual(before)
  })
})

/** All that a reader of this file is told; a `Fault` is told too. */
async function readAll(file: string): Promise<unknown> {
  const journal = openJournal(file)
  try {
    const incidents = await journal.recent(1e14)
    const read = async (incident: string) => [incident, await journal.read(incident)]
    return await Promise.all(incidents.map(read))
  } finally {
    journal.close()
  }
}

function proofOf(file: string): JournalProof['kind'] {
  try {
    return verifyJournal(file).kind
  } catch (error) {
    // Found, and in our words: anything else is a crash.
    if (error instanceof Fault) return 'broken'
    throw error
  }
}

test('random bytes of the file itself: what is read is as before, or the damage is found', async () => {
  const { bytes } = await newJournal()
  const path = join(temporaryFolder(), 'journal.sqlite')
  writeFileSync(path, bytes)
  const before = await readAll(path)
  // SQLite leaves most of a small file empty; what is written stands at the pages' ends.
  const written = [...bytes.keys()].filter((index) => bytes[index] !== 0)
  const Flip = fc.record({
    at: fc.oneof(fc.constantFrom(...written), fc.nat({ max: bytes.length - 1 })),
    flip: fc.integer({ min: 1, max: 255 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(Flip, { minLength: 1, maxLength: 3 }), async (flips) => {
      const changed = Buffer.from(bytes)
      for (const { at, flip } of flips) changed[at] = (changed[at] ?? 0) ^ flip
      writeFileSync(path, changed)
      if (proofOf(path) === 'broken') return
      expect(await readAll(path)).toEqual(before)
    }),
    { numRuns: 400 },
  )
})
