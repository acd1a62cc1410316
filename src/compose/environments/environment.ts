import { every, type Recurring } from '../../adapters/cron/every.ts'
import type { EnvironmentMetrics } from '../../adapters/http/bot-metrics.ts'
import type { Served } from '../../adapters/slack/served.ts'
import { journalPlace } from '../../config/journal-place.ts'
import type { Config } from '../../config/load-config.ts'
import type { Engine } from '../../engine/engine-types.ts'
import { journalTold, type JournalTold } from '../../engine/journal/journal-told.ts'
import type { SteadyClock } from '../../engine/steady-clock.ts'
import type { Conversations, People } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { World } from '../../ports/world.ts'
import type { Answering } from '../answer.ts'
import { botEngine } from '../bot-engine.ts'
import { loadPagers } from '../load-pagers.ts'
import type { OnProduction } from '../on-production.ts'
import { openJournal, openKept, type OpenedJournal } from '../open-journal.ts'
import type { Readiness } from '../readiness/keep-readiness.ts'
import { readinessOf, tellsOfDeploys } from '../readiness/readiness-of.ts'
import { lateReleaseWatch, type LateReleaseWatch } from '../release-watch/late-release-watch.ts'
import { replicated } from '../replicated.ts'
import type { Signing } from '../signing/signing.ts'
import { targetHealth, type TargetHealth } from '../target-health.ts'
import { servedBy } from './served-by.ts'

const TICK_SECONDS = 10
const LOOK_AT_TARGETS_SECONDS = 30

/** What the environments of one process share: Slack, the time, and where it is logged and counted. */
export type Shared = {
  readonly conversations: Conversations
  readonly people: People
  /** As the Slack that it goes to can show it. */
  readonly shownIn: <Shown>(shown: Shown) => Shown
  /** A form, as one of this environment is shown. */
  readonly asForm: Served['form']
  readonly clock: SteadyClock
  /** What goes on by the clock begins so many seconds after each whole minute: not that of all environments at once. */
  readonly atSecond?: number
  /** Whoever has much to do leaves everything else its turn; they leave it together. */
  readonly breathe?: () => Promise<void>
  readonly log: Log
  /** Where assessments are counted; `null`: these count for nothing. */
  readonly metrics: (() => Promise<EnvironmentMetrics>) | null
  readonly newIncidentId: () => string
}

/** What signing without Slack is signed for. */
type OverSigned = { readonly journal: OpenedJournal; readonly engine: () => Engine }

/** One production and its incidents: an engine, a journal, and what is known of it. */
export type Environment = {
  readonly config: Config
  readonly signing: Signing | null
  readonly engine: Engine
  /** Whether this process does what its incidents are owed. */
  readonly acts: () => boolean
  /** Begins to take turns with the other processes on its journal. */
  takeTurns(): void
  readonly journal: OpenedJournal
  /** What this process could read of it, and when. */
  readonly told: JournalTold
  readonly readiness: Readiness
  readonly releases: LateReleaseWatch
  readonly targets: TargetHealth
  /** What people reach from its channels. */
  readonly served: Served
  /** What questions about it are answered with. */
  readonly answering: Answering
  /** What takes time and what nobody waits for: opens production, and goes on by the clock. */
  work(tick: () => void | Promise<void>): Promise<void>
  /** Nothing goes on by the clock any more. Engine and journal are there until each is stopped. */
  rest(): Promise<void>
}

/**
 * Opens an environment: its journal first, so that what people send can be made durable. `openWorld` loads what
 * talks to production, when it is first asked for. Nothing goes on by itself before `work`.
 */
