import { describe, expect, test } from 'vitest'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import { at, atMs, opened, requested, taken } from '../builders.ts'
import { holdsContract } from './journal-holds.ts'
import { questionsContract } from './journal-questions.ts'
import { faultOf } from './outside.ts'

export type JournalFixture = {
  readonly journal: Journal
  /** Another connection to the same journal. */
  readonly connect: (now?: () => number) => Promise<Journal>
  /** From now on the store fails whenever an event of this incident is written. */
  readonly failOn: (incident: string) => Promise<void>
  readonly mend: () => Promise<void>
  /** Makes an event that is stored unreadable. */
  readonly spoil: (incident: string, sequence: number) => Promise<void>
}

export type JournalSubject = {
  /** An empty journal, gone after the test. Its clock stands at `atMs`. */
  readonly start: () => Promise<JournalFixture>
}

/** What every journal promises, whatever it is kept in. */
export function journalContract(subject: JournalSubject): void {
  describe('an append', () => {
    appendContract(subject)
    deliveryContract(subject)
    writersContract(subject)
  })
  describe('appends of one turn', () => turnContract(subject))
  describe('holds', () => holdsContract(subject))
  describe('questions', () => questionsContract(subject))
}

function appendContract(subject: JournalSubject): void {
  test('is there for every other reader, numbered, timed, and as it was given', async () => {
    const { journal, connect } = await subject.start()
    const first = await journal.append({ incident: 'i-1', seen: 0, events: [opened, requested] })
    expect(first).toEqual({
      kind: 'appended',
      events: [
        { incident: 'i-1', sequence: 1, at, event: opened },
        { incident: 'i-1', sequence: 2, at, event: requested },
      ],
    })
    const second = await journal.append({ incident: 'i-1', seen: 2, events: [taken] })
    expect(second.kind).toBe('appended')
    const other = await connect()
    const events = await other.read('i-1')
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    expect(events[2]?.event).toEqual(taken)
    expect(foldIncident('i-1', events).assessment).not.toBeNull()
  })

  test('after an event that is not the last is a conflict, and writes nothing', async () => {
    const { journal } = await subject.start()
    await journal.append({ incident: 'i-1', seen: 0, events: [opened, requested] })
    for (const seen of [0, 1, 3]) {
      const append = { incident: 'i-1', seen, events: [requested] }
      expect(await journal.append(append)).toEqual({ kind: 'conflict' })
    }
    expect(await journal.read('i-1')).toHaveLength(2)
  })

  test('after any event goes after whatever is the last one', async () => {
    const { journal } = await subject.start()
    for (const event of [opened, requested]) {
      const append = { incident: 'i-1', seen: 'any', events: [event] } as const
      expect((await journal.append(append)).kind).toBe('appended')
    }
    const events = await journal.read('i-1')
    expect(events.map(({ sequence, event }) => [sequence, event])).toEqual([
      [1, opened],
      [2, requested],
    ])
  })
}

function deliveryContract(subject: JournalSubject): void {
  test('of a delivery that is there already is a duplicate, under whatever incident', async () => {
    const { journal, connect } = await subject.start()
    const append = { incident: 'i-1', seen: 0, events: [opened], delivery: 'd-1' }
    expect((await journal.append(append)).kind).toBe('appended')
    const again = { incident: 'i-1', seen: 1, events: [requested], delivery: 'd-1' }
    expect(await journal.append(again)).toEqual({ kind: 'duplicate' })
    const elsewhere = { incident: 'i-2', seen: 'any', events: [opened], delivery: 'd-1' } as const
    expect(await (await connect()).append(elsewhere)).toEqual({ kind: 'duplicate' })
    expect(await journal.recent(1e14)).toEqual(['i-1'])
    const new2 = { incident: 'i-2', seen: 0, events: [opened], delivery: 'd-2' }
    expect((await journal.append(new2)).kind).toBe('appended')
  })

  test('of several deliveries is a duplicate when one of them is there, and writes none', async () => {
    const { journal, connect } = await subject.start()
    const events = [opened, requested]
    const first = { incident: 'i-1', seen: 0, events, deliveries: ['d-1', 'd-2'] }
    expect((await journal.append(first)).kind).toBe('appended')
    const other = await connect()
    for (const deliveries of [
      ['d-3', 'd-2'],
      ['d-1', 'd-3'],
    ]) {
      const append = { incident: 'i-2', seen: 0, events, deliveries }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await other.append(append)).toEqual({ kind: 'duplicate' })
    }
    const fewer = { incident: 'i-2', seen: 0, events, deliveries: ['d-3'] }
    expect((await other.append(fewer)).kind).toBe('appended')
    const tooMany = { incident: 'i-3', seen: 0, events: [opened], deliveries: ['d-4', 'd-5'] }
    expect(await faultOf(journal.append(tooMany))).toMatchObject({ kind: 'terminal' })
    expect(await journal.receivedUnder('d-', 9)).toMatchObject([
      { delivery: 'd-3', incident: 'i-2' },
      { delivery: 'd-2', incident: 'i-1' },
      { delivery: 'd-1', incident: 'i-1' },
    ])
  })

  test('of events without a delivery is never a duplicate', async () => {
    const { journal } = await subject.start()
    for (const [seen, event] of [opened, requested, requested].entries()) {
      const append = { incident: 'i-1', seen, events: [event] }
      expect((await journal.append(append)).kind).toBe('appended')
    }
  })

  test('of a delivery without an event that could carry it is refused', async () => {
    const { journal } = await subject.start()
    const append = { incident: 'i-1', seen: 0, events: [], delivery: 'd-1' }
    expect(await faultOf(journal.append(append))).toMatchObject({ kind: 'terminal' })
  })
}

