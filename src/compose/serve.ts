import type { BotMetrics } from '../adapters/http/bot-metrics.ts'
import { operatorServer } from '../adapters/http/server.ts'
import type { Config } from '../config/load-config.ts'
import type { Engine } from '../engine/engine-types.ts'
import type { SteadyClock } from '../engine/steady-clock.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { World } from '../ports/world.ts'
import { alertHookOf } from './alert-hook.ts'
import { drillsOf } from './drills/drills-of.ts'
import { markedIn } from './drills/in-drill-channel.ts'
import { byChannel } from './environments/by-channel.ts'
import { openEnvironment } from './environments/environment.ts'
import { loadAnswers } from './environments/served-by.ts'
import { locksOf } from './locks-page.ts'
import { newIncidentIds } from './new-incident-id.ts'
import { NO_ENROLLING } from './signing/enrolling.ts'
import { hearPeople } from './hear-people.ts'
import type { reachSlack } from './reach-slack.ts'
import { openSigning } from './signing/signing.ts'

export type Serving = {
  readonly httpPort: number
  /** Rejects when production cannot be opened. */
  readonly opened: Promise<unknown>
  stop(): Promise<void>
}

/**
 * Everything behind the connection to Slack: opens the journal, goes on with what is open, and hears people from
 * then on. Decides nothing. `openWorld` loads what talks to production, which nobody who presses a button waits for.
 */
export async function serve(
  config: Config,
  {
    slack,
    clock,
    log,
    openWorld,
    stopping,
    ...plain
  }: ReturnType<typeof reachSlack> & {
    readonly clock: SteadyClock
    readonly log: Log
    readonly openWorld: () => Promise<World>
    readonly stopping: AbortSignal
  },
): Promise<Serving> {
  const { environment: env } = config
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
  await engine.resume()
  await home.signing?.start()
  home.takeTurns()
  slack.takeDeliveries()
  void readDirectoryOfGrid(slack.identified, engine)
  const open = async () => {
    if (stopping.aborted) return
    drills.work()
    await Promise.all([home.work(tick), metrics(), loadAnswers()])
  }

  return {
    httpPort: server.port,
    opened: open(),
    async stop() {
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
