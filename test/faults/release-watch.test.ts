import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import type { ReleaseWatch } from '../../src/compose/release-watch/watch-releases.ts'
import { releaseWatchOf } from '../../src/compose/release-watch/release-watch-of.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { foldIncident } from '../../src/domain/incident/fold.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { WatchedRelease } from '../../src/domain/watch/release-watch.ts'
import { ReleaseWatchSettings } from '../../src/domain/watch/settings.ts'
import type { Engine } from '../../src/engine/engine-types.ts'
import type { Journal } from '../../src/ports/journal.ts'
import type { World } from '../../src/ports/world.ts'
import { group } from '../support/alerts.ts'
import { surroundings, wish, type Surroundings } from '../support/engine-story.ts'
import { scheduledJournal } from '../support/scheduled-journal.ts'
import { saidOn, tell, tellMore } from '../support/rollback-story.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const settings = ReleaseWatchSettings.parse({})
const config = loadConfig({
  file: 'backout.yaml',
  variables: { BACKEND_URL: 'http://backend.invalid', FRONTEND_URL: 'http://frontend.invalid' },
  needs: [],
})

type Watching = { readonly watch: ReleaseWatch; readonly engine: Engine }

/** A production that does well with what was deployed a while ago, and processes that watch it by turns. */
function watched(scenario: 'healthy' | 'errors-62' = 'healthy') {
  const around = surroundings({ scenario })
  onTestFinished(() => around.end())
  const log = { info() {}, warn() {}, error() {} }
  const turns = new Map<ReleaseWatch, () => Promise<void>>()

  function start({
    world = around.sandbox.world,
    journal,
    acts = () => true,
  }: {
    readonly acts?: () => boolean
    readonly world?: World
    readonly journal?: (inner: Journal) => Journal
  } = {}): Watching {
    const process = around.startProcess(null, journal ? { journal } : {})
    let turn = async (): Promise<void> => undefined
    const metrics = botMetrics(['production']).of('production')
    const watch = releaseWatchOf(config, settings, {
      world,
      engine: process.engine,
      metrics: async () => metrics,
      acts,
      clock: around.clock,
      log,
      everyTurn(next) {
        turn = next
        return { stop: async () => void turns.delete(watch) }
      },
    })
    turns.set(watch, turn)
    return { watch, engine: process.engine }
  }

  /** So long, five seconds after the other; then what was begun is done. Gives after how many seconds there were incidents. */
  async function pass(ms: number): Promise<number | null> {
    let found: number | null = null
    for (let gone = 0; gone < ms; gone += 5 * SECOND) {
      around.pass(5 * SECOND)
      await Promise.all([...turns.values()].map((turn) => turn()))
      if (found === null && (await incidents()).length > 0) found = gone / SECOND + 5
    }
    return found
  }

  const incidents = () => incidentsOf(around)
  return { around, start, pass, incidents }
}

/** What it says of its releases, as the one that looks. */
function shownBy(watch: ReleaseWatch): readonly WatchedRelease[] {
  const shown = watch.shown()
  if (shown === 'elsewhere') throw new Error('another process looks')
  return shown
}

async function incidentsOf(around: Surroundings): Promise<readonly Incident[]> {
  const ids = await around.journal.recent(1e12)
  return Promise.all(ids.map(async (id) => foldIncident(id, await around.journal.read(id))))
}

test('a release that does well is left alone, for as long as it is watched', async () => {
  const { start, pass, incidents } = watched()
  const { watch } = start()
  await pass(2 * MINUTE)
  expect(shownBy(watch).map(({ service, version }) => `${service} ${version}`)).toEqual([
    'backend v2.0.0',
    'frontend v2.0.0',
  ])
  expect(shownBy(watch)[0]).toMatchObject({
    looks: 2,
    missed: 0,
    last: { look: 'well' },
    isTold: false,
  })
  await pass(20 * MINUTE)
  expect(await incidents()).toEqual([])
  expect(shownBy(watch)).toEqual([])
})

