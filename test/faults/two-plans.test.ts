import { expect, onTestFinished, test } from 'vitest'
import { surroundings, wish } from '../support/engine-story.ts'
import { incidentOf, planned, ROLLBACK, saidOn, SIGNED, tell } from '../support/rollback-story.ts'
import type { Registry } from '../../src/runbook/procedure.ts'
import { REGISTRY } from '../../src/runbook/registry.ts'
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

/** The rollback is held at one of its calls; meanwhile the second plan of its incident is signed. */
async function twoPlans() {
  const around = surroundings({ registry: () => overlapping })
  onTestFinished(() => around.end())
  const seen = recorder(around)
  const hold = heldAt('rollouts')
  const process = around.startProcess(null, both(hold.ways, seen.ways))
  const { engine } = process
  await tell(around, process, 0, ROLLBACK.slice(0, -1))
  hold.arm()
  const id = await incidentOf(around)
  const incident = async () => {
    const now = await engine.load(id)
    if (!now) throw new Error('the incident is gone')
    return now
  }
  const second = [ROLLBACK.at(-1), planned({ kind: 'clear-cache' }), ...SIGNED]
  for (const [index, one] of second.entries()) {
    if (!one) continue
    await engine.receive(id, wish(`second ${index}`, one.intent(await incident()), one.by))
    engine.wake(id)
    // Nothing rests while the first one is held.
    if (index === 0) await hold.reached
    await turns()
  }
  return { around, engine, id, incident, hold, seen }
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
