import { describe, expect, test } from 'vitest'
import type { Comparison } from '../../../src/ports/collections.ts'
import type { Progress } from '../../../src/domain/plan/run.ts'
import {
  daysAgo,
  hour,
  named,
  namesOf,
  ours,
  shown,
  unheard,
  type CollectionsSubject,
  type Doc,
} from './collections-given.ts'
import { collectionsWrites } from './collections-writes.ts'
import { faultOf, outsideContract, patience } from './outside.ts'

const projects: readonly Doc[] = [
  { _id: 1, name: 'Atlas', owner: 'ana' },
  { _id: 2, name: 'Borealis', owner: 'bo' },
  { _id: 'c', name: 'Ceres', owner: { id: 3 } },
]
const owner = { key: { owner: 1 }, name: 'owner_1' }
const unique = { key: { name: 1 }, name: 'name_1', unique: true }

export function collectionsContract(name: string, subject: CollectionsSubject): void {
  describe(`${name} keeps the promises of Collections`, () => {
    reading(subject)
    comparing(subject)
    collectionsWrites(subject)
    outsideContract(subject, {
      'what the server is': (one, signal) => one.server(signal),
      'its list': (one, signal) => one.list(signal),
      'its measures': (one, signal) => one.measure(['projects'], signal),
      'its contents': (one, signal) => one.contents('projects', unheard, signal),
      'a comparison': (one, signal) =>
        one.compare({ live: 'projects', backup: ours('new', 'projects') }, unheard, signal),
      'a fence': (one, signal) => one.fence('up', signal),
      'a moment': (one, signal) => one.moment(signal),
    })
  })
}

function reading(subject: CollectionsSubject): void {
  test('it says what the server is, and where, without a password', async () => {
    const { collections } = await subject.start({})
    const server = await collections.server(patience())
    expect(server.version).toMatch(/^\d+\.\d+/)
    expect(server.database).not.toBe('')
    expect(server.identity).toMatch(/^[^@]+$/)
    expect(await collections.server(patience())).toEqual(server)
  })

  shown(subject, 'free space', 'it says how much space is free', {
    async can() {
      const { collections } = await subject.start({})
      expect((await collections.freeBytes(patience())) ?? 0).toBeGreaterThan(0)
    },
    async otherwise() {
      const { collections } = await subject.start({})
      expect(await collections.freeBytes(patience())).toBe(null)
    },
  })

  shown(subject, 'rights', 'it says by name which rights the account lacks', {
    async can() {
      const { collections } = await subject.start({})
      expect((await collections.server(patience())).lacks).toEqual(expect.any(Array))
    },
    async otherwise() {
      const { collections } = await subject.start({})
      expect((await collections.server(patience())).lacks).toBe(null)
    },
  })

  test('it lists all collections, ours too, each by an identity that no other has', async () => {
    const { collections } = await subject.start({
      projects: { documents: projects },
      users: { documents: projects },
      [ours('old', 'projects')]: { documents: projects },
    })
    expect(await namesOf(collections)).toEqual([ours('old', 'projects'), 'projects', 'users'])
    const all = await collections.list(patience())
    expect(new Set(all.map(({ uuid }) => uuid)).size).toBe(3)
    expect(all.map(({ kind, obstacles }) => ({ kind, obstacles }))).toEqual(
      all.map(() => ({ kind: 'collection', obstacles: [] })),
    )
  })

  shown(subject, 'validators', 'a validator stands among the options of its collection', {
    async can() {
      const options = { validator: { name: { $exists: true } } }
      const { collections } = await subject.start({ projects: { documents: projects, options } })
      expect((await named(collections, 'projects')).options).toMatchObject(options)
    },
    async otherwise() {
      const options = { validator: { name: { $exists: true } } }
      await expect(subject.start({ projects: { options } })).rejects.toThrow()
    },
  })

  test('it counts what matches, and tells one that is not there from one with nothing in it', async () => {
    const { collections } = await subject.start({ projects: { documents: projects } })
    const count = (name: string, filter: object) =>
      collections.count(name, { ...filter }, patience())
    expect(await count('projects', { name: 'Atlas' })).toBe(1)
    expect(await count('projects', { 'owner.id': 3 })).toBe(1)
    expect(await count('projects', { name: 'Nobody' })).toBe(0)
    expect(await count('nobody', { name: 'Atlas' })).toBe(null)
  })

  test('it measures what is there, and leaves out what is not', async () => {
    const { collections } = await subject.start({
      projects: { documents: projects, indexes: [owner, unique] },
    })
    const found = await collections.measure(['projects', 'nobody'], patience())
    expect(found).toEqual([
      {
        name: 'projects',
        documents: 3,
        bytes: expect.toSatisfy((bytes) => bytes === null || bytes > 0),
        indexes: expect.any(Array),
      },
    ])
    const indexes = found[0]?.indexes ?? []
    expect(
      indexes.toSorted((a, b) => (a['unique'] === b['unique'] ? 0 : a['unique'] === true ? -1 : 1)),
    ).toEqual([expect.objectContaining(unique), expect.objectContaining(owner)])
  })

  test('the contents are the same for the same documents in any order', async () => {
    const { collections } = await subject.start({
      projects: { documents: projects },
      other: { documents: projects.toReversed() },
      changed: { documents: projects.with(1, { _id: 2, name: 'Borealis', owner: 'BO' }) },
      empty: {},
    })
    const of = (name: string) => collections.contents(name, unheard, patience())
    const [one, other, changed, empty] = await Promise.all(
      ['projects', 'other', 'changed', 'empty'].map(of),
    )
    expect(other).toEqual({ ...one, name: 'other' })
    expect(one).toMatchObject({ documents: 3, hash: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(changed?.hash).not.toBe(one?.hash)
    expect(empty).toMatchObject({ documents: 0, bytes: 0, hash: '0'.repeat(32) })
  })

  test('another type, or another order of fields, is another content', async () => {
    const { collections } = await subject.start({
      whole: { documents: [{ _id: 1, a: 7, b: 'x' }] },
      long: { documents: [{ _id: 1, a: { $numberLong: '9007199254740993' }, b: 'x' }] },
      text: { documents: [{ _id: 1, a: '7', b: 'x' }] },
      turned: { documents: [{ _id: 1, b: 'x', a: 7 }] },
    })
    const names = ['whole', 'long', 'text', 'turned']
    const all = await Promise.all(
      names.map((name) => collections.contents(name, unheard, patience())),
    )
    expect(new Set(all.map(({ hash }) => hash)).size).toBe(4)
    const pair = { live: 'whole', backup: 'turned' }
    expect(await collections.compare(pair, unheard, patience())).toMatchObject({ changed: 1 })
  })

  test('it tells how far it has read', async () => {
    const { collections } = await subject.start({ projects: { documents: projects } })
    const told: Progress[] = []
    await collections.contents('projects', (progress) => told.push(progress), patience())
    expect(told.at(-1)).toEqual({ done: 3, total: 3, unit: 'documents' })
  })

  test('what is read is told of as it goes on, never backwards', async () => {
    const documents = Array.from({ length: 1_200 }, (_, index) => ({ _id: index, a: index }))
    const { collections } = await subject.start({ projects: { documents } })
    const told: Progress[] = []
    await collections.contents('projects', (progress) => told.push(progress), patience())
    for (const [at, { done, total }] of told.entries()) {
      expect(done).toBeLessThanOrEqual(total)
      expect(done).toBeGreaterThanOrEqual(told[at - 1]?.done ?? 0)
    }
    expect(told.at(-1)?.done).toBe(1_200)
  })

  test('the contents of a collection that is not there are a fault', async () => {
    const { collections } = await subject.start({})
    const fault = await faultOf(collections.contents('nobody', unheard, patience()))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'mongodb' })
    expect(fault.detail).toContain('nobody')
  })

  test('it counts what would expire by an index, and dates only', async () => {
    const { collections } = await subject.start({
      sessions: {
        documents: [
          { _id: 1, at: daysAgo(2) },
          { _id: 2, at: daysAgo(0) },
          { _id: 3, at: 'long ago' },
          { _id: 4 },
        ],
      },
    })
    const counted = (seconds: number) =>
      collections.expired('sessions', { field: 'at', seconds }, patience())
    expect(await counted(24 * hour)).toBe(1)
    expect(await counted(72 * hour)).toBe(0)
  })
}

