import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine-types.ts'
import { wish, type Ways } from '../support/engine-story.ts'
import { folded, incidentOf, tell, tellMore } from '../support/rollback-story.ts'
import { dataOf, DEEDS, leftAfter, ON_HOSTS, SMALL, wrongIn, type Deed } from './data-deed.ts'
import { damaged, planAndSign } from './data-story.ts'
import { outward } from './outward.ts'

/** Every time other ones: what one time does not find, the next one may. */
const RUNS: Readonly<Record<Deed, number>> = {
  restore: 8,
  switch: 10,
  undo: 5,
  salvage: 4,
  'tidy-up': 4,
  full: 4,
  'undo of full': 3,
  migrated: 6,
  'undo of migrated': 3,
}

/** Every call to the database waits for its turn, and every reply too: the scheduler decides whose turn it is. */
function scheduled(scheduler: fc.Scheduler): Ways {
  return outward(async ({ port, name }, make) => {
    if (!['data', 'backups', 'jobs', 'hosts'].includes(port)) return make()
    await scheduler.schedule(Promise.resolve(), `${port}.${name} arrives`)
    const result = await make()
    await scheduler.schedule(Promise.resolve(), `${port}.${name} is answered`)
    return result
  })
}

/** The deed by two engines on one journal, both told everything. */
async function byTwo(scheduler: fc.Scheduler, deed: Deed, on: typeof ON_HOSTS | null = null) {
  const around = damaged({ database: dataOf(deed), ...on })
  const wasThere = around.sandbox.onData?.names() ?? []
  const before = around.startProcess()
  await tell(around, before, 0, DEEDS[deed].before)
  await before.engine.stop()
  const turns = scheduled(scheduler)
  const one = around.startProcess(null, turns).engine
  const two = around.startProcess(null, { ...turns, journal: around.connect }).engine
  const engines: readonly Engine[] = [one, two]
  const id = await incidentOf(around)
  for (const engine of engines) await scheduler.waitFor(engine.resume())
  for (const [at, { by, intent }] of planAndSign(DEEDS[deed].request).entries()) {
    const received = wish(`both-${at}`, intent(await folded(around)), by)
    for (const engine of engines) await engine.receive(id, received)
    for (const engine of engines) engine.wake(id)
    for (const engine of engines) engine.tick()
    await scheduler.waitFor(Promise.all(engines.map((engine) => engine.idle())))
  }
  const left = await leftAfter(around, wasThere, deed)
  around.end()
  return left
}

const LIVE: Readonly<Record<Deed, string>> = {
  restore: 'damaged',
  switch: 'restored',
  undo: 'damaged',
  salvage: 'restored',
  'tidy-up': 'damaged',
  full: 'restored',
  'undo of full': 'damaged',
  migrated: 'restored',
  'undo of migrated': 'damaged',
}

test.each(Object.entries(RUNS))(
  '%s by two engines, %i interleavings: as by one, or it is said (J2, J5)',
  async (name, runs) => {
    const deed = name as Deed
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const left = await byTwo(scheduler, deed)
        expect(wrongIn(left)).toEqual([])
        expect(left).toMatchObject({ live: LIVE[deed], backend: 3, maintenance: null })
        expect(left.outcomes.at(-1)).toBe('succeeded')
      }),
      { numRuns: runs },
    )
  },
  200_000,
)

test.each([
  ['full', 'v1.9.0'],
  ['undo of full', 'v2.0.0'],
] as const)(
  '%s of containers by two engines: as by one (J2, J5)',
  async (deed, version) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const left = await byTwo(scheduler, deed, ON_HOSTS)
        expect(wrongIn(left)).toEqual([])
        expect(left).toMatchObject({ live: LIVE[deed], backend: 2, maintenance: null })
        expect(left.outcomes.at(-1)).toBe('succeeded')
        expect(left.stands.map((one) => one.replace(/^.*: /, ''))).toEqual(
          Array.from({ length: 3 }, () => `${version} running`),
        )
      }),
      { numRuns: 2 },
    )
  },
  200_000,
)

test('one of two is paused while it restores, until the other one has restored and switched: what was live stays kept', async () => {
  const around = damaged({ database: SMALL })
  const wasThere = around.sandbox.onData?.names() ?? []
  const { promise: goOn, resolve: wakeUp } = Promise.withResolvers<void>()
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  let held = false
  const ways = outward(async (call, make) => {
    if (held || call.name !== 'createIndexes') return make()
    held = true
    reach()
    await goOn
    return make()
  })
  const one = around.startProcess(null, ways)
  const telling = tell(around, one, 0, DEEDS.switch.before)
  await reached
  const two = around.startProcess(null, { journal: around.connect })
  await two.engine.resume()
  await two.engine.idle()
  await tellMore(around, two, planAndSign(DEEDS.switch.request))
  await two.engine.idle()
  wakeUp()
  await telling
  const left = await leftAfter(around, wasThere)
  around.end()
  expect(wrongIn(left)).toEqual([])
  expect(left).toMatchObject({ live: 'restored', backend: 3 })
  expect(left.kept).toEqual(
    expect.arrayContaining(['old organizations of plan 1', 'old projects of plan 1']),
  )
})
