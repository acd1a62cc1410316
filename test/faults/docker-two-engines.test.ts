import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine-types.ts'
import { surroundings, wish, type Ways } from '../support/engine-story.ts'
import { folded, incidentOf, rollbackOnHosts } from '../support/rollback-story.ts'
import { leftOn, SWAPPED } from './hosts-story.ts'
import { both, isWrite, outward, type Call } from './outward.ts'
import { recorder } from './recorder.ts'

/** Every time other ones: what one time does not find, the next one may. */
const RUNS = { freely: 25, held: 35 }
/** Longer than any signature holds, and than any step may take. */
const LONG_MS = 40 * 60_000

/** Every call to a host waits for its turn, and every reply too: the scheduler decides whose turn it is. */
function scheduled(scheduler: fc.Scheduler): Ways {
  return outward(async ({ port, name }, make) => {
    if (port !== 'hosts') return make()
    await scheduler.schedule(Promise.resolve(), `${port}.${name} arrives`)
    const result = await make()
    await scheduler.schedule(Promise.resolve(), `${port}.${name} is answered`)
    return result
  })
}

/** Where a process is paused for a long time: before or after the effect of one of its writes. */
type Pause = { readonly nth: number; readonly when: 'before' | 'after' }

function paused(pause: Pause | null, until: Promise<void>) {
  const seen = { writes: 0, call: null as Call | null }
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const ways = outward(async (call, make) => {
    if (call.port !== 'hosts' || !isWrite(call)) return make()
    seen.writes += 1
    if (seen.writes !== pause?.nth) return make()
    seen.call = call
    reach()
    if (pause.when === 'before') await until
    const result = await make()
    if (pause.when === 'after') await until
    return result
  })
  return { seen, ways, reached }
}

type Story = { readonly pause: Pause | null; readonly sick: 'unhealthy' | 'exits' | null }

/** A rollback of the frontend, behind a port of its host, by two engines on one journal, both told everything. */
async function byTwo(scheduler: fc.Scheduler, { pause, sick }: Story) {
  const around = surroundings({ platform: 'docker' })
  if (sick) around.sandbox.change({ sickVersions: { 'v1.9.0': sick } })
  const target = recorder(around)
  const { promise: awake, resolve: wakeUp } = Promise.withResolvers<void>()
  const held = paused(pause, awake)
  const turns = scheduled(scheduler)
  const one = around.startProcess(null, both(both(held.ways, turns), target.ways)).engine
  const another = { ...both(turns, target.ways), journal: around.connect }
  const two = around.startProcess(null, another).engine
  const engines: readonly Engine[] = [one, two]
  for (const engine of engines) await engine.resume()

  /** Until all who are not paused have come to rest. */
  async function rest(): Promise<void> {
    const all = Promise.all(engines.map((engine) => engine.idle()))
    await scheduler.waitFor(Promise.race([all, held.reached]))
    if (held.seen.call) await scheduler.waitFor(two.idle())
  }
  for (const [at, { by, intent }] of rollbackOnHosts('frontend').entries()) {
    const id = await incidentOf(around)
    const received = wish(`d${at}`, intent(await folded(around)), by)
    // The same click reaches both, and each learns what the other one has written.
    for (const engine of engines) await engine.receive(at === 0 ? null : id, received)
    for (const engine of engines) engine.wake(await incidentOf(around))
    for (const engine of engines) engine.tick()
    await rest()
  }
  if (held.seen.call) {
    around.pass(LONG_MS)
    two.tick()
    await scheduler.waitFor(two.idle())
    wakeUp()
    await scheduler.waitFor(Promise.all(engines.map((engine) => engine.idle())))
  }
  const left = { ...(await leftOn(around, target)), late: target.late, held: held.seen.call }
  around.end()
  return left
}

const Sick = fc.constantFrom(null, 'unhealthy' as const, 'exits' as const)

test(`a swap by two engines, ${RUNS.freely} interleavings: every effect once (J2, J5)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const left = await byTwo(scheduler, { pause: null, sick: null })
      expect(left).toMatchObject({
        stands: { backend: 'v2.0.0 serves', frontend: 'v1.9.0 serves' },
        outcomes: ['succeeded'],
        wrong: [],
        strangers: 1,
        twice: [],
        proof: 'intact',
      })
      expect(left.count('run-started')).toBe(1)
      expect(left.count('run-ended')).toBe(1)
      // To start what runs, or to stop what is stopped, is the same once more.
      const frontend = SWAPPED.filter((one) => one.includes('/frontend'))
      expect([...new Set(left.written)].toSorted()).toEqual(frontend.toSorted())
    }),
    { numRuns: RUNS.freely },
  )
  console.log(`a swap by two engines: ${RUNS.freely} interleavings`)
}, 600_000)

const pauses = fc.record({
  nth: fc.integer({ min: 1, max: 7 }),
  when: fc.constantFrom('before' as const, 'after' as const),
})

test(`one of two is paused for ${LONG_MS / 60_000} minutes at one of its writes, ${RUNS.held} times: somebody serves when it has woken (J5)`, async () => {
  const counted = { held: 0, late: 0, sick: 0 }
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), pauses, Sick, async (scheduler, pause, sick) => {
      const left = await byTwo(scheduler, { pause, sick })
      if (left.held) counted.held += 1
      if (left.late.length > 0) counted.late += 1
      if (sick) counted.sick += 1
      expect(left).toMatchObject({ strangers: 1, twice: [], proof: 'intact' })
      expect(left.wrong.filter((one) => !left.late.includes(one))).toEqual([])
      expect(left.stands).toEqual({
        backend: 'v2.0.0 serves',
        frontend: sick ? 'v2.0.0 serves' : 'v1.9.0 serves',
      })
      expect(left.outcomes).toEqual([sick ? 'failed' : 'succeeded'])
      expect(left.count('run-ended')).toBe(1)
      // What was on its way when the run had ended cannot be called back: it is one that was signed.
      if (left.late.length > 0) expect(left.held).not.toBeNull()
    }),
    { numRuns: RUNS.held },
  )
  console.log(`paused: ${JSON.stringify(counted)}`)
  expect(counted.held).toBeGreaterThan(RUNS.held / 4)
}, 600_000)