function comparing(subject: CollectionsSubject): void {
  const compared = async (
    live: readonly Doc[],
    backup: readonly Doc[],
  ): Promise<Comparison & { told: readonly Progress[] }> => {
    const staged = ours('new', 'projects')
    const { collections } = await subject.start({
      projects: { documents: live },
      [staged]: { documents: backup },
    })
    const told: Progress[] = []
    const pair = { live: 'projects', backup: staged }
    const found = await collections.compare(pair, (one) => told.push(one), patience())
    return { ...found, told }
  }

  test('a comparison counts what was created, changed and deleted since', async () => {
    const live = [...projects.slice(1), { _id: 4 }, { _id: 'a' }].with(0, { _id: 2, name: 'new' })
    expect(await compared(live, projects)).toMatchObject({
      created: 2,
      changed: 1,
      deleted: 1,
      same: 1,
    })
  })

  test('ids of several types are compared in the order of the server', async () => {
    const ids: readonly Doc['_id'][] = [
      7,
      2.5,
      -1,
      'b',
      'a',
      'é',
      { a: 1 },
      { a: 'x' },
      { $oid: '65a000000000000000000001' },
      { $oid: '65a000000000000000000000' },
      true,
      false,
      { $date: '2026-11-22T03:00:00.000Z' },
    ]
    const live = ids.map((_id) => ({ _id, n: 1 }))
    const backup = live.filter((_one, index) => index % 3 !== 0)
    const created = live.length - backup.length
    const same = backup.length
    expect(await compared(live, backup)).toMatchObject({ created, changed: 0, deleted: 0, same })
  })

  test('what is not there cannot be held against anything', async () => {
    const { collections } = await subject.start({ projects: { documents: projects } })
    for (const pair of [
      { live: 'projects', backup: 'nobody' },
      { live: 'nobody', backup: 'projects' },
    ]) {
      const fault = await faultOf(collections.compare(pair, unheard, patience()))
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'mongodb' })
    }
  })

  test('one empty side is all created, or all deleted', async () => {
    const none = { created: 0, changed: 0, deleted: 0, same: 0 }
    expect(await compared(projects, [])).toMatchObject({ ...none, created: 3 })
    expect(await compared([], projects)).toMatchObject({ ...none, deleted: 3 })
    expect(await compared([], [])).toMatchObject(none)
  })

  test('a comparison tells how far it is, and ends where it has read all', async () => {
    const { told } = await compared(projects, projects)
    const last = told.at(-1)
    expect(last).toMatchObject({ unit: 'documents' })
    expect(last?.done).toBe(last?.total)
  })
}
