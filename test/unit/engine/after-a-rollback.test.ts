import { afterEach, expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import { leadingPlan } from '../../../src/domain/incident/incident.ts'
import type { World } from '../../../src/ports/world.ts'
import { surroundings, wish, type Surroundings } from '../../support/engine-story.ts'
import { ROLLBACK, rolledBack, tell } from '../../support/rollback-story.ts'

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

test('a rollback that cured production is found stable, and is not watched in vain', async () => {
  const story = await rolledBack()
  around = story.around
  for (let looks = 0; looks < 25; looks += 1) {
    story.around.pass(10_000)
    story.engine.tick()
    await story.engine.idle()
  }
  const { watch } = (await story.engine.load(story.id))!
  expect(watch?.last?.lines.filter(({ verdict }) => verdict !== 'healthy')).toEqual([])
  expect(watch?.state).toBe('stable')
})

test('an undo during the watch is watched for itself, and not called a relapse', async () => {
  const story = await rolledBack()
  around = story.around
  const { engine, id } = story
  const say = async (delivery: string, by: string, intent: Parameters<typeof wish>[1]) => {
    await engine.receive(id, wish(delivery, intent, by))
    engine.wake(id)
    await engine.idle()
  }
  const look = async () => {
    story.around.pass(10_000)
    engine.tick()
    await engine.idle()
  }
  for (let looks = 0; looks < 3; looks += 1) await look()
  expect((await engine.load(id))?.watch).toMatchObject({ plan: 1, looks: 3 })

  await say('u1', 'U0ANA', { kind: 'plan', request: { kind: 'undo', plan: 1 } })
  const digest = leadingPlan((await engine.load(id))!)?.plan?.digest ?? ''
  await say('u2', 'U0BO', { kind: 'approve', plan: 2, digest })
  await say('u3', 'U0CY', { kind: 'approve', plan: 2, digest })
  expect(leadingPlan((await engine.load(id))!)?.run?.ended?.outcome).toBe('succeeded')

  // What runs now is what two people signed.
  for (let looks = 0; looks < 12; looks += 1) await look()
  const { watch } = (await engine.load(id))!
  expect(watch?.last?.lines.map(({ says }) => says).join()).not.toContain(', not v')
  expect(watch).toMatchObject({ plan: 2, ended: null })
})

test('a step that could only begin late has its whole time from its beginning', async () => {
  around = surroundings()
  const { clock } = around
  let silentUntilMs = 0
  /** From the second signature on, the cluster does not answer for almost ten minutes. */
  const through = (world: World): World => {
    const { workloads } = world
    if (!workloads) return world
    const releases: typeof workloads.releases = (services, signal) => {
      if (clock.now() >= silentUntilMs) return workloads.releases(services, signal)
      const refused = { dependency: 'kubernetes', detail: 'connection refused' } as const
      return Promise.reject(new Fault({ kind: 'retryable', ...refused }))
    }
    return { ...world, workloads: { ...workloads, releases } }
  }
  const process = around.startProcess(null, { world: through })
  await tell(around, process, 0, ROLLBACK.slice(0, -1))
  silentUntilMs = clock.now() + 592_000
  await tell(around, process, ROLLBACK.length - 1)
  await process.engine.idle()
  const [id = ''] = await around.journal.recent(1e14)
  const run = leadingPlan((await process.engine.load(id))!)?.run
  expect(run?.steps[0]).toMatchObject({ kind: 'succeeded', applied: true })
  expect(run?.ended?.outcome).toBe('succeeded')
})
