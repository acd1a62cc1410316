import { describe, expect, test } from 'vitest'
import type { DataOptions } from '../../src/sandbox/database/simulated-data.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { patience } from '../support/contracts/outside.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'
import {
  dataStage,
  done,
  kept,
  minutes,
  T0,
  unheard,
  type DataStage,
} from '../support/data-stage.ts'

const stopServices = ({ others }: DataStage) => {
  for (const service of ['backend', 'frontend']) others.scale(service, 0)
}

describe('a database that a release has corrupted', () => {
  test('fails for users until both collections are switched, and what they wrote is in one that is kept', async () => {
    const world = dataStage()
    expect((await world.restoreBeside()).kind).toBe('restored')
    world.pass(minutes(1))
    expect(await world.status()).toBe(500)
    await world.switchAll()
    expect(await world.status()).toBe(401)
    world.pass(minutes(1))
    expect(world.onData.written().length).toBeGreaterThan(50)
    expect(world.onData.lost()).toEqual([])
    world.onData.drop(kept('old', 'projects'))
    expect(world.onData.lost().length).toBeGreaterThan(0)
  })

  test('is corrupted in two collections, and in no other one', async () => {
    const world = dataStage()
    const { id } = await world.newest()
    const names = ['projects', 'organizations', 'users', 'documents']
    await world.restore(
      id,
      names.map((name) => ({ name, as: kept('try', name) })),
    )
    const changed = async (name: string) =>
      (await world.compare(name, kept('try', name))).changed /
      (await world.collections.measure([name], patience()))[0]!.documents
    expect(await changed('projects')).toBeGreaterThan(0.5)
    expect(await changed('organizations')).toBeGreaterThan(0.7)
    for (const name of ['users', 'documents']) expect(await changed(name)).toBeLessThan(0.15)
  })

  test('has good backups from before, and is well again with whatever release once it is restored', async () => {
    const world = dataStage()
    const all = await world.backups.list(patience())
    for (const { manifest } of all.filter((one) => one.manifest)) {
      expect(Date.parse(manifest!.dataAt.at)).toBeLessThan(world.deployedAtMs)
      expect(manifest).toMatchObject({ database: 'es', oneMoment: 'yes' })
    }
    expect(all.filter(({ manifest }) => manifest).length).toBe(3)
    world.others.deploy('backend', 'v1.9.0')
    world.others.deploy('frontend', 'v1.9.0')
    world.pass(minutes(1))
    expect(await world.status()).toBe(500)
  })

  test('is the same for the same seed, however often somebody looks', async () => {
    const contents = async (looks: number) => {
      const world = dataStage()
      for (let look = 0; look < looks; look += 1) {
        world.pass(minutes(2) / looks)
        await world.collections.list(patience())
      }
      return world.collections.contents('projects', unheard, patience())
    }
    expect(await contents(17)).toEqual(await contents(1))
  })

  test('is there without corruption in other scenarios that want it, and not where nobody does', async () => {
    const world = dataStage({}, 'healthy')
    expect((await world.restoreBeside()).kind).toBe('restored')
    const { changed } = await world.compare('organizations', kept('new', 'organizations'))
    expect(changed).toBeLessThan(20)
    const clock = { now: () => T0 }
    const without = sandboxWorld({ scenario: 'errors-62', clock, settings }).world
    expect([without.collections, without.backups]).toEqual([null, null])
  })
})

describe('users', () => {
  const writes = ({ onData }: DataStage) => onData.written().length

  test.each(['kubernetes', 'docker'] as const)(
    'write while a service runs that writes, and not while it is stopped: %s',
    async (platform) => {
      const world = dataStage({}, 'data-corruption', platform)
      world.pass(minutes(1))
      const before = writes(world)
      expect(before).toBeGreaterThan(10)
      if (platform === 'kubernetes') stopServices(world)
      else world.onHosts.stop('pipeshub-backend-1')
      world.pass(10_000)
      const stopped = writes(world)
      world.pass(minutes(5))
      expect(writes(world)).toBe(stopped)
      if (platform === 'kubernetes') world.others.scale('backend', 1)
      else world.onHosts.restart('pipeshub-backend-1')
      world.pass(minutes(1))
      expect(writes(world)).toBeGreaterThan(stopped + 5)
    },
  )

  test('still write through a pod that ends, until it is gone', async () => {
    const world = dataStage()
    world.pass(minutes(1))
    const since = async () => world.collections.quiet(['projects', 'documents'], 5_000, patience())
    expect(await since()).toMatchObject({ writes: [{}] })
    stopServices(world)
    world.pass(3_000)
    expect(await since()).toEqual({ kind: 'counted', writes: [] })
  })

  test('read only where nobody writes', () => {
    const world = dataStage({ everyMs: 0 })
    world.pass(minutes(60))
    expect(writes(world)).toBe(0)
  })

  test('are told that a write was done only when it was', async () => {
    const world = dataStage()
    await world.collections.fence('up', patience())
    const before = writes(world)
    world.pass(minutes(2))
    expect(writes(world)).toBe(before)
    expect(world.onData.refused()).toBeGreaterThan(10)
    expect(world.onData.write('projects', { _id: 'late' })).toBe(false)
    expect(world.onData.lost()).toEqual([])
  })

  test('who write into a gap make a collection of that name, which no rename replaces', async () => {
    const world = dataStage({ everyMs: 0 })
    await world.restoreBeside()
    await world.rename('projects', kept('old', 'projects'))
    expect(world.onData.write('projects', { _id: 'in the gap' })).toBe(true)
    expect(await world.rename(kept('new', 'projects'), 'projects')).toMatchObject({
      kind: 'changed-meanwhile',
    })
    expect(world.onData.lost()).toEqual([])
  })

  test('have lost what stands nowhere as they wrote it last', () => {
    const { onData } = dataStage({ everyMs: 0 })
    onData.write('projects', { _id: 'one', name: 'first' })
    onData.write('projects', { _id: 'one', name: 'second' })
    onData.write('projects', { _id: 'two' })
    onData.delete('projects', 'two')
    expect(onData.lost()).toEqual([])
    onData.spoil('projects', { _id: 'one', name: 'first' })
    expect(onData.lost()).toMatchObject([{ key: '"one"', document: { name: 'second' } }])
  })
})

