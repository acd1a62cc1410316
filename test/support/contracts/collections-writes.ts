import { expect, test } from 'vitest'
import type { CollectionContents } from '../../../src/domain/data/backup.ts'
import {
  hour,
  named,
  namesOf,
  ours,
  shown,
  unheard,
  uuidOf,
  type CollectionsSubject,
  type Doc,
} from './collections-given.ts'
import { faultOf, patience } from './outside.ts'

const documents: readonly Doc[] = [
  { _id: 1, email: 'ana@example.com' },
  { _id: 2, email: 'bo@example.com' },
]
const done = { kind: 'done' }
const staged = ours('new', 'projects')
const kept = ours('old', 'projects')

export function collectionsWrites(subject: CollectionsSubject): void {
  renaming(subject)
  making(subject)
  dropping(subject)
  indexing(subject)
  expiring(subject)
  copying(subject)
  fencing(subject)
  logging(subject)
}

function renaming(subject: CollectionsSubject): void {
  const given = { projects: { documents }, [staged]: {} }

  test('a switch is two renames, and every collection keeps its identity', async () => {
    const { collections, others } = await subject.start(given)
    const [live, restored] = [
      await uuidOf(collections, 'projects'),
      await uuidOf(collections, staged),
    ]
    const signal = patience()
    expect(await collections.rename({ uuid: live, from: 'projects', to: kept }, signal)).toEqual(
      done,
    )
    const second = { uuid: restored, from: staged, to: 'projects' }
    expect(await collections.rename(second, signal)).toEqual(done)
    expect(await namesOf(collections)).toEqual([kept, 'projects'])
    expect(await uuidOf(collections, kept)).toBe(live)
    expect(await uuidOf(collections, 'projects')).toBe(restored)
    expect(await others.read(kept)).toHaveLength(2)
  })

  test('another collection in its place is not renamed', async () => {
    const { collections, others } = await subject.start(given)
    const uuid = await uuidOf(collections, 'projects')
    await others.replace('projects')
    const found = await collections.rename({ uuid, from: 'projects', to: kept }, patience())
    expect(found).toMatchObject({ kind: 'changed-meanwhile' })
    expect(await namesOf(collections)).toEqual([staged, 'projects'])
  })

  test('one that is gone is not renamed', async () => {
    const { collections } = await subject.start(given)
    const uuid = await uuidOf(collections, 'projects')
    const found = await collections.rename({ uuid, from: 'nobody', to: kept }, patience())
    expect(found).toMatchObject({ kind: 'changed-meanwhile' })
  })

  test('a name that is taken is never replaced', async () => {
    const { collections, others } = await subject.start(given)
    const uuid = await uuidOf(collections, staged)
    const found = await collections.rename({ uuid, from: staged, to: 'projects' }, patience())
    expect(found).toMatchObject({ kind: 'changed-meanwhile' })
    expect(await others.read('projects')).toHaveLength(2)
  })
}

function making(subject: CollectionsSubject): void {
  test('an empty one of ours is made, once, and none that is not of ours', async () => {
    const { collections, others } = await subject.start({ projects: { documents } })
    expect(await collections.create(kept, {}, patience())).toEqual(done)
    expect(await others.read(kept)).toEqual([])
    const again = await collections.create(kept, {}, patience())
    expect(again).toMatchObject({ kind: 'changed-meanwhile' })
    const theirs = await collections.create('documents', {}, patience())
    expect(theirs).toMatchObject({ kind: 'refused' })
    expect(await namesOf(collections)).toEqual([kept, 'projects'])
  })

  const validator = { email: { $exists: true } }
  shown(subject, 'validators', 'its validator holds nothing back that is copied into it', {
    async can() {
      const { collections, others } = await subject.start({
        projects: { documents: [...documents, { _id: 3 }] },
      })
      expect(await collections.create(kept, { validator }, patience())).toEqual(done)
      expect((await named(collections, kept)).options).toMatchObject({ validator })
      const pair = { from: 'projects', to: kept }
      const found = await collections.copyMissing(pair, unheard, patience())
      expect(found).toEqual({ copied: 3, left: [], leftCount: 0 })
      expect(await others.read(kept)).toHaveLength(3)
    },
    async otherwise() {
      const { collections } = await subject.start({ projects: { documents } })
      const found = await collections.create(kept, { validator }, patience())
      expect(found).toMatchObject({ kind: 'refused' })
    },
  })
}

