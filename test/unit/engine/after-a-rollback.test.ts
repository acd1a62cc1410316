import { afterEach, expect, test, vi } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import { deployLocks } from '../../../src/domain/plan/deploy-locks.ts'
import { leadingPlan } from '../../../src/domain/incident/incident.ts'
import type { World } from '../../../src/ports/world.ts'
import { surroundings, wish, type Surroundings } from '../../support/engine-story.ts'
import {
  planned,
  ROLLBACK,
  rolledBack,
  saidOn,
  SIGNED,
  tell,
  tellMore,
} from '../../support/rollback-story.ts'

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

test('a rollback from the question to stable makes few replies, each of them about something new', async () => {
  const story = await rolledBack()
  around = story.around
  for (let looks = 0; looks < 25; looks += 1) {
    story.around.pass(10_000)
    story.engine.tick()
    await story.engine.idle()
  }
  expect((await story.engine.load(story.id))?.watch?.state).toBe('stable')
  const [inChannel, replies] = [
    ['assessment-card', 'headline'],
    // Two notes: it was carried out, and it is stable.
    ['thread-card', 'checklist', 'status-page', 'plan-1', 'run-1', 'watch-1', 'note', 'note'],
  ]
  const posted = story.around.slack.messages.map(({ key }) => {
    return key.replace(/:.*$/, '').replace(/^note-.*$/, 'note')
  })
  expect(posted).toEqual([...inChannel, ...replies])
})

test('who deploys the bad version again is named, and the cluster is asked only then', async () => {
  const story = await rolledBack()
  around = story.around
  const { engine, id } = story
  const look = async () => {
    story.around.pass(10_000)
    engine.tick()
    await engine.idle()
  }
  const list = vi.spyOn(story.around.sandbox.world.deployments!, 'list')
  await look()
  await look()
  expect(list).not.toHaveBeenCalled()

  story.around.sandbox.others.deploy('backend', 'v2.0.0')
  story.around.pass(10_000)
  await look()
  const { watch } = (await engine.load(id))!
  const line = watch?.last?.lines.find(({ target, version }) => version && target === 'backend')
  expect(line).toMatchObject({ verdict: 'degraded', version: 'v2.0.0' })
  expect(line).toMatchObject({
    says: 'runs v2.0.0, not v1.9.0',
    changed: { since: { time: expect.any(String), exact: true }, by: 'ci-bot' },
  })
  expect(saidOn('watch-1', story.around)).toMatch(
    /runs v2\.0\.0, not v1\.9\.0; changed by ci-bot \(<!date\^\d+\^\{time\}, \d\d:\d\d UTC\|/,
  )
})

test('what was rolled back from is locked until it is undone', async () => {
  const story = await rolledBack()
  around = story.around
  const locks = async () => deployLocks([(await story.engine.load(story.id))!])
  const signers = { incident: story.id, plan: 1, by: ['U0BO', 'U0CY'] }
  expect(await locks()).toMatchObject([
    { service: 'frontend', version: 'v2.0.0', ...signers },
    { service: 'backend', version: 'v2.0.0', ...signers },
  ])
  const marked = async () =>
    (
      await story.around.sandbox.world.deployments!.sightings(
        ['backend'],
        new AbortController().signal,
      )
    )[0]?.lockedImages
  expect(await marked()).toEqual(['pipeshub/backend:v2.0.0'])
  await tellMore(story.around, story, [planned({ kind: 'undo', plan: 1 }), ...SIGNED])
  expect(leadingPlan((await story.engine.load(story.id))!)?.run?.ended?.outcome).toBe('succeeded')
  expect(await locks()).toEqual([])
  expect(await marked()).toEqual([])
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
    const { deployments } = world
    if (!deployments) return world
    const releases: typeof deployments.releases = (services, signal) => {
      if (clock.now() >= silentUntilMs) return deployments.releases(services, signal)
      const refused = { dependency: 'kubernetes', detail: 'connection refused' } as const
      return Promise.reject(new Fault({ kind: 'retryable', ...refused }))
    }
    return { ...world, deployments: { ...deployments, releases } }
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
