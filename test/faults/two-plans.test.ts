import { expect, onTestFinished, test, vi } from 'vitest'
import { surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import {
  incidentOf,
  planned,
  ROLLBACK,
  running,
  saidOn,
  SIGNED,
  tell,
  type Telling,
} from '../support/rollback-story.ts'
import type { Registry } from '../../src/runbook/procedure.ts'
import { REGISTRY } from '../../src/runbook/registry.ts'
import { SMALL } from './data-deed.ts'
import { damaged, dataOn, planAndSign, RESTORED } from './data-story.ts'
import { heldAt, turns } from './held-at.ts'
import { both } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

const SHARED = 'production: deployment production/backend'

/** Clearing the cache holds a Deployment of the rollback too: what a request touches does not tell. */
const overlapping: Registry = {
  ...REGISTRY,
  actions: {
    ...REGISTRY.actions,
    async 'clear-cache'(request, circumstances) {
      const resolved = await REGISTRY.actions['clear-cache'](request, circumstances)
      if (resolved.kind === 'infeasible') return resolved
      const { draft } = resolved
      return { ...resolved, draft: { ...draft, targets: [...draft.targets, SHARED] } }
    },
  },
}

/** The first plan is held at one of its calls; meanwhile a second one of its incident is asked for and signed. */
async function besideOneHeld(
  around: Surroundings,
  {
    first,
    heldIn,
    second,
  }: {
    /** Its last one begins it. */
    readonly first: readonly Telling[]
    readonly heldIn: string
    readonly second: readonly Telling[]
  },
) {
  onTestFinished(() => around.end())
  const seen = recorder(around)
  const hold = heldAt(heldIn)
  const { engine, life } = around.startProcess(null, both(hold.ways, seen.ways))
  await tell(around, { engine, life }, 0, first.slice(0, -1))
  hold.arm()
  const id = await incidentOf(around)
  const incident = async () => {
    const now = await engine.load(id)
    if (!now) throw new Error('the incident is gone')
    return now
  }
  for (const [index, one] of [...first.slice(-1), ...second].entries()) {
    await engine.receive(id, wish(`beside ${index}`, one.intent(await incident()), one.by))
    engine.wake(id)
    // Nothing rests while the first one is held.
    if (index === 0) await hold.reached
    await turns()
  }
  const outcomes = async () =>
    (await incident()).plans.map(({ run }) => run && (run.ended?.outcome ?? 'running'))
  return { around, engine, life, id, incident, outcomes, hold, seen }
}

/** Both write to the same. */
function twoPlans() {
  return besideOneHeld(surroundings({ registry: () => overlapping }), {
    first: ROLLBACK,
    heldIn: 'rollouts',
    second: [planned({ kind: 'clear-cache' }), ...SIGNED],
  })
}

/** A restore, which one signature begins, and a rollback of code. */
function restoreAndRollback() {
  return besideOneHeld(damaged({ database: SMALL }), {
    first: RESTORED.slice(0, -1),
    heldIn: 'restore',
    second: planAndSign({ kind: 'kubernetes', toVersion: null }),
  })
}

test('two plans of one incident on the same target take turns, and the card of the second says so', async () => {
  const { around, engine, id, incident, hold, seen } = await twoPlans()
  const [first, second] = (await incident()).plans
  expect(first?.run?.ended).toBeNull()
  expect(second).toMatchObject({ heldBy: { incident: id, plan: 1 }, run: null, ended: null })
  expect(saidOn('plan-2', around)).toMatch(/Waits for plan 1\*: it writes to the same target now/)
  const clearedMeanwhile = seen.cleared.length

  hold.letGo()
  await engine.idle()
  const outcomes = (await incident()).plans.map(({ run }) => run?.ended?.outcome)
  expect(outcomes).toEqual(['succeeded', 'succeeded'])
  expect(clearedMeanwhile).toBe(0)
  expect(wrongIn(seen)).toEqual([])
  const held = (await around.journal.read(id)).filter(({ event }) => event.type === 'run-held')
  expect(held.map(({ event }) => event)).toEqual([{ type: 'run-held', plan: 2, by: id, byPlan: 1 }])
})

test('a restore of hours does not hold up a rollback of code in the same incident: both are carried out at once', async () => {
  const { around, engine, hold, outcomes } = await restoreAndRollback()
  await vi.waitFor(async () => expect(await outcomes()).toEqual(['running', 'succeeded']), {
    timeout: 20_000,
  })
  expect(await running(around)).toBe('v1.9.0,v1.9.0')
  expect((await dataOn(around)).kept).toEqual([])

  hold.letGo()
  await engine.idle()
  expect(await outcomes()).toEqual(['succeeded', 'succeeded'])
  const { kept } = await dataOn(around)
  expect(kept).toEqual(['new organizations of plan 1', 'new projects of plan 1'])
})

test('killed in the restore, after the rollback beside it: the next process restores, and rolls nothing back again (J4)', async () => {
  const { around, life, outcomes } = await restoreAndRollback()
  await vi.waitFor(async () => expect(await outcomes()).toEqual(['running', 'succeeded']), {
    timeout: 20_000,
  })
  life.dead = true

  const seen = recorder(around)
  const next = around.startProcess(null, seen.ways)
  await next.engine.resume()
  await next.engine.idle()
  const incident = await next.engine.load(await incidentOf(around))
  expect(incident?.plans.map(({ run }) => run?.ended?.outcome)).toEqual(['succeeded', 'succeeded'])
  expect((await dataOn(around)).kept).toHaveLength(2)
  expect(seen.written).toEqual([])
})