function dropping(subject: CollectionsSubject): void {
  test('one of ours is dropped, by its identity', async () => {
    const { collections } = await subject.start({ projects: { documents }, [kept]: {} })
    const uuid = await uuidOf(collections, kept)
    expect(await collections.drop({ uuid, name: kept }, patience())).toEqual(done)
    expect(await namesOf(collections)).toEqual(['projects'])
  })

  test('one that is not of ours is never dropped', async () => {
    const { collections } = await subject.start({ projects: { documents } })
    const uuid = await uuidOf(collections, 'projects')
    const found = await collections.drop({ uuid, name: 'projects' }, patience())
    expect(found).toMatchObject({ kind: 'refused' })
    expect(await namesOf(collections)).toEqual(['projects'])
  })

  test('another one in its place is not dropped, and one that is gone is said to be', async () => {
    const { collections, others } = await subject.start({ [kept]: { documents } })
    const uuid = await uuidOf(collections, kept)
    await others.replace(kept)
    const changed = { kind: 'changed-meanwhile' }
    expect(await collections.drop({ uuid, name: kept }, patience())).toMatchObject(changed)
    expect(await namesOf(collections)).toEqual([kept])
    expect(await collections.drop({ uuid, name: staged }, patience())).toMatchObject(changed)
  })
}

type Indexes = CollectionContents['indexes']

function indexing(subject: CollectionsSubject): void {
  const indexes: Indexes = [
    { v: 2, key: { email: 1 }, name: 'email_1', unique: true },
    { v: 2, key: { team: 1, at: -1 }, name: 'team_1_at_-1' },
  ]
  const built = async (start: readonly Doc[]) => {
    const { collections } = await subject.start({ [staged]: { documents: start } })
    const found = await collections.createIndexes(staged, indexes, patience())
    return { collections, found }
  }

  test('indexes are built, and once more changes nothing', async () => {
    const { collections, found } = await built(documents)
    expect(found).toEqual(done)
    expect(await collections.createIndexes(staged, indexes, patience())).toEqual(done)
    const [measured] = await collections.measure([staged], patience())
    expect(measured?.indexes.map(({ name }) => name).toSorted()).toEqual([
      'email_1',
      'team_1_at_-1',
    ])
  })

  test('a unique one is refused where two documents have the same key: their ids are said, and the key is not', async () => {
    const { found } = await built([...documents, { _id: 3, email: 'ana@example.com' }])
    expect(found).toMatchObject({ kind: 'refused', sameKey: ['1', '3'] })
    expect(JSON.stringify(found)).not.toContain('ana@')
  })

  test('a collection that is gone is not made by its indexes', async () => {
    const { collections } = await subject.start({})
    const found = await collections.createIndexes('nobody', indexes, patience())
    expect(found).toMatchObject({ kind: 'changed-meanwhile' })
    expect(await namesOf(collections)).toEqual([])
  })
}

