import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { atMs, opened, requested, taken } from '../../support/builders.ts'
import { anotherProcess, faultOf, openJournal, temporaryFolder } from '../../support/journal.ts'

let file: string
beforeEach(() => {
  file = join(temporaryFolder(), 'journal.sqlite')
})

describe('an append', () => {
  test('is there for the next reader, numbered, timed, and as it was given', () => {
    const journal = openJournal(file)
    const first = journal.append('i-1', 0, [opened, requested])
    expect(first).toMatchObject({
      kind: 'appended',
      events: [
        { incident: 'i-1', sequence: 1, at: new Date(atMs).toISOString(), event: opened },
        { incident: 'i-1', sequence: 2, event: requested },
      ],
    })
    expect(journal.append('i-1', 2, [taken]).kind).toBe('appended')
    journal.close()
    const events = openJournal(file).read('i-1')
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    expect(events[2]?.event).toEqual(taken)
    expect(foldIncident('i-1', events).assessment).not.toBeNull()
  })

  test('after an event that is not the last is a conflict, and writes nothing', () => {
    const journal = openJournal(file)
    journal.append('i-1', 0, [opened, requested])
    for (const seen of [0, 1, 3]) {
      expect(journal.append('i-1', seen, [requested])).toEqual({ kind: 'conflict' })
    }
    expect(journal.read('i-1')).toHaveLength(2)
  })

  test('of a delivery that is there already is a duplicate, under whatever incident', () => {
    const journal = openJournal(file)
    journal.append('i-1', 0, [opened], { delivery: 'd-1' })
    expect(journal.append('i-1', 1, [requested], { delivery: 'd-1' })).toEqual({
      kind: 'duplicate',
    })
    expect(journal.append('i-2', 0, [opened], { delivery: 'd-1' })).toEqual({ kind: 'duplicate' })
    expect(journal.recent(1e14)).toEqual(['i-1'])
    expect(journal.append('i-2', 0, [opened], { delivery: 'd-2' }).kind).toBe('appended')
  })

  test('of events without a delivery is never a duplicate', () => {
    const journal = openJournal(file)
    journal.append('i-1', 0, [opened])
    expect(journal.append('i-1', 1, [requested]).kind).toBe('appended')
    expect(journal.append('i-1', 2, [requested]).kind).toBe('appended')
  })

  test('that fails in the middle leaves nothing behind, and the next one goes through', () => {
    let now = Number.NaN
    const journal = openJournal(file, () => now)
    expect(faultOf(() => journal.append('i-1', 0, [opened])).dependency).toBe('journal')
    now = atMs
    expect(journal.append('i-1', 0, [opened]).kind).toBe('appended')
    expect(openJournal(file).read('i-1')).toHaveLength(1)
  })

  test('is read from where the reader left off', () => {
    const journal = openJournal(file)
    journal.append('i-1', 0, [opened, requested, taken])
    expect(journal.read('i-1', 2).map(({ sequence }) => sequence)).toEqual([3])
    expect(journal.read('i-1', 3)).toEqual([])
    expect(journal.read('i-2')).toEqual([])
  })

  test('lists incidents by when they changed, the newest first, and those that were declared', () => {
    const journal = openJournal(file)
    for (const id of ['i-1', 'i-3', 'i-2']) journal.append(id, 0, [opened])
    journal.append('i-1', 1, [requested])
    expect(journal.recent(1e14)).toEqual(['i-1', 'i-2', 'i-3'])
    expect(journal.declared()).toEqual([])
    journal.append('i-3', 1, [
      {
        type: 'incident-declared',
        by: 'U0ANA',
        channel: 'C0INCIDENTS',
        title: 'down',
        severity: null,
        description: '',
        services: [],
        procedure: null,
        toVersion: null,
      },
    ])
    expect(journal.declared()).toEqual(['i-3'])
  })
})

describe('appends together', () => {
  test('are all there, each after the one before it', () => {
    const journal = openJournal(file)
    const kinds = journal.together(() => [
      journal.append('i-1', 0, [opened], { delivery: 'd-1' }).kind,
      journal.append('i-1', 1, [requested]).kind,
      journal.append('i-2', 0, [opened], { delivery: 'd-1' }).kind,
      journal.append('i-2', 0, [opened], { delivery: 'd-2' }).kind,
      journal.append('i-1', 1, [requested]).kind,
    ])
    expect(kinds).toEqual(['appended', 'appended', 'duplicate', 'appended', 'conflict'])
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 3 })
  })

  test('are none of them there when one fails, and the next go through', () => {
    let now = atMs
    const journal = openJournal(file, () => now)
    const fault = faultOf(() =>
      journal.together(() => {
        journal.append('i-1', 0, [opened])
        now = Number.NaN
        journal.append('i-2', 0, [opened])
      }),
    )
    expect(fault.dependency).toBe('journal')
    expect(journal.recent(1e14)).toEqual([])
    now = atMs
    expect(journal.append('i-1', 0, [opened]).kind).toBe('appended')
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 1 })
  })
})

