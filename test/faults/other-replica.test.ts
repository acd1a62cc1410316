import { expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import { incidentOf, running, saidOn, tell } from '../support/rollback-story.ts'
import { both, isWrite, outward } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

/*
 * Two processes over one journal, and one order of what they do: what `rollback-two-engines.test.ts`
 * meets only by chance.
 */

async function isBegun({ journal }: Surroundings, id: string): Promise<boolean> {
  return (await journal.read(id)).some(({ event }) => event.type === 'run-started')
}

async function runOf(around: Surroundings, { engine }: ReturnType<Surroundings['startProcess']>) {
  return (await engine.load(await incidentOf(around)))?.plans[0]?.run
}

test('what the other one writes while the first asks for the last time is no drift: the run succeeds (J5)', async () => {
  const around = surroundings()
  const target = recorder(around)
  const { promise: written, resolve: hasWritten } = Promise.withResolvers<void>()
  const { promise: rested, resolve: rests } = Promise.withResolvers<void>()
  const asks = { held: 0 }
  const first: ReturnType<typeof around.startProcess> = around.startProcess(
    null,
    both(
      // It has seen that the write is needed, and now looks whether the world is as it was signed.
      outward(async (call, make) => {
        const id = await incidentOf(around)
        if (asks.held === 0 && call.name === 'releases' && (await isBegun(around, id))) {
          asks.held += 1
          other.engine.wake(id)
          await written
        }
        return make()
      }),
      target.ways,
    ),
  )
  const slow = outward(async (call, make) => {
    const result = await make()
    if (isWrite(call) && target.written.length === 2) {
      hasWritten()
      await rested
    }
    return result
  })
  const other = around.startProcess(null, {
    ...both(slow, target.ways),
    journal: around.connect,
  })
  await tell(around, first)
  rests()
  await other.engine.idle()
  expect(asks.held).toBe(1)
  expect(target.written).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
  expect(wrongIn(target)).toEqual([])
  expect((await runOf(around, first))?.ended?.says).toBe('every step was carried out and verified')
  expect(await running(around)).toBe('v1.9.0,v1.9.0')
  around.end()
})

test('writes that did not arrive are not sent again once the other one has stopped the run (J2)', async () => {
  const around = surroundings()
  const target = recorder(around)
  const story = { lost: 0, stopped: false }
  const first = around.startProcess(
    null,
    both(
      outward(async (call, make) => {
        if (isWrite(call) && story.lost < 2) {
          story.lost += 1
          const lost = { dependency: 'kubernetes', detail: 'the reply was lost' } as const
          throw new Fault({ kind: 'unknown-outcome', ...lost })
        }
        // It has written down that it waits, and looks again: from here to the write it appends nothing.
        if (story.lost === 2 && !story.stopped && call.port === 'cluster') {
          story.stopped = true
          const id = await incidentOf(around)
          await other.engine.receive(id, wish('stop', { kind: 'abort', plan: null }, 'U0BO'))
          other.engine.wake(id)
          await other.engine.idle()
        }
        return make()
      }),
      target.ways,
    ),
  )
  const other = around.startProcess(null, { ...target.ways, journal: around.connect })
  await tell(around, first)
  expect(story).toEqual({ lost: 2, stopped: true })
  expect(target.written).toEqual([])
  expect(wrongIn(target)).toEqual([])
  const run = await runOf(around, first)
  expect(run?.steps[0]).toMatchObject({ kind: 'failed', applied: 'unknown' })
  expect(run?.ended?.outcome).toBe('aborted')
  expect(saidOn('run-1', around)).toMatch(/It is \*not known\* whether step 1/)
  expect(await running(around)).toBe('v2.0.0,v2.0.0')
  around.end()
})
