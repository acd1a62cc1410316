import { describe, expect, test } from 'vitest'
import type { Progress } from '../../../src/domain/plan/run.ts'
import {
  DAMAGES,
  EVERY_KIND,
  expectTold,
  listed,
  numbered,
  untilDone,
  verified,
  type BackupsSubject,
} from './backups-given.ts'
import { backupsMade } from './backups-made.ts'
import { backupsRestored } from './backups-restored.ts'
import { unheard } from './collections-given.ts'
import { faultOf, patience } from './outside.ts'

const inWords = expect.stringMatching(/\w+ \w+/)
const projects = { projects: { documents: numbered(40) } }
const two = {
  'older.archive': { collections: projects, ageMinutes: 600 },
  'newer.archive': { collections: projects, ageMinutes: 60 },
}

export function backupsContract(name: string, subject: BackupsSubject): void {
  describe(`${name} keeps the promises of Backups`, () => {
    catalogue(subject)
    verifying(subject)
    backupsMade(subject)
    backupsRestored(subject)
    tools(subject)
  })
}

function catalogue(subject: BackupsSubject): void {
  test('all are listed, the newest first; what nobody has read has no manifest', async () => {
    const { backups } = await subject.start({ backups: two })
    const all = await backups.list(patience())
    expect(all.map(({ id }) => id)).toEqual(['newer.archive', 'older.archive'])
    for (const one of all) {
      expect(one).toMatchObject({ kind: 'archive', manifest: null, problem: null })
      expect(one.bytes).toBeGreaterThan(0)
      expect(Date.now() - Date.parse(one.changedAt)).toBeGreaterThan(59 * 60_000)
    }
  })

  test.each(['empty', 'link'] as const)('by looking it is seen: %s', async (how) => {
    const started = await subject.start({ backups: two })
    await started.others.damage('newer.archive', how)
    const { problem, manifest } = await listed(started, 'newer.archive')
    expect({ problem, manifest }).toEqual({
      problem: expect.stringMatching(how === 'empty' ? /empty/ : /link/),
      manifest: null,
    })
    expect((await listed(started, 'older.archive')).problem).toBeNull()
  })

  test('of an empty catalogue there is nothing to list', async () => {
    const { backups } = await subject.start({})
    expect(await backups.list(patience())).toEqual([])
  })

  test('nothing is done for a signal that is over', async () => {
    const { backups } = await subject.start({ live: projects, backups: two })
    const over = AbortSignal.abort()
    await faultOf(backups.list(over))
    await faultOf(backups.verify('newer.archive', unheard, over))
    const wanted = { id: 'asked.archive', purpose: 'asked', incident: null } as const
    await faultOf(backups.make(wanted, unheard, over))
    const all = await backups.list(patience())
    expect(all.map(({ id, manifest }) => ({ id, manifest }))).toEqual([
      { id: 'newer.archive', manifest: null },
      { id: 'older.archive', manifest: null },
    ])
  })

  test('what is gone is not listed, and cannot be verified', async () => {
    const { backups, others } = await subject.start({ backups: two })
    await others.remove('newer.archive')
    expect((await backups.list(patience())).map(({ id }) => id)).toEqual(['older.archive'])
    const fault = await faultOf(backups.verify('newer.archive', unheard, patience()))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'backups' })
  })
}

