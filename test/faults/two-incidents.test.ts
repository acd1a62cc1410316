import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { expect, test } from 'vitest'
import { surroundings, wish } from '../support/engine-story.ts'
import {
  ASKED,
  incidentOf,
  planned,
  ROLLBACK,
  running,
  SIGNED,
  tell,
  tellMore,
} from '../support/rollback-story.ts'
import { heldAt, turns } from './held-at.ts'
import { both } from './outward.ts'
import { recorder, wrongIn } from './recorder.ts'

/**
 * Two incidents with a signed plan each, while the first one's run is held at one of its calls. `meanwhile`
 * is said to the first before it goes on.
 */
async function twoIncidents(second: PlanRequest, at: 'sightings' | 'rollouts', stop = false) {
  const around = surroundings()
  const seen = recorder(around)
  const hold = heldAt(at)
  const process = around.startProcess(null, both(hold.ways, seen.ways))
  const { engine } = process
  await tell(around, process, 0, ROLLBACK.slice(0, -1))
  const first = await incidentOf(around)
  const opened = await engine.receive(null, wish('second', { kind: 'assess', symptoms: [] }))
  const id = opened.kind === 'received' ? opened.incident : ''
  engine.wake(id)
  await engine.idle()
  await tellMore(around, process, [...ASKED.slice(1, -1), planned(second)], id)

  hold.arm()
  const [, cy] = SIGNED
  const signing = tellMore(around, process, cy ? [cy] : [], first)
  await hold.reached
  // Nothing rests while the first one is held: what is said is taken up as it can be.
  const said = async (delivery: string, by: string, incident: string) => {
    const plan = (await engine.load(incident))?.plans.at(-1)
    const digest = plan?.plan?.digest ?? ''
    await engine.receive(incident, wish(delivery, { kind: 'approve', plan: 1, digest }, by))
    engine.wake(incident)
    await turns()
  }
  await said('second bo', 'U0BO', id)
  await said('second cy', 'U0CY', id)
  const waits = (await engine.load(id))?.plans[0]
  const writtenMeanwhile = [...seen.written]
  const cards = () =>
    around.slack.messages
      .filter(({ key }) => key.endsWith(id))
      .map(({ view }) => JSON.stringify(view))
      .join('\n')
  const toldMeanwhile = cards()
  if (stop) {
    await engine.receive(first, wish('stop', { kind: 'abort', plan: null }, 'U0BO'))
    engine.wake(first)
    await turns()
  }
  hold.letGo()
  await signing
  engine.wake(first)
  await engine.idle()
  const left = {
    first,
    waits: { heldBy: waits?.heldBy, run: waits?.run },
    toldMeanwhile,
    writtenMeanwhile,
    written: seen.written,
    wrong: wrongIn(seen),
    firstOutcome: (await engine.load(first))?.plans[0]?.run?.ended?.outcome,
    plans: (await engine.load(id))?.plans ?? [],
    told: cards(),
    running: await running(around),
  }
  around.end()
  return left
}

const again: PlanRequest = { kind: 'kubernetes', toVersion: null }

test('the second incident waits for the first, and its card says for which one', async () => {
  const left = await twoIncidents(again, 'sightings')
  expect(left.waits).toEqual({ heldBy: { incident: left.first, plan: 1 }, run: null })
  expect(left.toldMeanwhile).toContain(`aits for plan 1 of incident ${left.first}`)
  expect(left.writtenMeanwhile).toEqual([])
})

test('the same rollback by a second incident is void once the first has made it', async () => {
  const left = await twoIncidents(again, 'sightings')
  expect(left).toMatchObject({ firstOutcome: 'succeeded', wrong: [], running: 'v1.9.0,v1.9.0' })
  expect(left.written).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
  expect(left.plans[0]?.run?.ended?.outcome).toBe('gate-closed')
  expect(left.told).toContain('backend: it runs v1.9.0, of before the trouble, already')
})

test('what still fits goes on by itself when the first is done', async () => {
  const left = await twoIncidents({ kind: 'scale-down', service: 'frontend' }, 'rollouts')
  expect(left.waits.heldBy).toEqual({ incident: left.first, plan: 1 })
  expect(left).toMatchObject({ firstOutcome: 'succeeded', wrong: [] })
  expect(left.written.at(-1)).toBe('frontend to 0 pods')
  expect(left.plans[0]?.run?.ended?.outcome).toBe('succeeded')
})

test('the first is stopped before it wrote anything: the second makes the rollback', async () => {
  const left = await twoIncidents(again, 'sightings', true)
  expect(left).toMatchObject({ firstOutcome: 'aborted', wrong: [], running: 'v1.9.0,v1.9.0' })
  expect(left.writtenMeanwhile).toEqual([])
  expect(left.written).toEqual(['backend to v1.9.0', 'frontend to v1.9.0'])
  expect(left.plans[0]?.run?.ended?.outcome).toBe('succeeded')
})
