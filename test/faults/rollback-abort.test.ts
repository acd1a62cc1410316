import type { Engine } from '../../src/engine/engine-types.ts'
import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { atRest, surroundings, wish } from '../support/engine-story.ts'
import type { Death } from '../support/mortal.ts'
import {
  incidentOf,
  planned,
  running,
  saidOn,
  SIGNED,
  tell,
  tellMore,
} from '../support/rollback-story.ts'
import { both, isWrite, outward } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

/** Every how many-th death is tried while an abort is under way: the whole product takes an hour. */
const EVERY = 7

/** A run that somebody stops right before its `nth` call outward, perhaps in a process that dies. */
async function stoppedAt(nth: number, death: Death = null) {
  const around = surroundings()
  const seen = recorder(around)
  const events = async () => {
    return (await around.journal.read(await incidentOf(around))).map(({ event }) => event)
  }
  const click = wish('abort', { kind: 'abort', plan: null }, 'U0BO')
  const after: string[] = []
  let calls = 0
  let beganAt = 0
  let engine: Engine | null = null
  const ways = outward(async (call, make) => {
    const types = (await events()).map(({ type }) => type)
    if (!types.includes('run-started')) return make()
    const ended = types.includes('run-ended')
    if (!ended) calls += 1
    if (calls === 1) beganAt ||= first.life.calls
    if (!ended && calls === nth && engine) {
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
    both(ways, seen.ways),
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
    calls,
    died: first.life.dead,
    beganAt,
    endedAt: first.life.calls,
    outcome: run?.ended?.outcome,
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
        : /What step [1-3](, step [1-3])* wrote is not taken back|It is \*not known\* whether step 1/,
    )
    if (left.written.length > 0) expect(left.said).not.toMatch(/[Nn]othing was written/)
  }
  // Whatever was written can be taken back; where nothing was, there is nothing to sign.
  if (left.written.length > 0) expect(left.undone).toBe('succeeded')
  expect(left.running).toBe('v2.0.0,v2.0.0')
}

const unharmed = await stoppedAt(0)
const points = Array.from({ length: unharmed.calls }, (_, index) => index + 1)

describe('a run that is stopped right before any of its calls outward', () => {
  test('not stopped: it is carried out, and the undo of the whole brings everything back', () => {
    console.log(`points at which a run is stopped: ${points.length}`)
    expect(points.length).toBeGreaterThan(40)
    expect(unharmed).toMatchObject({
      outcome: 'succeeded',
      undone: 'succeeded',
      running: 'v2.0.0,v2.0.0',
      wrong: [],
      twice: [],
      starts: 2,
    })
  })

  test.each(points)('call %i: nothing is begun any more, and the undo works', async (nth) => {
    expectStopped(await stoppedAt(nth))
  })
})

describe('a process that is killed while a run is being stopped', async () => {
  const stops = [0.1, 0.3, 0.5, 0.7].map((part) => Math.ceil(points.length * part))
  const alive = await Promise.all(stops.map(async (nth) => ({ nth, ...(await stoppedAt(nth)) })))
  const cases = alive.flatMap(({ nth, beganAt, endedAt }) =>
    Array.from({ length: Math.floor((endedAt - beganAt) / EVERY) }, (_, index) => ({
      nth,
      at: beganAt + index * EVERY,
      when: index % 2 === 0 ? ('before' as const) : ('after' as const),
    })),
  )

  test('there are deaths to die', () => {
    console.log(`deaths while a run is stopped: ${cases.length}`)
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