describe('the file', () => {
  const mode = (end = '') => statSync(file + end).mode & 0o777

  test('is nobody else’s business, also one that was too open', () => {
    openJournal(file).append('i-1', 0, [opened])
    expect(mode()).toBe(0o600)
    chmodSync(file, 0o664)
    openJournal(file)
    expect(mode()).toBe(0o600)
  })

  test('nor are those that SQLite keeps beside it, from the beginning', () => {
    const before = process.umask(0o022)
    onTestFinished(() => void process.umask(before))
    openJournal(file).append('i-1', 0, [opened])
    expect(['', '-wal', '-shm'].map(mode)).toEqual([0o600, 0o600, 0o600])
    chmodSync(`${file}-wal`, 0o644)
    chmodSync(`${file}-shm`, 0o644)
    openJournal(file)
    expect(['', '-wal', '-shm'].map(mode)).toEqual([0o600, 0o600, 0o600])
  })

  test('that somebody made read-only stays so', () => {
    openJournal(file).close()
    chmodSync(file, 0o444)
    openJournal(file)
    expect(mode()).toBe(0o400)
  })
})

describe('two connections', () => {
  test('see each other’s events, and the slower one learns that it lost', () => {
    const [one, other] = [openJournal(file), openJournal(file)]
    expect(one.append('i-1', 0, [opened]).kind).toBe('appended')
    expect(other.append('i-1', 0, [opened])).toEqual({ kind: 'conflict' })
    expect(other.append('i-1', 1, [requested]).kind).toBe('appended')
    expect(one.read('i-1')).toEqual(other.read('i-1'))
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 2 })
  })

  test('of one delivery take it once', () => {
    const [one, other] = [openJournal(file), openJournal(file)]
    expect(one.append('i-1', 0, [opened], { delivery: 'd' }).kind).toBe('appended')
    expect(other.append('i-2', 0, [opened], { delivery: 'd' }).kind).toBe('duplicate')
  })

  test('in three processes that race lose nothing and break no chain', async () => {
    openJournal(file).close()
    const racers = [1, 2, 3].map(() => anotherProcess('race', file))
    for (const { said, complained } of await Promise.all(racers.map(({ ended }) => ended))) {
      expect({ said, complained }).toEqual({ said: '50\n', complained: '' })
    }
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 150 })
    const sequences = openJournal(file)
      .read('shared')
      .map(({ sequence }) => sequence)
    expect(sequences).toEqual(Array.from({ length: 150 }, (_, index) => index + 1))
  })
})

test('any interleaving of appends, right and wrong, leaves a chain without gaps', () => {
  const Append = fc.record({
    incident: fc.constantFrom('i-1', 'i-2', 'i-3'),
    behind: fc.constantFrom(0, 0, 0, 1),
    count: fc.integer({ min: 1, max: 3 }),
    delivery: fc.option(fc.nat({ max: 6 }).map(String), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(Append, { maxLength: 20 }), (appends) => {
      const journal = openJournal(':memory:')
      const lengths = new Map<string, number>()
      const deliveries = new Set<string>()
      for (const { incident, behind, count, delivery } of appends) {
        const length = lengths.get(incident) ?? 0
        const events = Array.from({ length: count }, () => requested)
        const options = delivery === undefined ? {} : { delivery }
        const { kind } = journal.append(incident, length - behind, events, options)
        const expected =
          delivery !== undefined && deliveries.has(delivery)
            ? 'duplicate'
            : behind === 0
              ? 'appended'
              : 'conflict'
        expect(kind).toBe(expected)
        if (kind !== 'appended') continue
        lengths.set(incident, length + count)
        if (delivery !== undefined) deliveries.add(delivery)
      }
      for (const [incident, length] of lengths) {
        const sequences = journal.read(incident).map(({ sequence }) => sequence)
        expect(sequences).toEqual(Array.from({ length }, (_, index) => index + 1))
      }
      journal.close()
    }),
    { numRuns: 60 },
  )
})