describe('a fence', () => {
  test.each([
    ['none', 'refused', 'accepted', true],
    ['hollow', 'done', 'accepted', true],
    ['bypassed', 'done', 'accepted', true],
    ['real', 'done', 'refused', false],
  ] as const)('that is %s: %s, a write is %s', async (fence, said, tried, goesOn) => {
    const { collections, onData } = dataStage({ server: { fence }, everyMs: 0 })
    expect((await collections.fence('up', patience())).kind).toBe(said)
    expect(await collections.tryWrite(patience())).toBe(tried)
    expect(onData.write('projects', { _id: 1 })).toBe(goesOn)
    expect((await collections.fence('down', patience())).kind).toBe(said)
    expect(onData.write('projects', { _id: 1 })).toBe(true)
  })

  test('that is real keeps documents from expiring, and one that is hollow does not', async () => {
    for (const [fence, left] of [
      ['real', 1],
      ['hollow', 0],
    ] as const) {
      const { collections, onData, pass } = dataStage({ ...withSessions, server: { fence } })
      await collections.fence('up', patience())
      pass(minutes(90))
      expect(onData.documents('sessions')).toHaveLength(left)
    }
  })

  test('can be taken down by who cannot write past it', async () => {
    const { collections, rename } = dataStage({ server: { lacks: ['bypassWriteBlockingMode'] } })
    await collections.fence('up', patience())
    expect(await rename('projects', kept('old', 'projects'))).toMatchObject({ kind: 'refused' })
    expect(await collections.fence('down', patience())).toEqual(done)
    expect(await rename('projects', kept('old', 'projects'))).toEqual(done)
  })
})

const withSessions: DataOptions = {
  everyMs: 0,
  collections: [
    {
      name: 'sessions',
      documents: [{ _id: 1, at: { $date: new Date(T0).toISOString() } }],
      indexes: [{ v: 2, key: { at: 1 }, name: 'at_1', expireAfterSeconds: 3_600 }],
    },
  ],
}

describe('documents that expire', () => {
  test('are gone when their time is over, and that is a write that is counted', async () => {
    const { collections, onData, pass } = dataStage(withSessions)
    const moment = (await collections.moment(patience())) ?? ''
    pass(minutes(59))
    expect(onData.documents('sessions')).toHaveLength(1)
    pass(minutes(2))
    expect(onData.documents('sessions')).toEqual([])
    expect(await collections.writtenSince(moment, ['sessions'], patience())).toEqual({
      kind: 'counted',
      writes: [{ name: 'sessions', writes: 1 }],
    })
  })

  test('stay in what was restored beside until its index is told', async () => {
    const world = dataStage({ everyMs: 0 })
    const at = (days: number) => ({ $date: new Date(T0 - minutes(60 * 24 * days)).toISOString() })
    const documents = Array.from({ length: 10 }, (_, index) => ({ _id: index, at: at(index) }))
    const index = { v: 2, key: { at: 1 }, name: 'at_1', expireAfterSeconds: 3_600 }
    const collections = [{ name: 'sessions', documents, indexes: [index] }]
    world.onData.addBackup({ id: 'old.archive', changedAtMs: T0 - minutes(200), collections })
    const as = kept('try', 'sessions')
    expect((await world.restore('old.archive', [{ name: 'sessions', as }])).kind).toBe('restored')
    expect(await world.collections.createIndexes(as, [index], patience())).toEqual(done)
    world.pass(minutes(120))
    expect(world.onData.documents(as)).toHaveLength(10)
    const wanted = { field: 'at', seconds: 3_600 }
    expect(await world.collections.expired(as, wanted, patience())).toBe(10)
    const told = { name: 'at_1', seconds: minutes(60 * 24 * 5) / 1_000 }
    await world.collections.setExpiry(as, told, patience())
    expect(world.onData.documents(as)).toHaveLength(5)
  })
})
