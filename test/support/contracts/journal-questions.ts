import { expect, test } from 'vitest'
import type { Event, JournaledEvent } from '../../../src/domain/incident/event.ts'
import { isOfNewerVersion } from '../../../src/domain/incident/newer-version.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import { atMs, closed, declared, opened, requested } from '../builders.ts'
import { faultOf } from './outside.ts'
import type { JournalSubject } from './journal.ts'

const hourMs = 3_600_000
const channel = 'C0INCIDENTS'

const posted = (surface: 'headline' | 'checklist', ts: string): Event => {
  return { type: 'message-posted', surface, channel, ts }
}

/** What a version writes that this one does not know yet. */
function later(event: { readonly type: string; readonly [key: string]: unknown }): Event {
  return event as unknown as Event
}
const reopened = later({ type: 'incident-reopened', by: 'U0ANA' })
const delivered = (kind: string, key: string, ts: string) =>
  later({ type: 'outbox-delivered', kind, key, receipt: { channel, ts } })

async function write(journal: Journal, incident: string, ...events: Event[]): Promise<void> {
  const { kind } = await journal.append({ incident, seen: 'any', events })
  expect(kind).toBe('appended')
}

/** Everything after this position, page by page. */
async function rest(journal: Journal, position: number): Promise<readonly JournaledEvent[]> {
  const page = await journal.follow(position)
  return page.position === position
    ? page.events
    : [...page.events, ...(await rest(journal, page.position))]
}

export function questionsContract(subject: JournalSubject): void {
  listsContract(subject)
  threadContract(subject)
  followContract(subject)
}

function listsContract(subject: JournalSubject): void {
  test('receivedUnder gives what begins so, the greatest key first, and no more than asked', async () => {
    const { journal, connect } = await subject.start()
    const keys = ['alert:f1:2026-02:firing', 'alert:f1:2026-10:firing', 'alert:f1:2026-10:ended']
    const others = [
      'alert:f10:2026-11:firing',
      'alert:f1',
      'alert:f0:x',
      'b',
      'alert:f1:\u{10FFFD}',
    ]
    for (const delivery of [...keys, ...others]) {
      const append = { incident: `i-${delivery}`, seen: 0, events: [opened], delivery }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await journal.append(append)).kind).toBe('appended')
    }
    const other = await connect()
    const found = (await other.receivedUnder('alert:f1:', 9)).map(({ delivery }) => delivery)
    expect(found).toEqual(['alert:f1:\u{10FFFD}', ...keys.toSorted().toReversed()])
    expect(await other.receivedUnder('alert:f1:2', 1)).toEqual([
      { delivery: keys[1], incident: `i-${keys[1]}`, at: expect.stringMatching(/Z$/) },
    ])
    expect(await other.receivedUnder('alert:f2:', 9)).toEqual([])
  })

  test('read gives the events of one incident from where the reader left off', async () => {
    const { journal } = await subject.start()
    await write(journal, 'i-1', opened, requested, declared)
    await write(journal, 'i-2', opened)
    expect((await journal.read('i-1', 2)).map(({ sequence }) => sequence)).toEqual([3])
    expect(await journal.read('i-1', 3)).toEqual([])
    expect(await journal.read('i-3')).toEqual([])
  })

  test('declared gives the declared ones, the newest first, and no more than asked', async () => {
    const { journal } = await subject.start()
    expect(await journal.declared()).toEqual([])
    for (const id of ['i-1', 'i-3', 'i-2', 'i-4']) await write(journal, id, opened)
    for (const id of ['i-4', 'i-1', 'i-3']) await write(journal, id, declared)
    await write(journal, 'i-1', closed)
    expect(await journal.declared()).toEqual(['i-3', 'i-1', 'i-4'])
    expect(await journal.declared(2)).toEqual(['i-3', 'i-1'])
    expect(await journal.declared(9)).toEqual(['i-3', 'i-1', 'i-4'])
  })

  test('open gives the declared ones that are not closed, or open again, the newest first', async () => {
    const { journal } = await subject.start()
    for (const id of ['i-1', 'i-2', 'i-3', 'i-4']) await write(journal, id, opened, declared)
    await write(journal, 'i-0', opened, requested)
    await write(journal, 'i-1', closed)
    await write(journal, 'i-2', closed, reopened)
    await write(journal, 'i-3', closed, reopened, closed)
    expect(await journal.open()).toEqual(['i-4', 'i-2'])
  })

  test('recent gives those with an event in the time before the last one, last changed first', async () => {
    const { connect } = await subject.start()
    let nowMs = atMs
    const journal = await connect(() => nowMs)
    expect(await journal.recent(hourMs)).toEqual([])
    await write(journal, 'i-1', opened)
    await write(journal, 'i-2', opened)
    // Into the next day, and past it.
    nowMs += 30 * hourMs
    await write(journal, 'i-3', opened)
    nowMs += 1
    await write(journal, 'i-1', requested)
    nowMs += 40 * hourMs
    await write(journal, 'i-4', opened)
    expect(await journal.recent(0)).toEqual(['i-4'])
    expect(await journal.recent(40 * hourMs)).toEqual(['i-4', 'i-1'])
    expect(await journal.recent(40 * hourMs + 1)).toEqual(['i-4', 'i-1', 'i-3'])
    expect(await journal.recent(1e14)).toEqual(['i-4', 'i-1', 'i-3', 'i-2'])
  })
}