test('one that turns bad is told within two minutes: an undeclared incident, with who opened it, its assessment and buttons', async () => {
  const { around, start, pass, incidents } = watched()
  const { engine, watch } = start()
  await pass(3 * MINUTE)
  around.sandbox.become('errors-62')
  const after = await pass(2 * MINUTE)
  await engine.idle()
  expect(after).toBeLessThanOrEqual(120)
  const [incident, ...others] = await incidents()
  expect(others).toEqual([])
  expect(incident).toMatchObject({ declared: null, assessment: { decision: 'roll-back' } })
  const said = saidOn('assessment-card', around)
  expect(said).toContain('*Backout’s release watch:* backend v2.0.0, frontend v2.0.0, deployed ')
  expect(said).toContain('Asked by Backout’s release watch')
  expect(said).toContain('Declare incident')
  expect(shownBy(watch).every(({ isTold }) => isTold)).toBe(true)
  // Nobody is told twice.
  await pass(15 * MINUTE)
  await engine.idle()
  expect(await incidents()).toHaveLength(1)
  // Who opened it stays with the incident once people have it.
  await engine.receive(incident?.id ?? '', wish('d1', { kind: 'declare' }))
  engine.wake(incident?.id ?? '')
  await engine.idle()
  expect(saidOn('thread-card', around)).toMatch(
    /Backout’s release watch \(backend v2\.0\.0, frontend v2\.0\.0, deployed \d\d:\d\d UTC\) asked for an assessment/,
  )
})

test('a rollout that gets on is left alone, and one that is stuck is told', async () => {
  const { around, start, pass, incidents } = watched()
  const { engine } = start()
  around.sandbox.others.deploy('backend', 'v2.0.1')
  await pass(5 * MINUTE)
  expect(await incidents()).toEqual([])
  around.sandbox.change({ missingVersions: ['v2.0.2'] })
  around.sandbox.others.deploy('backend', 'v2.0.2')
  expect(await pass(2 * MINUTE)).toBeLessThanOrEqual(120)
  await engine.idle()
  const [incident] = await incidents()
  expect(incident?.assessment?.reasons[0]).toBe('rollout-unfinished')
  expect(incident?.opened?.by).toContain('backend v2.0.2')
})

test('what was bad for one look is not told', async () => {
  const { around, start, pass, incidents } = watched()
  const { watch } = start()
  await pass(MINUTE + 5 * SECOND)
  around.sandbox.become('errors-62')
  while (shownBy(watch)[0]?.last?.look !== 'bad') await pass(5 * SECOND)
  around.sandbox.become('healthy')
  await pass(5 * MINUTE)
  expect(await incidents()).toEqual([])
  expect(shownBy(watch)[0]).toMatchObject({ last: { look: 'well' } })
})

test('a restart in the middle forgets nothing: the release is read from what runs', async () => {
  const { around, start, pass } = watched()
  const first = start()
  await pass(3 * MINUTE)
  around.sandbox.become('errors-62')
  // One look has found it bad already.
  await pass(MINUTE)
  await first.watch.stop()
  await first.engine.stop()
  around.pass(30 * SECOND)
  start()
  expect(await pass(MINUTE)).toBeLessThanOrEqual(60)
})

test('a restart after it was told tells nothing again, though people found it well in between', async () => {
  const { around, start, pass, incidents } = watched('errors-62')
  const first = start()
  await pass(2 * MINUTE)
  await first.engine.idle()
  around.sandbox.become('healthy')
  const [{ id } = { id: '' }] = await incidents()
  await first.engine.receive(id, wish('d1', { kind: 'check-again' }))
  first.engine.wake(id)
  await first.engine.idle()
  expect((await incidents())[0]?.assessment?.decision).toBe('do-not')
  await first.watch.stop()
  await first.engine.stop()
  around.sandbox.become('errors-62')
  const { engine, watch } = start()
  await pass(5 * MINUTE)
  await engine.idle()
  expect(await incidents()).toHaveLength(1)
  expect(around.slack.messages).toHaveLength(1)
  // It knows by the journal that both were told.
  expect(shownBy(watch).map(({ isTold }) => isTold)).toEqual([true, true])
})

test('Prometheus away in the middle says nothing, neither way, and is shown', async () => {
  const { around, start, pass, incidents } = watched()
  const { watch } = start()
  await pass(2 * MINUTE)
  around.sandbox.change({ prometheus: 'refusing' })
  await pass(3 * MINUTE)
  expect(await incidents()).toEqual([])
  const [seen] = shownBy(watch)
  expect(seen).toMatchObject({ looks: 5, missed: 3, last: { look: 'well' } })
  const metrics = botMetrics(['production'])
  watch.counted(metrics.of('production'))
  expect(await metrics.text()).toContain(
    `backout_release_watched_seen_seconds{service="backend",version="v2.0.0"} ${Date.parse(seen?.last?.at ?? '') / SECOND}`,
  )
  around.sandbox.become('errors-62')
  expect(await pass(2 * MINUTE)).toBeLessThanOrEqual(120)
})

test('numbers that end with a release are told, once; those that were never there are not', async () => {
  const { around, start, pass, incidents } = watched()
  const { engine } = start()
  around.sandbox.become('prometheus-stale')
  await pass(4 * MINUTE)
  expect(await incidents()).toEqual([])
  around.sandbox.become('healthy')
  await pass(MINUTE)
  around.sandbox.become('prometheus-stale')
  expect(await pass(2 * MINUTE)).toBeLessThanOrEqual(120)
  await pass(8 * MINUTE)
  await engine.idle()
  const [incident, ...others] = await incidents()
  expect(others).toEqual([])
  expect(incident?.assessment?.decision).toBe('person-decides')
})

