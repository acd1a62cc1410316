import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { Engine } from '../../src/engine/engine-types.ts'
import { atRest, surroundings, wish } from '../support/engine-story.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import {
  eventsOf,
  incidentOf,
  planned,
  running,
  saidOn,
  SIGNED,
  tell,
  tellMore,
} from '../support/rollback-story.ts'
import { both, deeds, firstAndLast, isWrite, outward, type Made } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

/** How far a run is. */
const STEPS = /^step-(started|succeeded|failed)$/

/** A run that somebody stops right before its `nth` call outward, perhaps in a process that dies. */
async function stoppedAt(nth: number, death: Death = null) {
  const around = surroundings()
  const seen = recorder(around)
  const events = async () => {
    return (await eventsOf(around)).map(({ event }) => event)
  }
  const click = wish('abort', { kind: 'abort', plan: null }, 'U0BO')
  const after: string[] = []
  const made: (Made & { readonly stood: string })[] = []
  let abortedAt = Infinity
  let engine: Engine | null = null
  const done = deeds(() => first.life)
  const ways = outward(async (call, make) => {
    const types = (await events()).map(({ type }) => type)
    if (!types.includes('run-started')) return make()
    const ended = types.includes('run-ended')
    if (!ended) {
      const name = `${call.port}.${call.name}`
      const stood = [...types.filter((type) => STEPS.test(type)), ...seen.written].join()
      made.push({ nth: made.length + 1, name, changed: done.of().length, stood })
    }
    if (!ended && made.length === nth && engine) {
      abortedAt = Math.min(abortedAt, first.life.calls)
      await engine.receive(await incidentOf(around), click)
      engine.wake(await incidentOf(around))
    }
    if (isWrite(call)) after.push(...(await begunAfterAbort()))
    return make()
  })
  /** A step that was begun although the abort stood in the journal. */
  async function begunAfterAbort(): Promise<string[]> {
    const types = (await events()).map((event) =>
      'plan' in event && event.plan === 1 ? event.type : '',
    )
    const abort = types.indexOf('abort-requested')
    return abort >= 0 && types.lastIndexOf('step-started') > abort ? ['begun after the abort'] : []
  }

  const first: ReturnType<typeof around.startProcess> = around.startProcess(
    death,
    both(done.ways, both(ways, seen.ways)),
  )
  engine = first.engine
  const reached = await tell(around, first)
  const process = death ? around.startProcess(null, both(ways, seen.ways)) : first
  if (death) {
    engine = process.engine
    await engine.resume()
    await atRest(engine, process.life)
    await tell(around, process, reached)
    // Slack delivers again what was not acknowledged.
    await engine.receive(await incidentOf(around), click)
    engine.wake(await incidentOf(around))
  }
  await process.engine.idle()
  const run = (await process.engine.load(await incidentOf(around)))?.plans[0]?.run
  const stopped = {
    made,
    died: first.life.dead,
    /** What the first process changed since it was told to stop: to die before is to be told later. */
    effects: done.of().filter((at) => at > abortedAt),
    outcome: run?.ended?.outcome,
    halfDone: (run?.steps ?? []).filter((one) => one.kind === 'failed' && one.applied === 'yes'),
    written: [...seen.written],
    cleared: seen.cleared.length,
    after,
    said: saidOn('run-1', around),
  }

  // The way back, if there is anything to go back from.
  await tellMore(around, process, [planned({ kind: 'undo', plan: 1 })])
  const [, undo] = (await process.engine.load(await incidentOf(around)))?.plans ?? []
  if (undo?.plan) await tellMore(around, process, SIGNED)
  await process.engine.idle()
  const keys = around.slack.messages.map(({ key }) => key)
  const left = {
    ...stopped,
    wrong: wrongIn(seen),
    undone:
      (await process.engine.load(await incidentOf(around)))?.plans[1]?.run?.ended?.outcome ?? null,
    undo: undo ?? null,
    running: await running(around),
    starts: (await events()).filter(({ type }) => type === 'run-started').length,
    twice: keys.filter((key, index) => keys.indexOf(key) !== index),
    proof: verifyJournal(around.file).kind,
  }
  around.end()
  return left
}

/** What must hold of every run that was stopped, wherever. */
function expectStopped(left: Awaited<ReturnType<typeof stoppedAt>>): void {
  expect(left).toMatchObject({ after: [], wrong: [], twice: [], proof: 'intact' })
  expect(new Set(left.written).size).toBe(left.written.length)
  expect(['aborted', 'succeeded']).toContain(left.outcome)
  if (left.outcome === 'aborted') {
    expect(left.said).toMatch(/was stopped/)
    expect(left.said).toMatch(
      left.written.length === 0
        ? /[Nn]othing was written|It is \*not known\* whether step 1/
        : /What steps? [1-3][ 1-3andto]* wrote is not taken back|It is \*not known\* whether step 1/,
    )
    if (left.written.length > 0) expect(left.said).not.toMatch(/[Nn]othing was written/)
  }
  // A stop never leaves one service here and the other one there: what was begun is finished and proved.
  expect([0, 2]).toContain(left.written.length)
  expect(left.halfDone).toEqual([])
  // Whatever was written can be taken back; where nothing was, there is nothing to sign.
  if (left.written.length > 0) expect(left.undone).toBe('succeeded')
  expect(left.running).toBe('v2.0.0,v2.0.0')
}

const unharmed = await stoppedAt(0)
const points = firstAndLast(unharmed.made)

describe('a run that is stopped right before any of its calls outward', () => {
  test('not stopped: it is carried out, and the undo of the whole brings everything back', () => {
    console.log(`points at which a run is stopped: ${points.length}`)
    expect(points.length).toBeGreaterThan(20)
    expect(unharmed).toMatchObject({
      outcome: 'succeeded',
      undone: 'succeeded',
      running: 'v2.0.0,v2.0.0',
      wrong: [],
      twice: [],
      starts: 2,
    })
  })

  test.each(points)(
    'call $nth ($name): nothing is begun any more, the undo works',
    async (call) => {
      expectStopped(await stoppedAt(call.nth))
    },
  )
})

describe('a process that is killed while a run is being stopped', async () => {
  const stops = [...Map.groupBy(points, ({ stood }) => stood).values()].flatMap(
    ([one]) => one ?? [],
  )
  const alive = await Promise.all(
    stops.map(async ({ nth }) => ({ nth, ...(await stoppedAt(nth)) })),
  )
  const cases = alive.flatMap(({ nth, effects }) =>
    deathsBetween(effects).map((death) => ({ nth, ...death })),
  )

  test('there are deaths to die', () => {
    console.log(`deaths while a run is stopped: ${cases.length}, at ${stops.length} stops`)
    expect(cases.length).toBeGreaterThan(20)
  })

  test.each(cases)(
    'stopped at call $nth, killed at $at, $when: the same promises hold',
    async ({ nth, at, when }) => {
      const left = await stoppedAt(nth, { at, when })
      expect(left.died).toBe(true)
      expectStopped(left)
    },
  )
})
