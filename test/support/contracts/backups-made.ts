import { expect, test } from 'vitest'
import type { Progress } from '../../../src/domain/plan/run.ts'
import {
  expectTold,
  listed,
  MANY_KINDS,
  numbered,
  untilDone,
  type BackupsSubject,
  type StartedBackups,
} from './backups-given.ts'
import { ours, unheard } from './collections-given.ts'
import { faultOf, patience } from './outside.ts'

const wanted = { id: 'made.archive', purpose: 'safety', incident: '20261122-abcd' } as const
const refused = { kind: 'refused', because: expect.stringMatching(/\w+ \w+/) }
const live = {
  projects: { documents: numbered(40), indexes: [{ v: 2, key: { name: 1 }, name: 'name_1' }] },
  users: { documents: MANY_KINDS },
}

const make = (
  { backups }: StartedBackups,
  more: Partial<Parameters<typeof backups.make>[0]> = {},
) => backups.make({ ...wanted, ...more }, unheard, untilDone())

const made = async (started: StartedBackups) => {
  const said = await make(started)
  if (said.kind !== 'made') throw new Error(said.because)
  return said.manifest
}

/** Backups that Backout makes, and takes away again. */
export function backupsMade(subject: BackupsSubject): void {
  test('the whole database is copied but for what is ours, and the copy is known in every part', async () => {
    const started = await subject.start({ live: { ...live, [ours('old', 'projects')]: {} } })
    const told: Progress[] = []
    const said = await started.backups.make(wanted, (one) => told.push(one), untilDone())
    expectTold(told)
    expect(said).toMatchObject({ kind: 'made', manifest: { ...wanted, otherDatabases: [] } })
    const { manifest } = await listed(started, wanted.id)
    expect(said).toEqual({ kind: 'made', manifest })
    expect(manifest?.database).toBe(started.database)
    const held = manifest?.collections.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    expect(held).toMatchObject([
      { name: 'projects', documents: 40, indexes: [{ name: 'name_1' }] },
      { name: 'users', documents: MANY_KINDS.length, indexes: [] },
    ])
  })

  test('what stands still while it is copied has the same contents when it is verified', async () => {
    const started = await subject.start({ live })
    const { collections, artefact } = await made(started)
    const again = await started.backups.verify(wanted.id, unheard, untilDone())
    expect(again).toMatchObject({ kind: 'verified', manifest: { collections, artefact } })
    expect(again).toMatchObject({ manifest: { purpose: 'safety', incident: '20261122-abcd' } })
  })

  test('what an earlier attempt has made is given back, and not made again', async () => {
    const started = await subject.start({ live })
    const first = await made(started)
    expect(await make(started)).toMatchObject({ kind: 'made', manifest: first })
    expect(await started.backups.list(patience())).toHaveLength(1)
  })

  test('a name that another backup has is refused', async () => {
    const started = await subject.start({ live })
    const first = await made(started)
    expect(await make(started, { incident: '20261123-efgh' })).toEqual(refused)
    expect((await listed(started, wanted.id)).manifest).toEqual(first)
  })

  test('a database without anything in it is not copied', async () => {
    const started = await subject.start({})
    expect(await make(started)).toEqual(refused)
    expect(await started.backups.list(patience())).toEqual([])
  })

  test('one that is stopped on its way never comes into the catalogue', async () => {
    const started = await subject.start({ live })
    const stop = new AbortController()
    const asked = started.backups.make(wanted, () => stop.abort(), stop.signal)
    expect((await faultOf(asked)).kind).not.toBe('terminal')
    expect(await started.backups.list(patience())).toEqual([])
    expect((await made(started)).id).toBe(wanted.id)
  })

  test('it takes away what it has made, and nothing else', async () => {
    const given = { collections: { projects: live.projects }, ageMinutes: 60 }
    const started = await subject.start({ live, backups: { 'theirs.archive': given } })
    const { backups } = started
    const { sha256 } = (await made(started)).artefact
    const theirs = await backups.verify('theirs.archive', unheard, untilDone())
    if (theirs.kind !== 'verified') throw new Error(theirs.because)
    const foreign = { id: 'theirs.archive', sha256: theirs.manifest.artefact.sha256 }
    expect(await backups.remove(foreign, patience())).toEqual(refused)
    const other = { id: wanted.id, sha256: foreign.sha256 }
    expect(await backups.remove(other, patience())).toEqual(refused)
    expect(await backups.list(patience())).toHaveLength(2)
    expect(await backups.remove({ id: wanted.id, sha256 }, patience())).toEqual({ kind: 'done' })
    expect((await backups.list(patience())).map(({ id }) => id)).toEqual(['theirs.archive'])
    expect(await backups.remove({ id: wanted.id, sha256 }, patience())).toEqual(refused)
    expect((await made(started)).id).toBe(wanted.id)
  })

  test('what has changed since it was made is not taken away', async () => {
    const started = await subject.start({ live })
    const { sha256 } = (await made(started)).artefact
    await started.others.damage(wanted.id, 'flipped')
    expect(await started.backups.remove({ id: wanted.id, sha256 }, patience())).toEqual(refused)
    expect(await started.backups.list(patience())).toHaveLength(1)
  })

  test('without the server nothing is copied, and it may be tried again', async () => {
    const started = await subject.start({ live, server: 'refusing' })
    expect(await faultOf(make(started))).toMatchObject({ kind: 'retryable' })
    expect(await started.backups.list(patience())).toEqual([])
  })

  test('a server that says nothing is waited for until the signal', async () => {
    const started = await subject.start({ live, server: 'silent' })
    const stop = new AbortController()
    const asked = faultOf(started.backups.make(wanted, unheard, stop.signal))
    setTimeout(() => stop.abort(), 100)
    expect((await asked).kind).toBe('retryable')
  })
}