export async function openEnvironment(
  config: Config,
  {
    openWorld,
    openSigning = async () => null,
    ...shared
  }: Shared & {
    readonly openWorld: () => Promise<World>
    /** Signing without Slack; left out: nobody does. */
    readonly openSigning?: (over: OverSigned) => Promise<Signing | null>
  },
): Promise<Environment> {
  const { clock, log } = shared
  let opening: Promise<OnProduction> | null = null
  const production = () => (opening ??= openProduction())
  async function openProduction(): Promise<OnProduction> {
    const [opened, loaded] = await Promise.all([openWorld(), import('../on-production.ts')])
    const { lately } = engine
    return loaded.onProduction(config, opened, clock, { isClosed, journal, lately })
  }
  const world = async () => (await production()).world
  const isClosed = async (id: string) => (await engine.load(id))?.closed != null
  const journal = await openJournal(config, clock)
  const noticed = tellsOfDeploys(() => readiness.deployed())
  const targets = targetHealth(world, config.assess, noticed)
  const pagers = await loadPagers(config, clock)
  const signing = await openSigning({ journal, engine: () => engine })
  const keptAnswers = signing?.keptAnswers
  const told = journalTold({ log, clock })
  const around = { ...shared, told, pagers, journal, production, keptAnswers }
  const newEngine = (mayAct?: () => boolean) => botEngine(config, { ...around, mayAct })
  const { engine, acts, takeTurns } = await replicated(config, newEngine, log)
  const kept = await openKept(journalPlace(config), config.environment.BACKOUT_DATA)
  const readiness = readinessOf(config, { ...shared, kept, open: engine.open, acts, world })
  const releases = lateReleaseWatch(config)
  const known = { readiness, releases }
  const enrolling = signing?.enrolling ?? null
  const about = { ...known, engine, world, enrolling }
  const { served, answering } = servedBy(config, { ...shared, ...about })
  const stopping = new AbortController()
  const recurring: Recurring[] = [readiness]

  /** Hosts of containers keep no history of releases. */
  async function recordHosts({ world: { containers, ledger } }: OnProduction): Promise<void> {
    const { docker } = config.runbook
    if (!containers || !ledger || !docker) return
    const { recordReleases } = await import('../record-releases.ts')
    // Stopped while that was loaded: nobody would stop what begins now.
    if (stopping.signal.aborted) return
    const { deployed } = readiness
    recurring.push(recordReleases({ ...docker, containers, ledger, acts, clock, log, deployed }))
  }
  /** A plan takes the newest backup that somebody has read whole. */
  async function verifyNew({ world: { backups } }: OnProduction): Promise<void> {
    const { database } = config.settings.procedures
    if (!backups || !database?.backups.verifyNew) return
    const { verifyBackups } = await import('../verify-backups.ts')
    if (stopping.signal.aborted) return
    recurring.push(verifyBackups({ backups, log }))
  }

  /** Only where it is switched on. */
  async function watchNew({ world: over }: OnProduction): Promise<void> {
    const { metrics } = shared
    if (!metrics) return
    const deps = { world: over, engine, metrics, acts, clock, log }
    const watch = await releases.start(deps, stopping.signal)
    if (watch) recurring.push(watch)
  }

  /** Only where people want to be reminded. */
  async function remind(): Promise<void> {
    const { rehearsal } = config.settings
    if (!rehearsal) return
    const { keepRehearsals } = await import('../rehearsal/keep-rehearsals.ts')
    if (stopping.signal.aborted) return
    recurring.push(
      keepRehearsals(config, rehearsal, { ...shared, kept, lately: engine.lately, acts }),
    )
  }

  return {
    config,
    engine,
    signing,
    acts,
    takeTurns: () => void recurring.push(...takeTurns()),
    journal,
    told,
    readiness,
    releases,
    targets,
    served,
    answering,
    async work(tick) {
      if (stopping.signal.aborted) return
      recurring.push(
        every(TICK_SECONDS, 'engine', tick, log, shared.atSecond),
        every(LOOK_AT_TARGETS_SECONDS, 'targets', targets.look, log, shared.atSecond),
      )
      await remind()
      const found = await production()
      await Promise.all([recordHosts(found), verifyNew(found), watchNew(found)])
    },
    async rest() {
      stopping.abort()
      await Promise.all(recurring.map((one) => one.stop()))
      await kept.close()
    },
  }
}