test('of several processes one looks, and the next goes on when it acts', async () => {
  const { around, start, pass, incidents } = watched()
  let acting = 0
  const first = start({ acts: () => acting === 0 })
  const second = start({ acts: () => acting === 1 })
  await pass(3 * MINUTE)
  expect(shownBy(first.watch)[0]).toMatchObject({ looks: 3 })
  expect(second.watch.shown()).toBe('elsewhere')
  around.sandbox.become('errors-62')
  // One look has found it bad already.
  await pass(MINUTE)
  acting = 1
  expect(await pass(MINUTE)).toBeLessThanOrEqual(60)
  expect(first.watch.shown()).toBe('elsewhere')
  await first.engine.idle()
  await second.engine.idle()
  expect(await incidents()).toHaveLength(1)
})

test('what runs the services away in the middle: what was seen before is watched on', async () => {
  const { around, start, pass, incidents } = watched()
  const { engine } = start()
  await pass(2 * MINUTE)
  around.sandbox.change({ kubernetes: 'refusing', errorPercent: 62 })
  expect(await pass(2 * MINUTE)).toBeLessThanOrEqual(120)
  await engine.idle()
  expect(await incidents()).toHaveLength(1)
})

test('a newer deploy takes the place of the older, with its own half hour', async () => {
  const { around, start, pass } = watched()
  const { watch } = start()
  await pass(MINUTE)
  around.sandbox.others.deploy('backend', 'v2.0.1')
  await pass(MINUTE)
  expect(shownBy(watch).map(({ service, version }) => `${service} ${version}`)).toEqual([
    'backend v2.0.1',
    'frontend v2.0.0',
  ])
  await pass(20 * MINUTE)
  expect(shownBy(watch).map(({ version }) => version)).toEqual(['v2.0.1'])
  await pass(9 * MINUTE)
  expect(shownBy(watch)).toEqual([])
})

test('while people see to it, nobody looks, and no second incident is opened', async () => {
  const { around, start, pass, incidents } = watched('errors-62')
  const { engine, watch } = start()
  const receipt = await engine.receive(null, wish('d1', { kind: 'assess', symptoms: [] }))
  if (receipt.kind === 'received') engine.wake(receipt.incident)
  await engine.idle()
  await pass(10 * MINUTE)
  await engine.idle()
  expect(await incidents()).toHaveLength(1)
  expect(shownBy(watch)[0]).toMatchObject({ looks: 0, last: { look: 'held' } })
  expect(around.slack.messages).toHaveLength(1)
})

test('an alert was faster: its incident is the only one', async () => {
  const { start, pass, incidents } = watched('errors-62')
  const { engine } = start()
  await engine.receiveAlerts(group('HighErrorRate'))
  for (const { id } of await incidents()) engine.wake(id)
  await engine.idle()
  await pass(10 * MINUTE)
  await engine.idle()
  expect(await incidents()).toHaveLength(1)
})

test('what a rollback of ours has deployed is no release, whatever production does then', async () => {
  const { around, start, pass, incidents } = watched('errors-62')
  const process = around.startProcess()
  await tell(around, process)
  const [id = ''] = await around.journal.recent(1e12)
  await tellMore(around, process, [{ by: 'U0ANA', intent: () => ({ kind: 'close' }) }], id)
  expect((await incidents())[0]?.closed).not.toBeNull()
  const { watch } = start()
  around.sandbox.change({ causedByRelease: false, errorPercent: 62 })
  await pass(10 * MINUTE)
  expect(shownBy(watch)).toEqual([])
  expect(await incidents()).toHaveLength(1)
})

const RUNS = 40

test(`two processes watch the same release, ${RUNS} interleavings: one incident, one card (J2, J5)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { around, start, pass, incidents } = watched('errors-62')
      const both = [1, 2].map(() =>
        start({ journal: (inner) => scheduledJournal(inner, scheduler) }),
      )
      const passed = pass(5 * MINUTE)
      await scheduler.waitFor(passed)
      const done = Promise.all(
        both.map(async ({ engine }) => {
          for (const { id } of await incidents()) engine.wake(id)
          await engine.idle()
        }),
      )
      await scheduler.waitFor(done)
      expect(await incidents()).toHaveLength(1)
      expect(around.slack.messages).toHaveLength(1)
    }),
    { numRuns: RUNS },
  )
}, 120_000)
