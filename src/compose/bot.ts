import type { BotMetrics } from '../adapters/http/bot-metrics.ts'
import { operatorServer } from '../adapters/http/server.ts'
import type { Config } from '../config/load-config.ts'
import type { Engine } from '../engine/engine-types.ts'
import { steadyClock } from '../engine/steady-clock.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { World } from '../ports/world.ts'
import { alertHookOf } from './alert-hook.ts'
import { hearPeople, slackOf } from './bot-slack.ts'
import { drillsOf } from './drills/drills-of.ts'
import { markedIn } from './drills/in-drill-channel.ts'
import { byChannel } from './environments/by-channel.ts'
import { openEnvironment } from './environments/environment.ts'
import { loadAnswers } from './environments/served-by.ts'
import { locksOf } from './locks-page.ts'
import { newIncidentIds } from './new-incident-id.ts'
import { NO_ENROLLING } from './signing/enrolling.ts'
import { openSigning } from './signing/signing.ts'
import { sleep } from './sleep.ts'

export type Bot = {
  readonly httpPort: number
  /** Rejects when Slack refuses us for good, or production cannot be opened. Otherwise never ends. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

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
  const { slack, ...plain } = slackOf(config, { clock, log })
  const parts = { ...plain, conversations: markedDrills(config, plain.conversations) }
  let counting: Promise<BotMetrics> | null = null
  const metrics = () => (counting ??= loadMetrics())
  const shared = { ...parts, clock, log, metrics, newIncidentId: newIncidentIds(clock) }
  const home = await openEnvironment(config, {
    ...shared,
    openWorld,
    openSigning: (over) => openSigning(config, { ...shared, slack, ...over }),
  })
  const { engine, journal, readiness, releases, targets, acts } = home
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

  function tick(): void {
    engine.tick()
    countOpen(metrics(), engine, log)
  }

  const enrolling = home.signing?.enrolling ?? NO_ENROLLING
  const drills = drillsOf(config, { ...parts, clock, log })
  const at = byChannel(home.served, drills.beside)
  const heard = { at, home, enrolling, drill: drills.command }
  hearPeople({ ...parts, slack }, { now: clock.now, log, ...heard })
  const stopping = new AbortController()
  await engine.resume()
  await home.signing?.start()
  home.takeTurns()
  const connected = slack.start(sleep, stopping.signal)
  void readDirectoryOfGrid(slack.identified, engine)
  // All that takes time and that a connection does not need.
  const opened = Promise.race([connected, sleep(OPEN_WITHOUT_SLACK_MS, stopping.signal)]).then(
    () => {
      if (stopping.signal.aborted) return null
      drills.work()
      return Promise.all([home.work(tick), metrics(), loadAnswers()])
    },
  )
  const failed = Promise.all([connected, opened]).then(() => new Promise<never>(() => {}))

  return {
    httpPort: server.port,
    failed,
    async stop() {
      stopping.abort()
      await home.rest()
      await drills.rest()
      await slack.stop().catch((error: unknown) => log.warn('Slack did not close', { error }))
      await home.signing?.stop()
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

/** Whatever is said in the channel of the drills is marked, whoever says it. */
function markedDrills({ settings }: Config, conversations: Conversations): Conversations {
  const { drills } = settings
  return drills ? markedIn(drills.channel, conversations) : conversations
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