function expiring(subject: CollectionsSubject): void {
  const wanted = { key: { at: 1 }, name: 'at_1', expireAfterSeconds: hour }
  const title = 'an index that expires documents is built asleep, and then told when'
  shown(subject, 'expiry', title, {
    async can() {
      const { collections } = await subject.start({ [staged]: { documents } })
      const seconds = async () =>
        (await collections.measure([staged], patience()))[0]?.indexes[0]?.['expireAfterSeconds']
      expect(await collections.createIndexes(staged, [wanted], patience())).toEqual(done)
      expect(await seconds()).toBe(2_147_483_647)
      const told = { name: 'at_1', seconds: hour }
      expect(await collections.setExpiry(staged, told, patience())).toEqual(done)
      expect(await seconds()).toBe(hour)
      // Told already: it stays as it was told.
      expect(await collections.createIndexes(staged, [wanted], patience())).toEqual(done)
      expect(await seconds()).toBe(hour)
    },
    async otherwise() {
      const { collections } = await subject.start({ [staged]: { documents } })
      const found = await collections.createIndexes(staged, [wanted], patience())
      expect(found).toMatchObject({ kind: 'refused' })
    },
  })

  test('what has no such index is not told when its documents expire', async () => {
    const { collections } = await subject.start({ [staged]: { documents } })
    const told = { name: 'at_1', seconds: hour }
    const found = await collections.setExpiry(staged, told, patience())
    expect(found).toMatchObject({ kind: 'refused' })
  })
}

function copying(subject: CollectionsSubject): void {
  const pair = { from: kept, to: 'projects' }
  const email = { key: { email: 1 }, name: 'email_1', unique: true }

  test('what is missing is copied, what is there stays, and once more copies nothing', async () => {
    const { collections, others } = await subject.start({
      projects: { documents: [{ _id: 2, email: 'new@example.com' }, { _id: 9 }] },
      [kept]: { documents: [...documents, { _id: { $oid: '65a000000000000000000001' }, n: 1.5 }] },
    })
    const copy = () => collections.copyMissing(pair, unheard, patience())
    expect(await copy()).toEqual({ copied: 2, left: [], leftCount: 0 })
    const after = await others.read('projects')
    expect(after).toHaveLength(4)
    expect(after).toContainEqual(documents[0])
    expect(after).toContainEqual({ _id: 2, email: 'new@example.com' })
    expect(after).toContainEqual({ _id: { $oid: '65a000000000000000000001' }, n: 1.5 })
    expect(await copy()).toEqual({ copied: 0, left: [], leftCount: 0 })
  })

  test('what would break a unique index is left, and said by the names of its fields', async () => {
    const { collections, others } = await subject.start({
      projects: { documents: [{ _id: 7, email: 'ana@example.com' }], indexes: [email] },
      [kept]: { documents },
    })
    const found = await collections.copyMissing(pair, unheard, patience())
    expect(found).toMatchObject({ copied: 1, leftCount: 1, left: [{ id: '1' }] })
    expect(found.left[0]?.because).toContain('email')
    expect(found.left[0]?.because).not.toContain('ana')
    expect(await others.read('projects')).toHaveLength(2)
  })

  test('of more than can be told one by one the rest is counted', async () => {
    const many = Array.from({ length: 130 }, (_, index) => ({ _id: index, email: 'one@x' }))
    const { collections } = await subject.start({
      projects: { documents: [{ _id: 'first', email: 'one@x' }], indexes: [email] },
      [kept]: { documents: many },
    })
    const found = await collections.copyMissing(pair, unheard, patience())
    expect(found).toMatchObject({ copied: 0, leftCount: 130 })
    expect(found.left).toHaveLength(100)
  })

  shown(subject, 'validators', 'what would break a validator is left', {
    async can() {
      const options = { validator: { email: { $exists: true } } }
      const { collections } = await subject.start({
        projects: { options },
        [kept]: { documents: [...documents, { _id: 3 }] },
      })
      const found = await collections.copyMissing(pair, unheard, patience())
      expect(found).toMatchObject({ copied: 2, leftCount: 1, left: [{ id: '3' }] })
      expect(found.left[0]?.because).toContain('validator')
    },
    async otherwise() {
      const options = { validator: { email: { $exists: true } } }
      await expect(subject.start({ projects: { options } })).rejects.toThrow()
    },
  })

  test('nothing is copied into a collection that is not there', async () => {
    const { collections } = await subject.start({ [kept]: { documents } })
    const fault = await faultOf(collections.copyMissing(pair, unheard, patience()))
    expect(fault).toMatchObject({ kind: 'terminal' })
    expect(await namesOf(collections)).toEqual([kept])
  })
}

