import { expect, test } from 'vitest'
import type { Progress } from '../../../src/domain/plan/run.ts'
import type { Backups } from '../../../src/ports/backups.ts'
import {
  expectTold,
  listed,
  MANY_KINDS,
  numbered,
  untilDone,
  verified,
  type BackupsSubject,
  type StartedBackups,
} from './backups-given.ts'
import { ours, unheard } from './collections-given.ts'
import { faultOf } from './outside.ts'

const ID = 'night.archive'
const staged = ours('try', 'projects')
const kept = {
  projects: { documents: numbered(900), indexes: [{ v: 2, key: { name: 1 }, name: 'name_1' }] },
  users: { documents: MANY_KINDS },
  more: { documents: numbered(5) },
}
const live = { projects: { documents: numbered(3, { live: true }) } }
const world = { live, backups: { [ID]: { collections: kept, ageMinutes: 60 } } }
const refused = { kind: 'refused', because: expect.stringMatching(/\w+ \w+/) }

type Wanted = Parameters<Backups['restore']>[0]

const restore = async (
  started: StartedBackups,
  more: Partial<Wanted> = {},
  report: (progress: Progress) => void = unheard,
  signal = untilDone(),
) => {
  const { bytes } = await listed(started, ID)
  const collections = [{ name: 'projects', as: staged }]
  const wanted = { id: ID, sha256: null, bytes, collections, ...more }
  return started.backups.restore(wanted, report, signal)
}

/** Nothing of what users have is touched, however it ends. */
const expectUnharmed = async ({ others }: StartedBackups): Promise<void> => {
  expect(await others.read('projects')).toHaveLength(3)
  const names = await others.names()
  expect(names.filter((name) => !name.startsWith('__rb_'))).toEqual(['projects'])
}

/** Copying out of a backup into the database, beside what is there. */
export function backupsRestored(subject: BackupsSubject): void {
  test('the wanted collections come under other names, byte for byte, and nothing else does', async () => {
    const started = await subject.start(world)
    const manifest = await verified(started, ID)
    const collections = ['projects', 'users'].map((name) => ({ name, as: ours('try', name) }))
    const told: Progress[] = []
    const { sha256 } = manifest.artefact
    const said = await restore(started, { collections, sha256 }, (one) => told.push(one))
    expect(said.kind).toBe('restored')
    const names = collections.map(({ name }) => name)
    const held = manifest.collections.filter(({ name }) => names.includes(name))
    if (said.kind === 'restored') {
      expect(said.collections).toHaveLength(2)
      expect(said.collections).toEqual(expect.arrayContaining(held))
    }
    expectTold(told)
    const { others } = started
    expect(await others.names()).toEqual(
      [...collections.map(({ as }) => as), 'projects'].toSorted(),
    )
    const users = await others.read(ours('try', 'users'))
    expect(users).toHaveLength(MANY_KINDS.length)
    expect(users).toEqual(expect.arrayContaining([...MANY_KINDS]))
    expect(await others.read(staged)).toHaveLength(900)
    await expectUnharmed(started)
  })

  test('no index is built beside that of _id', async () => {
    const started = await subject.start(world)
    expect((await restore(started)).kind).toBe('restored')
    expect(await started.others.indexes(staged)).toEqual([])
  })

  test.each([
    ['other bytes than were signed', { sha256: '0'.repeat(64) }],
    ['another size than was signed', { bytes: 12 }],
    ['a collection that is not in it', { collections: [{ name: 'nothing', as: staged }] }],
    ['one that is not in the catalogue', { id: 'nothing.archive' }],
  ])('it is refused: %s', async (_, more) => {
    const started = await subject.start(world)
    expect(await restore(started, more)).toEqual(refused)
    await expectUnharmed(started)
  })

  test.each(['cut', 'flipped', 'empty', 'link'] as const)(
    'one that is spoilt is refused, and what users have stands: %s',
    async (how) => {
      const started = await subject.start(world)
      await started.others.damage(ID, how)
      expect(await restore(started)).toEqual(refused)
      await expectUnharmed(started)
    },
  )

  test('one that is stopped on its way leaves what it has copied, and nothing else', async () => {
    const started = await subject.start(world)
    const stop = new AbortController()
    const asked = restore(started, {}, () => stop.abort(), stop.signal)
    expect((await faultOf(asked)).kind).not.toBe('terminal')
    expect((await started.others.names()).filter((name) => name !== staged)).toEqual(['projects'])
    await expectUnharmed(started)
  })

  test('without the server nothing is copied, and it may be tried again', async () => {
    const started = await subject.start({ ...world, server: 'refusing' })
    expect(await faultOf(restore(started))).toMatchObject({ kind: 'retryable' })
  })

  test('a server that says nothing is waited for until the signal', async () => {
    const started = await subject.start({ ...world, server: 'silent' })
    const stop = new AbortController()
    const asked = faultOf(restore(started, {}, unheard, stop.signal))
    setTimeout(() => stop.abort(), 100)
    expect((await asked).kind).toBe('retryable')
  })
}