function verifying(subject: BackupsSubject): void {
  test('what was read whole is known in every part, and from then on in the list', async () => {
    const indexes = [{ v: 2, key: { name: 1 }, name: 'name_1', unique: true }]
    const options = { validator: { name: { $exists: true } } }
    const collections = {
      projects: { documents: numbered(40), indexes, options },
      users: { documents: EVERY_KIND },
      nothing: {},
    }
    const started = await subject.start({
      backups: { 'a.archive': { collections, ageMinutes: 9 } },
    })
    const told: Progress[] = []
    const said = await started.backups.verify('a.archive', (one) => told.push(one), untilDone())
    expectTold(told)
    expect(said.kind).toBe('verified')
    const manifest = await verified(started, 'a.archive')
    expect(manifest).toMatchObject({
      id: 'a.archive',
      purpose: 'found',
      incident: null,
      database: started.database,
      otherDatabases: [],
      serverVersion: expect.stringMatching(/^\d+\.\d+/),
      artefact: { kind: 'archive', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    const seen = await listed(started, 'a.archive')
    expect(seen).toMatchObject({ problem: null, manifest: { artefact: manifest.artefact } })
    expect(seen.bytes).toBe(manifest.artefact.bytes)
    expect(seen.changedAt).toBe(manifest.artefact.changedAt)
    const one = (name: string) => manifest.collections.find((found) => found.name === name)
    expect(manifest.collections).toHaveLength(3)
    expect(one('projects')).toMatchObject({ documents: 40, indexes, options })
    expect(one('users')).toMatchObject({ documents: EVERY_KIND.length, indexes: [], options: {} })
    expect(one('nothing')).toMatchObject({ documents: 0, bytes: 0, hash: '0'.repeat(32) })
  })

  test('the same documents in another order are the same, and one other value is another one', async () => {
    const [first, ...others] = EVERY_KIND
    const of = (documents: typeof EVERY_KIND) => ({ collections: { c: { documents } } })
    const started = await subject.start({
      backups: {
        'a.archive': { ...of(EVERY_KIND), ageMinutes: 3 },
        'b.archive': { ...of(EVERY_KIND.toReversed()), ageMinutes: 2 },
        'c.archive': { ...of([{ ...first!, half: 0.25 }, ...others]), ageMinutes: 1 },
      },
    })
    const hash = async (id: string) => (await verified(started, id)).collections[0]?.hash
    expect(await hash('b.archive')).toBe(await hash('a.archive'))
    expect(await hash('c.archive')).not.toBe(await hash('a.archive'))
  })

  test('another database that lies in it is named, and counts for nothing', async () => {
    const given = { collections: projects, ageMinutes: 9, otherDatabase: 'elsewhere' }
    const started = await subject.start({ backups: { 'a.archive': given } })
    const { otherDatabases, collections } = await verified(started, 'a.archive')
    expect(otherDatabases).toEqual(['elsewhere'])
    expect(collections.map(({ name }) => name)).toEqual(['projects'])
  })

  test.each(DAMAGES)('one that is spoilt is said to be, and stays so: %s', async (how) => {
    const started = await subject.start({ backups: two })
    await started.others.damage('newer.archive', how)
    const verify = () => started.backups.verify('newer.archive', unheard, untilDone())
    expect(await verify()).toEqual({ kind: 'damaged', because: inWords })
    expect(await listed(started, 'newer.archive')).toMatchObject({
      manifest: null,
      problem: inWords,
    })
    expect(await verify()).toMatchObject({ kind: 'damaged' })
    expect(await verified(started, 'older.archive')).toMatchObject({ id: 'older.archive' })
  })

  test('what is changed after it was read is not known any more', async () => {
    const started = await subject.start({ backups: two })
    await verified(started, 'newer.archive')
    await started.others.damage('newer.archive', 'cut')
    expect((await listed(started, 'newer.archive')).manifest).toBeNull()
  })
}

function tools(subject: BackupsSubject): void {
  test('both programs are found, with their versions', async () => {
    const { backups } = await subject.start({})
    const found = await backups.tools(patience())
    expect(found.map(({ name }) => name)).toEqual(['mongodump', 'mongorestore'])
    for (const { version, problem } of found) {
      expect(version).toMatch(/^\d+\.\d+\.\d+/)
      expect(problem).toBeNull()
    }
  })

  test('it tells how much space is free where the catalogue is, or that nobody tells', async () => {
    const { backups } = await subject.start({})
    expect((await backups.freeBytes(patience())) ?? 1).toBeGreaterThan(0)
  })
}