function fencing(subject: CollectionsSubject): void {
  shown(subject, 'fence', 'a fence goes up and comes down, twice as well as once', {
    async can() {
      const { collections } = await subject.start({ projects: { documents } })
      expect(await collections.server(patience())).toMatchObject({ fence: 'offered' })
      for (const state of ['up', 'up', 'down', 'down'] as const) {
        expect(await collections.fence(state, patience())).toEqual(done)
      }
    },
    async otherwise() {
      const { collections } = await subject.start({ projects: { documents } })
      expect(await collections.server(patience())).toMatchObject({ fence: 'none' })
      expect(await collections.fence('up', patience())).toMatchObject({ kind: 'refused' })
    },
  })

  test('a write that is tried leaves nothing behind', async () => {
    const { collections } = await subject.start({ projects: { documents } })
    expect(await collections.tryWrite(patience())).toBe('accepted')
    expect(await namesOf(collections)).toEqual(['projects'])
  })
}

function logging(subject: CollectionsSubject): void {
  shown(subject, 'log', 'what others write since a moment is counted, renames of ours aside', {
    async can() {
      const { collections, others } = await subject.start({
        projects: { documents },
        users: { documents },
      })
      await others.put('projects', { _id: 5 })
      const moment = await collections.moment(patience())
      const since = (names: readonly string[]) =>
        collections.writtenSince(moment ?? '', names, patience())
      expect(await since(['projects', 'users'])).toEqual({ kind: 'counted', writes: [] })
      const quiet = await collections.quiet(['projects'], 50, patience())
      expect(quiet).toEqual({ kind: 'counted', writes: [] })
      await others.put('projects', { _id: 6 })
      await others.put('projects', { _id: 6, n: 1 })
      await others.remove('projects', 1)
      await others.put('users', { _id: 6 })
      expect(await since(['projects'])).toEqual({
        kind: 'counted',
        writes: [{ name: 'projects', writes: 3 }],
      })
      const { uuid } = await named(collections, 'projects')
      const renamed = { uuid: uuid ?? '', from: 'projects', to: kept }
      expect(await collections.rename(renamed, patience())).toEqual(done)
      expect(await since(['projects'])).toMatchObject({ writes: [{ writes: 3 }] })
    },
    async otherwise() {
      const { collections } = await subject.start({ projects: { documents } })
      expect(await collections.moment(patience())).toBe(null)
      const since = await collections.writtenSince('1:1', ['projects'], patience())
      expect(since).toMatchObject({ kind: 'not-known' })
      const quiet = await collections.quiet(['projects'], 50, patience())
      expect(quiet).toMatchObject({ kind: 'not-known' })
    },
  })

  shown(subject, 'log', 'what others write while it listens is counted', {
    async can() {
      const { collections, others } = await subject.start({
        projects: { documents },
        users: { documents },
      })
      const over = new AbortController()
      const listens = collections.quiet(['projects'], 500, patience()).finally(() => over.abort())
      for (let n = 0; !over.signal.aborted; n += 1) {
        await others.put('users', { _id: 6, n })
        await others.put('projects', { _id: 6, n })
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      expect(await listens).toMatchObject({ kind: 'counted', writes: [{ name: 'projects' }] })
    },
    async otherwise() {
      const { collections } = await subject.start({ projects: { documents } })
      const heard = await collections.quiet(['projects'], 200, patience())
      expect(heard).toEqual({ kind: 'not-known', because: expect.stringMatching(/\w+ \w+/) })
    },
  })
}
