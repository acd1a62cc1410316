import { afterEach, expect, test } from 'vitest'
import { isWatching } from '../../src/domain/watch/watch.ts'
import { lastsMs } from '../../src/domain/watch/schedule.ts'
import { isRunning } from '../../src/domain/plan/run.ts'
import { surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import { outward } from './outward.ts'
import { incidentOf, planned, SIGNED, tell, tellMore } from '../support/rollback-story.ts'

const HOUR_MS = 60 * 60_000

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

let story: Surroundings | null = null
afterEach(() => {
  story?.end()
  story = null
})

/** A rollback that is watched for a day; two hours later a second plan begins, into which this happens. */
async function watchedInto(
  happens: (around: Surroundings, stop: () => Promise<unknown>) => unknown,
) {
  const around = surroundings({ watchHours: 24 })
  story = around
  let happened = false
  const ways = outward(async (call, make) => {
    const id = await incidentOf(around)
    const { plans = [] } = (await process.engine.load(id)) ?? {}
    if (!happened && call.port === 'cluster' && isRunning(plans[1]?.run ?? null)) {
      happened = true
      const abort = wish('abort', { kind: 'abort', plan: 2 }, 'U0BO')
      await happens(around, async () => {
        await process.engine.receive(id, abort)
        process.engine.wake(id)
        while (!(await process.engine.load(id))?.plans[1]?.run?.abort) await nextTurn()
      })
    }
    return make()
  })
  const process: ReturnType<typeof around.startProcess> = around.startProcess(null, ways)
  await tell(around, process)
  const id = await incidentOf(around)
  const before = (await process.engine.load(id))?.watch
  around.pass(2 * HOUR_MS)
  await tellMore(around, process, [planned({ kind: 'undo', plan: 1 }), ...SIGNED])
  const incident = await process.engine.load(id)
  const events = (await around.journal.read(id)).map(({ event }) => event)
  return { happened, before, incident, events, nowMs: around.clock.now() }
}

test.each<[string, string, Parameters<typeof watchedInto>[0]]>([
  [
    'finds another world than was signed',
    'gate-closed',
    ({ sandbox }) => sandbox.others.deploy('backend', 'v2.1.0'),
  ],
  ['is stopped before its first write', 'aborted', (_, stop) => stop()],
])(
  'when a second run %s, the watch over the first goes on for the rest of its time',
  async (_, outcome, happens) => {
    const { happened, before, incident, events, nowMs } = await watchedInto(happens)
    expect(happened).toBe(true)
    expect(before).toMatchObject({ number: 1, plan: 1, ended: null })
    expect(incident?.plans[1]?.run?.ended?.outcome).toBe(outcome)
    expect(events).toContainEqual({ type: 'watch-ended', watch: 1, because: 'stopped' })
    const watch = incident?.watch ?? null
    expect(isWatching(watch)).toBe(true)
    expect(watch).toMatchObject({ number: 2, plan: 1 })
    const endsMs = Date.parse(before?.startedAt ?? '') + 24 * HOUR_MS
    expect(nowMs + lastsMs(watch?.schedule ?? [])).toBeLessThanOrEqual(endsMs + 60_000)
    expect(nowMs + lastsMs(watch?.schedule ?? [])).toBeGreaterThan(endsMs - HOUR_MS)
  },
)

test('a second run that is carried out is watched instead', async () => {
  const { incident } = await watchedInto(() => {})
  expect(incident?.plans[1]?.run?.ended?.outcome).toBe('succeeded')
  expect(incident?.watch).toMatchObject({ number: 2, plan: 2, ended: null })
})