function threadContract(subject: JournalSubject): void {
  test('inThread finds the incident by every headline it ever had, in both shapes', async () => {
    const { journal } = await subject.start()
    await write(journal, 'i-1', opened, declared, posted('headline', '1.1'))
    await write(journal, 'i-1', posted('headline', '1.2'))
    await write(journal, 'i-2', opened, declared, delivered('message', 'headline', '2.1'))
    expect(await journal.inThread(channel, '1.1')).toBe('i-1')
    expect(await journal.inThread(channel, '1.2')).toBe('i-1')
    expect(await journal.inThread(channel, '2.1')).toBe('i-2')
    expect(await journal.inThread('C0OTHER', '1.1')).toBeNull()
    expect(await journal.inThread(channel, '1.3')).toBeNull()
  })

  test('inThread knows no other message, and no incident that is not declared', async () => {
    const { journal } = await subject.start()
    const others = [
      delivered('message', 'checklist', '1.2'),
      delivered('hook', 'headline', '1.3'),
      later({ type: 'outbox-delivered', kind: 'message', key: 'headline', receipt: null }),
    ]
    await write(journal, 'i-1', opened, declared, posted('checklist', '1.1'), ...others)
    await write(journal, 'i-2', opened, posted('headline', '2.1'))
    for (const ts of ['1.1', '1.2', '1.3', '2.1', 'null']) {
      expect(await journal.inThread(channel, ts), ts).toBeNull()
    }
    await write(journal, 'i-2', declared)
    expect(await journal.inThread(channel, '2.1')).toBe('i-2')
  })

  test('inThread gives the newest, should a message be the headline of two', async () => {
    const { journal } = await subject.start()
    for (const id of ['i-2', 'i-1']) {
      await write(journal, id, opened, declared, posted('headline', '1.1'))
    }
    expect(await journal.inThread(channel, '1.1')).toBe('i-1')
  })
}

function followContract(subject: JournalSubject): void {
  test('follow gives what was written since, by whichever connection', async () => {
    const { journal, connect } = await subject.start()
    const other = await connect()
    expect((await journal.head()).position).toBe(0)
    await write(journal, 'i-1', opened)
    const position = (await journal.head()).position
    expect(position).toBeGreaterThan(0)
    expect(await journal.follow(position)).toEqual({ position, events: [], unreadable: [] })
    await write(other, 'i-2', opened, requested)
    await write(journal, 'i-1', requested)
    const followed = await journal.follow(position)
    const [own, ...read] = await journal.read('i-1')
    expect(followed.events).toEqual([...(await journal.read('i-2')), ...read])
    expect(followed.position).toBe((await other.head()).position)
    expect(await rest(other, 0)).toEqual([own, ...followed.events])
  })

  test('follow gives a long way in pages, and leaves nothing out', async () => {
    const { journal } = await subject.start()
    const events = Array.from({ length: 130 }, () => requested)
    const asked = Array.from({ length: 50 }, (_, index) =>
      journal.append({ incident: `i-${index}`, seen: 0, events }),
    )
    const written = (await Promise.all(asked)).map((one) =>
      one.kind === 'appended' ? one.events : [],
    )
    expect((await journal.follow(0)).events.length).toBeLessThanOrEqual(5_000)
    expect(await rest(journal, 0)).toEqual(written.flat())
  })

  test('follow goes past an event that cannot be read, and read of its incident throws', async () => {
    const { journal, spoil } = await subject.start()
    for (const id of ['i-1', 'i-2']) await write(journal, id, opened, declared)
    await write(journal, 'i-1', posted('headline', '1.1'), requested)
    await write(journal, 'i-2', posted('headline', '2.1'))
    await spoil('i-1', 3)
    const { position, events, unreadable } = await journal.follow(0)
    expect(unreadable).toEqual(['i-1'])
    expect(position).toBe((await journal.head()).position)
    expect(events.map(({ incident, sequence }) => `${incident} ${sequence}`)).toEqual([
      'i-1 1',
      'i-1 2',
      'i-2 1',
      'i-2 2',
      'i-1 4',
      'i-2 3',
    ])
    expect(await faultOf(journal.read('i-1'))).toMatchObject({ kind: 'terminal' })
    expect(await journal.read('i-1', 3)).toHaveLength(1)
    expect(await journal.read('i-2')).toHaveLength(3)
    expect(await journal.open()).toEqual(['i-2', 'i-1'])
    expect(await journal.inThread(channel, '2.1')).toBe('i-2')
  })

  test.each([
    ['a kind of event', { type: 'moon-rose' }, 'moon-rose'],
    ['a value of one', { ...declared, severity: 'lunar' }, 'incident-declared'],
  ])('%s that only a newer version knows is told from damage', async (_, event, what) => {
    const { journal } = await subject.start()
    await write(journal, 'i-1', opened, later(event))
    await write(journal, 'i-2', opened, declared)
    const fault = await faultOf(journal.read('i-1'))
    expect(isOfNewerVersion(fault)).toBe(true)
    expect(fault.detail).toContain(`does not know (${what})`)
    const { events, unreadable } = await journal.follow(0)
    expect(unreadable).toEqual(['i-1'])
    expect(events).toHaveLength(3)
  })

  test('a field that came along with an event and is not known here is not written: it would stop the incident', async () => {
    const { journal } = await subject.start()
    await write(journal, 'i-1', opened, later({ ...declared, moon: 'full' }))
    expect((await journal.read('i-1')).map(({ event }) => event)).toEqual([opened, declared])
  })

  test('follow moves on also when all that was written cannot be read', async () => {
    const { journal, spoil } = await subject.start()
    await write(journal, 'i-1', opened)
    await spoil('i-1', 1)
    const position = (await journal.head()).position
    expect(await journal.follow(0)).toEqual({ position, events: [], unreadable: ['i-1'] })
    expect(await journal.follow(position)).toEqual({ position, events: [], unreadable: [] })
  })
}