function writersContract(subject: JournalSubject): void {
  test('of two writers who saw the same event succeeds for one of them', async () => {
    const { journal, connect } = await subject.start()
    const other = await connect()
    const append = { incident: 'i-1', seen: 0, events: [opened] }
    const both = await Promise.all([journal.append(append), other.append(append)])
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['appended', 'conflict'])
    const next = { incident: 'i-1', seen: 1, events: [requested] }
    expect((await other.append(next)).kind).toBe('appended')
    expect(await journal.read('i-1')).toEqual(await other.read('i-1'))
  })

  test('has the time at which it was asked for', async () => {
    const { connect } = await subject.start()
    let nowMs = atMs
    const journal = await connect(() => nowMs)
    const asked = journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    nowMs += 60_000
    await asked
    expect((await journal.read('i-1')).map((event) => event.at)).toEqual([at])
  })

  test('would succeed, as long as nothing is wrong', async () => {
    const { journal } = await subject.start()
    await expect(journal.check()).resolves.toBeUndefined()
  })
}

function turnContract(subject: JournalSubject): void {
  test('are written in the order they were asked, and each sees those before it', async () => {
    const { journal } = await subject.start()
    const outcomes = await Promise.all([
      journal.append({ incident: 'i-1', seen: 0, events: [opened], delivery: 'd-1' }),
      journal.append({ incident: 'i-1', seen: 1, events: [requested] }),
      journal.append({ incident: 'i-2', seen: 0, events: [opened], delivery: 'd-1' }),
      journal.append({ incident: 'i-2', seen: 0, events: [opened], delivery: 'd-2' }),
      journal.append({ incident: 'i-1', seen: 1, events: [requested] }),
      journal.append({ incident: 'i-1', seen: 'any', events: [taken] }),
    ])
    const kinds = outcomes.map(({ kind }) => kind)
    const expected = ['appended', 'appended', 'duplicate', 'appended', 'conflict', 'appended']
    expect(kinds).toEqual(expected)
    const { events } = await journal.follow(0)
    expect(events.map(({ incident, sequence }) => `${incident} ${sequence}`)).toEqual([
      'i-1 1',
      'i-1 2',
      'i-2 1',
      'i-1 3',
    ])
  })

  test('are none of them there when one fails; all are told, and the next go through', async () => {
    const { journal, failOn, mend } = await subject.start()
    await failOn('i-2')
    const asked = ['i-1', 'i-2', 'i-3'].map((incident) =>
      faultOf(journal.append({ incident, seen: 0, events: [opened], delivery: `d-${incident}` })),
    )
    const [one, ...others] = await Promise.all(asked)
    expect(one?.dependency).toBe('journal')
    for (const other of others) expect(other).toBe(one)
    expect(await journal.follow(0)).toEqual({ position: 0, events: [], unreadable: [] })
    await mend()
    const again = { incident: 'i-1', seen: 0, events: [opened], delivery: 'd-i-1' }
    expect((await journal.append(again)).kind).toBe('appended')
  })

  test('do not fail with one that could never be written', async () => {
    const { connect } = await subject.start()
    let nowMs = Number.NaN
    const journal = await connect(() => nowMs)
    const bad = faultOf(journal.append({ incident: 'i-1', seen: 0, events: [opened] }))
    nowMs = atMs
    const good = journal.append({ incident: 'i-1', seen: 0, events: [opened] })
    expect((await bad).dependency).toBe('journal')
    expect((await good).kind).toBe('appended')
  })

  test('that are asked for when the turn before is answered are written too', async () => {
    const { journal } = await subject.start()
    const append = (seen: number) => journal.append({ incident: 'i-1', seen, events: [requested] })
    const last = append(0)
      .then(() => append(1))
      .then(() => append(2))
    expect((await last).kind).toBe('appended')
    expect(await journal.read('i-1')).toHaveLength(3)
  })
}
