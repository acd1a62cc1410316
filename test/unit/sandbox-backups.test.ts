import { describe, expect, test } from 'vitest'
import { patience } from '../support/contracts/outside.ts'
import {
  dataStage,
  done,
  kept,
  minutes,
  T0,
  unheard,
  type DataStage,
} from '../support/data-stage.ts'

const safety = { id: 'before.archive', purpose: 'safety', incident: '20261122-abcd' } as const
const refused = { kind: 'refused', because: expect.stringMatching(/\w+ \w+/) }
const as = kept('try', 'projects')
const pairs = [{ name: 'projects', as }]

const restoreNewest = async (world: DataStage) => world.restore((await world.newest()).id, pairs)
const copied = ({ onData }: DataStage): number => onData.documents(as).length

describe('a backup that is made', () => {
  test('shows one moment where nobody writes meanwhile, and is not said to where somebody does', async () => {
    const quiet = dataStage({ everyMs: 0 })
    const still = await quiet.backups.make(safety, unheard, patience())
    expect(still).toMatchObject({ manifest: { oneMoment: 'yes', dataAt: { exact: true } } })
    const busy = dataStage({ everyMs: 0 })
    const write = () => void busy.onData.write('users', { _id: 'busy', email: 'busy@example.com' })
    const made = await busy.backups.make(safety, write, patience())
    expect(made).toMatchObject({ manifest: { oneMoment: 'no', dataAt: { exact: false } } })
  })

  test('is refused where its disk is full, and is not in the catalogue', async () => {
    const { backups, onData } = dataStage()
    const before = await backups.list(patience())
    onData.setBackupRoom(20_000)
    expect(await backups.make(safety, unheard, patience())).toEqual(refused)
    expect(await backups.list(patience())).toEqual(before)
  })

  test.each(['killed', 'nothing-done'] as const)(
    'is not there when its program is %s, and is when it is tried again',
    async (trouble) => {
      const { backups, onData } = dataStage()
      const before = await backups.list(patience())
      onData.troubleTool(trouble)
      const made = () => backups.make(safety, unheard, patience())
      if (trouble === 'killed') await expect(made()).rejects.toMatchObject({ kind: 'retryable' })
      else expect(await made()).toEqual(refused)
      expect(await backups.list(patience())).toEqual(before)
      expect(await made()).toMatchObject({ kind: 'made' })
    },
  )
})

describe('a backup that is restored', () => {
  test('leaves what it has copied when its program is killed in the middle', async () => {
    const world = dataStage()
    world.onData.troubleTool('killed')
    await expect(restoreNewest(world)).rejects.toMatchObject({ kind: 'retryable' })
    expect(copied(world)).toBeGreaterThan(0)
    const { documents = 0 } =
      (await world.newest()).manifest?.collections.find(({ name }) => name === 'projects') ?? {}
    expect(copied(world)).toBeLessThan(documents)
  })

  test('is refused where a few documents failed, or none came, however its program ended', async () => {
    const some = dataStage()
    some.onData.troubleTool('some-failed')
    expect(await restoreNewest(some)).toEqual(refused)
    expect(copied(some)).toBeGreaterThan(0)
    const none = dataStage()
    none.onData.troubleTool('nothing-done')
    expect(await restoreNewest(none)).toEqual(refused)
    expect(copied(none)).toBe(0)
  })

  test('waits for a program that hangs until the signal', async () => {
    const world = dataStage()
    world.onData.troubleTool('hangs')
    const { id, bytes } = await world.newest()
    const wanted = { id, bytes, sha256: null, collections: pairs }
    const restored = world.backups.restore(wanted, unheard, AbortSignal.timeout(50))
    await expect(restored).rejects.toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
  })

  test('is refused where the disk of the server is full, or the account may not', async () => {
    const full = dataStage({ server: { roomBytes: 30_000 }, everyMs: 0 })
    expect(await restoreNewest(full)).toEqual(refused)
    expect(copied(full)).toBeGreaterThan(0)
    const weak = dataStage({ server: { lacks: ['bypassDocumentValidation'] } })
    expect(await restoreNewest(weak)).toEqual(refused)
    expect(copied(weak)).toBe(0)
  })

  test('holds two states at once where people were writing: the unique index does not come', async () => {
    const world = dataStage({ everyMs: 0 })
    const documents = [
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
    ]
    const index = { v: 2, key: { a: 1 }, name: 'a_1', unique: true }
    const collections = [{ name: 'projects', documents, indexes: [index] }]
    world.onData.addBackup({ id: 'torn.archive', changedAtMs: T0 - minutes(60), collections })
    expect((await world.restore('torn.archive', pairs)).kind).toBe('restored')
    expect(await world.collections.createIndexes(as, [index], patience())).toEqual({
      kind: 'refused',
      because: expect.stringContaining('1 value of a'),
      sameKey: ['1', '2'],
    })
  })

  test('is older than its file where it came from a server that was behind', async () => {
    const world = dataStage({ everyMs: 0 })
    const collections = [{ name: 'projects', documents: [] }]
    const changedAtMs = T0 - minutes(20)
    world.onData.addBackup({ id: 'late.archive', changedAtMs, collections })
    const said = await world.backups.verify('late.archive', unheard, patience())
    expect(said).toMatchObject({
      manifest: {
        dataAt: { at: new Date(changedAtMs).toISOString(), exact: false },
        node: null,
        oneMoment: 'not-known',
      },
    })
  })

  test.each([null, '99.1.0'])('needs its programs: version %s', async (version) => {
    const world = dataStage()
    world.onData.setToolVersion(version)
    const [tool] = await world.backups.tools(patience())
    expect(tool).toEqual({ name: 'mongodump', version, problem: expect.stringMatching(/\w+ \w+/) })
    await expect(restoreNewest(world)).rejects.toMatchObject({ kind: 'terminal' })
  })

  test('is not there to be asked about while its folder is away', async () => {
    const world = dataStage()
    world.change({ backups: 'refusing' })
    await expect(world.backups.list(patience())).rejects.toMatchObject({
      kind: 'retryable',
      dependency: 'backups',
    })
  })
})

