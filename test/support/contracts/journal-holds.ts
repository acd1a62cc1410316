import { expect, test } from 'vitest'
import type { Append, Appended, Journal } from '../../../src/ports/journal.ts'
import { opened, requested } from '../builders.ts'
import { faultOf } from './outside.ts'
import type { JournalSubject } from './journal.ts'

const claim = (incident: string, plan: number, ...targets: string[]): Append => {
  return { incident, seen: 'any', events: [requested], holds: { plan, targets } }
}
const reclaim = (incident: string, plan: number, ...targets: string[]): Append => {
  return { ...claim(incident, plan, ...targets), events: [] }
}
const release = (incident: string, releases: number): Append => {
  return { incident, seen: 'any', events: [requested], releases }
}
const held = (incident: string, plan: number): Appended => {
  return { kind: 'held', by: { incident, plan } }
}

async function kindOf(journal: Journal, append: Append): Promise<Appended['kind']> {
  return (await journal.append(append)).kind
}

export function holdsContract(subject: JournalSubject): void {
  test('of one target belong to one incident: the other learns which, and writes nothing', async () => {
    const { journal, connect } = await subject.start()
    expect(await kindOf(journal, claim('i-1', 1, 'a', 'b'))).toBe('appended')
    const other = await connect()
    expect(await other.append(claim('i-2', 7, 'c', 'b'))).toEqual(held('i-1', 1))
    expect(await other.read('i-2')).toEqual([])
    expect(await kindOf(other, claim('i-3', 1, 'c')), 'what was free stays free').toBe('appended')
  })

  test('belong to one plan, not to all plans of its incident', async () => {
    const { journal } = await subject.start()
    expect(await kindOf(journal, claim('i-1', 1, 'a'))).toBe('appended')
    expect(await journal.append(claim('i-1', 2, 'a'))).toEqual(held('i-1', 1))
    expect(await kindOf(journal, claim('i-1', 2, 'b'))).toBe('appended')
  })

  test('are free again with the event that releases them, and those of other plans are not', async () => {
    const { journal } = await subject.start()
    await journal.append(claim('i-1', 1, 'a', 'b'))
    await journal.append(claim('i-1', 2, 'c'))
    await journal.append(claim('i-2', 1, 'd'))
    expect(await kindOf(journal, release('i-1', 1))).toBe('appended')
    expect(await kindOf(journal, claim('i-3', 1, 'a', 'b'))).toBe('appended')
    expect(await journal.append(claim('i-3', 1, 'c'))).toEqual(held('i-1', 2))
    expect(await journal.append(claim('i-3', 1, 'd'))).toEqual(held('i-2', 1))
  })

  test('are released without an event, and by a plan that holds nothing', async () => {
    const { journal } = await subject.start()
    await journal.append(claim('i-1', 1, 'a'))
    const silent = { ...release('i-1', 1), events: [] }
    const nothing = { kind: 'appended', events: [] }
    expect(await journal.append(silent)).toEqual(nothing)
    expect(await journal.append(silent), 'when there is nothing to release').toEqual(nothing)
    expect(await kindOf(journal, claim('i-2', 1, 'a'))).toBe('appended')
    expect(await journal.read('i-1')).toHaveLength(1)
  })

  test('may be claimed again by the plan that has them, also without an event', async () => {
    const { journal, connect } = await subject.start()
    await journal.append(claim('i-1', 1, 'a'))
    const restarted = await connect()
    const again = await restarted.append(reclaim('i-1', 1, 'a', 'b'))
    expect(again).toEqual({ kind: 'appended', events: [] })
    expect(await restarted.append(claim('i-2', 1, 'b'))).toEqual(held('i-1', 1))
    expect(await restarted.read('i-1')).toHaveLength(1)
  })

  test('go from one plan to the next of its incident in one append', async () => {
    const { journal } = await subject.start()
    await journal.append(claim('i-1', 1, 'a', 'b'))
    const next = { ...claim('i-1', 2, 'a'), releases: 1 }
    expect(await kindOf(journal, next)).toBe('appended')
    expect(await journal.append(claim('i-2', 1, 'a'))).toEqual(held('i-1', 2))
    expect(await kindOf(journal, claim('i-2', 1, 'b'))).toBe('appended')
  })

  test('are not released by an append that gets nothing', async () => {
    const { journal } = await subject.start()
    await journal.append(claim('i-1', 1, 'a'))
    await journal.append(claim('i-2', 1, 'b'))
    const both = { ...claim('i-1', 2, 'a', 'b'), releases: 1 }
    expect(await journal.append(both)).toEqual(held('i-2', 1))
    expect(await journal.append(claim('i-3', 1, 'a'))).toEqual(held('i-1', 1))
  })

  test('are not claimed by a conflict or a duplicate', async () => {
    const { journal } = await subject.start()
    await journal.append({ incident: 'i-1', seen: 0, events: [opened], delivery: 'd-1' })
    expect(await kindOf(journal, { ...claim('i-1', 1, 'a'), seen: 0 })).toBe('conflict')
    expect(await kindOf(journal, { ...claim('i-1', 1, 'a'), delivery: 'd-1' })).toBe('duplicate')
    expect(await kindOf(journal, claim('i-2', 1, 'a'))).toBe('appended')
  })

  test('asked for in one turn go to whoever asked first', async () => {
    const { journal } = await subject.start()
    const outcomes = await Promise.all([
      journal.append(claim('i-1', 1, 'a')),
      journal.append(claim('i-2', 1, 'a')),
      journal.append(release('i-1', 1)),
      journal.append(claim('i-3', 1, 'a')),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['appended', 'held', 'appended', 'appended'])
  })

  test('are as they were when the turn could not be written', async () => {
    const { journal, failOn, mend } = await subject.start()
    await journal.append(claim('i-1', 1, 'a'))
    await failOn('i-9')
    const asked = [release('i-1', 1), claim('i-2', 1, 'b'), claim('i-9', 1, 'c')]
    await Promise.all(asked.map((append) => faultOf(journal.append(append))))
    await mend()
    expect(await journal.append(claim('i-3', 1, 'a'))).toEqual(held('i-1', 1))
    expect(await kindOf(journal, claim('i-3', 1, 'b', 'c'))).toBe('appended')
  })
}
