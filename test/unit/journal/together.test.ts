import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteJournal, type SqliteJournal } from '../../../src/adapters/sqlite/journal.ts'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import { atOnce } from '../../../src/engine/batch-per-tick.ts'
import { incidentLog } from '../../../src/engine/journal/incident-log.ts'
import type { Event } from '../../../src/domain/incident/event.ts'

const opened: Event = {
  type: 'incident-opened',
  by: 'U0ANA',
  place: { channel: 'C0INCIDENTS', thread: null },
}

let folder: string
let journal: SqliteJournal

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backout-together-'))
  journal = sqliteJournal({ file: join(folder, 'journal.sqlite'), clock: { now: () => 0 } })
})
afterEach(() => {
  journal.close()
  rmSync(folder, { recursive: true })
})

test('appends made together are all there, in one chain', () => {
  journal.together(() => {
    for (const id of ['a', 'b', 'c']) journal.append(id, 0, [opened])
  })
  expect(journal.recent(1e14)).toEqual(['c', 'b', 'a'])
  expect(verifyJournal(join(folder, 'journal.sqlite'))).toMatchObject({ kind: 'intact', events: 3 })
})

test('when one fails none has happened, and nobody believes that it had', () => {
  const incidents = incidentLog(journal)
  expect(() =>
    incidents.together(() => {
      incidents.append('a', () => [opened])
      expect(incidents.load('a').sequence).toBe(1)
      throw new Error('the disk is full')
    }),
  ).toThrow('the disk is full')
  expect(incidents.load('a').sequence).toBe(0)
  expect(incidents.append('a', () => [opened])).toBe('appended')
})

test('what is asked for in one turn is answered at once, each with its own answer', async () => {
  const turns: (readonly number[])[] = []
  const double = atOnce((asked: readonly number[]) => {
    turns.push(asked)
    return asked.map((one) => 2 * one)
  })
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6])
  expect(await double(4)).toBe(8)
  expect(turns).toEqual([[1, 2, 3], [4]])
})

test('what is thrown reaches everybody, and the next turn is asked anew', async () => {
  let broken = true
  const ask = atOnce((asked: readonly string[]) => {
    if (broken) throw new Error('no room')
    return asked
  })
  const outcomes = await Promise.allSettled([ask('a'), ask('b')])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  broken = false
  expect(await ask('c')).toBe('c')
})
