import { afterEach, expect, test } from 'vitest'
import { surroundings, type Surroundings } from '../support/engine-story.ts'
import {
  folded,
  incidentOf,
  planned,
  rollbackOnHosts,
  saidOn,
  SIGNED,
  tell,
  tellMore,
} from '../support/rollback-story.ts'
import { standsOn } from './hosts-story.ts'
import { recorder, wrongIn } from './recorder.ts'

const BACK = { backend: 'v1.9.0 serves', frontend: 'v1.9.0 serves' }
const BEFORE = { backend: 'v2.0.0 serves', frontend: 'v2.0.0 serves' }

let story: Surroundings | null = null
afterEach(() => {
  story?.end()
  story = null
})

/** A rollback that was carried out, and is watched. */
async function watched() {
  const around = surroundings({ platform: 'docker' })
  story = around
  const seen = recorder(around)
  const process = around.startProcess(null, seen.ways)
  await tell(around, process, 0, rollbackOnHosts())
  return {
    around,
    process,
    seen,
    async look(): Promise<void> {
      around.pass(10_000)
      process.engine.tick()
      await process.engine.idle()
    },
  }
}

test('a rollback of containers that cured production is found stable', async () => {
  const { around, look } = await watched()
  for (let looks = 0; looks < 25; looks += 1) await look()
  const watch = (await folded(around))?.watch
  expect(watch?.last?.lines.filter(({ verdict }) => verdict !== 'healthy')).toEqual([])
  expect(watch).toMatchObject({ plan: 1, state: 'stable', ended: null })
})

test('a compose up that brings the bad version back is told within one look, with who did it and when', async () => {
  const { around, look } = await watched()
  await look()
  await look()
  expect(saidOn('watch-1', around)).not.toMatch(/not v1\.9\.0/)
  around.sandbox.onHosts.composeUp('backend')
  const atIso = new Date(around.clock.now()).toISOString()
  await look()
  const watch = (await folded(around))?.watch
  expect(watch?.last?.lines).toContainEqual(
    expect.objectContaining({
      target: 'backend',
      verdict: 'degraded',
      says: 'runs v2.0.0, not v1.9.0',
      // That it ran before does not make it older.
      changed: { since: { time: atIso, exact: true }, by: 'docker compose' },
    }),
  )
  expect(saidOn('watch-1', around)).toMatch(
    /runs v2\.0\.0, not v1\.9\.0; changed by docker compose \(/,
  )
})

test('what the undo then takes back is only what still stands as the plan has left it', async () => {
  const { around, look, process, seen } = await watched()
  await look()
  around.sandbox.onHosts.composeUp('backend')
  await look()
  const stranger = (
    await around.sandbox.world.containers?.list(['backend'], AbortSignal.timeout(5_000))
  )?.[0]
  await tellMore(around, process, [planned({ kind: 'undo', plan: 1 })])
  expect((await folded(around))?.plans.at(-1)?.plan?.title).toBe(
    'undo plan 1 and return frontend to v2.0.0',
  )
  await tellMore(around, process, SIGNED)
  expect((await folded(around))?.plans.at(-1)?.run?.ended?.outcome).toBe('succeeded')
  expect(await standsOn(around)).toEqual(BEFORE)
  expect(wrongIn(seen)).toEqual([])
  const after = (
    await around.sandbox.world.containers?.list(['backend'], AbortSignal.timeout(5_000))
  )?.[0]
  expect(after?.current?.uid).toBe(stranger?.current?.uid)
})

test('a rollback that is planned again brings back only what was brought away', async () => {
  const { around, look, process, seen } = await watched()
  await look()
  around.sandbox.onHosts.composeUp('backend')
  await look()
  expect(await standsOn(around)).toEqual({ ...BACK, backend: 'v2.0.0 serves' })
  await tellMore(around, process, rollbackOnHosts().slice(-3))
  const incident = await folded(around)
  expect(incident?.plans.at(-1)?.plan?.title).toBe('backend back to v1.9.0')
  expect(incident?.plans.at(-1)?.run?.ended?.outcome).toBe('succeeded')
  expect(await standsOn(around)).toEqual(BACK)
  expect(wrongIn(seen)).toEqual([])
  expect(await incidentOf(around)).toBe(incident?.id)
})
