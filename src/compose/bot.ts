import { every, type Recurring } from '../adapters/cron/every.ts'
import type { BotMetrics } from '../adapters/http/bot-metrics.ts'
import { operatorServer } from '../adapters/http/server.ts'
import type { Config } from '../config/load-config.ts'
import type { Engine } from '../engine/engine-types.ts'
import { steadyClock } from '../engine/steady-clock.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Log } from '../ports/log.ts'
import type { World } from '../ports/world.ts'
import { alertHookOf } from './alert-hook.ts'
import { botEngine } from './bot-engine.ts'
import { hearPeople, loadAnswers, slackOf } from './bot-slack.ts'
import { locksOf } from './locks-page.ts'
import type { OnProduction } from './on-production.ts'
import { loadPagers } from './load-pagers.ts'
import { openJournal } from './open-journal.ts'
import { replicated } from './replicated.ts'
import { readinessOf, tellsOfDeploys } from './readiness/readiness-of.ts'
import { lateReleaseWatch } from './release-watch/late-release-watch.ts'
import { openSigning } from './signing/signing.ts'
import { sleep } from './sleep.ts'
import { targetHealth } from './target-health.ts'

export type Bot = {
  readonly httpPort: number
  /** Rejects when Slack refuses us for good, or production cannot be opened. Otherwise never ends. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

const TICK_SECONDS = 10
const LOOK_AT_TARGETS_SECONDS = 30

/** With Slack away, production is opened without it after this: a wrong address still stops the start. */
const OPEN_WITHOUT_SLACK_MS = 1_000

/**
 * Builds the bot from its parts and starts it. Decides nothing. `openWorld` loads what talks to
 * production, which takes as long as connecting to Slack: Slack comes first.
 */
export async function startBot(
  config: Config,
  openWorld: () => Promise<World>,
  log: Log,
): Promise<Bot> {
  const { environment: env } = config
  const clock = steadyClock({ wall: Date.now, monotonic: () => performance.now() })
  let opening: Promise<OnProduction> | null = null
  const production = () => (opening ??= openProduction())
  async function openProduction(): Promise<OnProduction> {
    const [world, onProduction] = await Promise.all([openWorld(), loadOnProduction()])
    return onProduction(config, world, clock, { isClosed, journal })
  }
  const world = async () => (await production()).world
  const isClosed = async (id: string) => (await engine.load(id))?.closed != null
  const journal = await openJournal(config, clock)
  const parts = slackOf(config, { clock, log })
  const { slack } = parts
  const noticed = tellsOfDeploys(() => readiness.deployed())
  const releases = lateReleaseWatch(config)
  const targets = targetHealth(world, config.assess, noticed)
  let counting: Promise<BotMetrics> | null = null
  const metrics = () => (counting ??= loadMetrics())
  const server = await operatorServer({
    host: env.BACKOUT_HTTP_HOST,
    port: env.BACKOUT_HTTP_PORT,
    readiness: async () => [
      { part: 'slack', trouble: slack.trouble(), essential: true },
      { part: 'journal', trouble: await journalTrouble(journal), essential: true },
      ...targets.troubles().map((target) => ({ ...target, essential: false })),
    ],
    metrics: async () => releases.counted(readiness.counted(actingIn(await metrics(), acts))),
    locks: locksOf(env.BACKOUT_LOCKS_TOKEN, (count) => engine.declared(count)),
    alerts: alertHookOf(env.BACKOUT_ALERTMANAGER_TOKEN, {
      receive: (group) => engine.receiveAlerts(group),
      wake: (id) => engine.wake(id),
      metrics,
      log,
    }),
  })

  const pagers = await loadPagers(config, clock)
  const signing = await openSigning(config, { ...parts, journal, engine: () => engine, clock, log })
  const given = { ...parts, ...signing, pagers, journal, clock, log, production, metrics }
  const newEngine = (mayAct?: () => boolean) => botEngine(config, { ...given, mayAct })
  const { engine, acts, takeTurns } = await replicated(config, newEngine, log)
  const readiness = readinessOf(config, { ...parts, open: engine.open, acts, clock, world, log })
  function tick(): void {
    engine.tick()
    countOpen(metrics(), engine, log)
  }

  hearPeople(config, { ...given, engine, now: clock.now, world, readiness, releases })
  const stopping = new AbortController()
  await engine.resume().then(signing.start)
  const recurring: Recurring[] = [readiness, ...takeTurns()]
  const connected = slack.start(sleep, stopping.signal)
  void readDirectoryOfGrid(slack.identified, engine)
  // All that takes time and that a connection does not need.
  const opened = Promise.race([connected, sleep(OPEN_WITHOUT_SLACK_MS, stopping.signal)]).then(
    () => {
      if (stopping.signal.aborted) return null
      recurring.push(
        every(TICK_SECONDS, 'engine', tick, log),
        every(LOOK_AT_TARGETS_SECONDS, 'targets', targets.look, log),
      )
      return Promise.all([production().then(onceOpen), metrics(), loadAnswers()])
    },
  )
  async function onceOpen(found: OnProduction): Promise<void> {
    await Promise.all([recordHosts(found), verifyNew(found), watchNew(found)])
  }
  /** Hosts of containers keep no history of releases. */
  async function recordHosts({ world: { containers, ledger } }: OnProduction): Promise<void> {
    const { docker } = config.runbook
    if (!containers || !ledger || !docker) return
    const { recordReleases } = await import('./record-releases.ts')
    // Stopped while that was loaded: nobody would stop what begins now.
    if (stopping.signal.aborted) return
    const { deployed } = readiness
    recurring.push(recordReleases({ ...docker, containers, ledger, clock, log, deployed }))
  }
  /** A plan takes the newest backup that somebody has read whole. */
  async function verifyNew({ world: { backups } }: OnProduction): Promise<void> {
    const { database } = config.settings.procedures
    if (!backups || !database?.backups.verifyNew) return
    const { verifyBackups } = await import('./verify-backups.ts')
    if (stopping.signal.aborted) return
    recurring.push(verifyBackups({ backups, log }))
  }
  /** Only where it is switched on. */
  async function watchNew({ world: over }: OnProduction): Promise<void> {
    const watch = await releases.start(
      { world: over, engine, metrics, acts, clock, log },
      stopping.signal,
    )
    if (watch) recurring.push(watch)
  }
  const failed = Promise.all([connected, opened]).then(() => new Promise<never>(() => {}))

  return {
    httpPort: server.port,
    failed,
    async stop() {
      stopping.abort()
      await Promise.all(recurring.map((one) => one.stop()))
      await slack.stop().catch((error: unknown) => log.warn('Slack did not close', { error }))
      await signing.stop()
      await engine.stop()
      await server.stop()
      await journal.close()
    },
  }
}

/** Elsewhere a person has one id, and a start asks nothing that it does not need. */
async function readDirectoryOfGrid(
  identified: Promise<{ readonly enterprise: string | null }>,
  engine: Pick<Engine, 'readDirectory'>,
): Promise<void> {
  if ((await identified).enterprise !== null) await engine.readDirectory()
}

function countOpen(metrics: Promise<BotMetrics>, { open }: Pick<Engine, 'open'>, log: Log): void {
  metrics.then(
    ({ openIncidents }) => openIncidents.set(open().length),
    (error: unknown) => log.warn('metrics cannot be counted', { error }),
  )
}

function actingIn(metrics: BotMetrics, acts: () => boolean): BotMetrics {
  metrics.acting.set(acts() ? 1 : 0)
  return metrics
}

async function loadOnProduction() {
  return (await import('./on-production.ts')).onProduction
}

async function loadMetrics(): Promise<BotMetrics> {
  return (await import('../adapters/http/bot-metrics.ts')).botMetrics()
}

async function journalTrouble(journal: { check(): Promise<void> }): Promise<string | null> {
  try {
    await journal.check()
    return null
  } catch (error) {
    return error instanceof Fault ? error.detail : String(error)
  }
}