describe('a server that cannot', () => {
  test.each(['it is sharded', 'it is capped'])('rename says why: %s', async (obstacle) => {
    const world = dataStage()
    world.onData.obstruct('projects', [obstacle])
    const found = (await world.collections.list(patience())).find(({ name }) => name === 'projects')
    expect(found?.obstacles).toEqual([obstacle])
    expect(await world.rename('projects', kept('old', 'projects'))).toEqual({
      kind: 'refused',
      because: obstacle,
    })
  })

  test('give collections an identity lets none of them be renamed', async () => {
    const world = dataStage({ server: { hasUuids: false } })
    const all = await world.collections.list(patience())
    expect(all.map(({ uuid }) => uuid)).toEqual(all.map(() => null))
    expect(await world.rename('projects', kept('old', 'projects'))).toEqual(refused)
  })

  test('keep a log says so, and so does one whose log began later', async () => {
    const alone = dataStage({ server: { topology: 'standalone', fence: 'none' } }).collections
    expect(await alone.moment(patience())).toBeNull()
    const unknown = { kind: 'not-known', because: expect.stringMatching(/\w+ \w+/) }
    expect(await alone.quiet(['projects'], 5_000, patience())).toEqual(unknown)
    const { collections, onData } = dataStage()
    const moment = (await collections.moment(patience())) ?? ''
    onData.write('projects', { _id: 1 })
    onData.forgetLog()
    expect(await collections.writtenSince(moment, ['projects'], patience())).toEqual(unknown)
  })

  test('take writes while its primary changes takes them afterwards, and nothing was written', async () => {
    const world = dataStage()
    world.change({ writablePrimary: false })
    const rename = () => world.rename('projects', kept('old', 'projects'))
    await expect(rename()).rejects.toMatchObject({ kind: 'retryable', code: '10107' })
    world.change({ writablePrimary: true })
    expect(await rename()).toEqual(done)
  })

  test('let the account list collections says that it may not', async () => {
    const { collections } = dataStage({ server: { lacks: ['listCollections'] } })
    await expect(collections.list(patience())).rejects.toMatchObject({ kind: 'terminal' })
    expect((await collections.server(patience())).lacks).toEqual(['listCollections'])
  })

  test('keep a name longer than servers take refuses it', async () => {
    const world = dataStage()
    expect(await world.rename('projects', 'p'.repeat(253))).toEqual(refused)
  })
})
