import type { BotMetrics } from '../adapters/http/bot-metrics.ts'
import type { Config, Configs } from '../config/load-config.ts'
import type { Engine } from '../engine/engine-types.ts'
import type { SteadyClock } from '../engine/steady-clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { World } from '../ports/world.ts'
import { count } from './count.ts'
import { drillsOf } from './drills/drills-of.ts'
import { handOnDrills } from './drills/hand-on-drills.ts'
import { markedIn } from './drills/in-drill-channel.ts'
import { byChannel } from './environments/by-channel.ts'
import type { Environment } from './environments/environment.ts'
import { openEnvironments } from './environments/open-environments.ts'
import { loadAnswers } from './environments/served-by.ts'
import { hearPeople } from './hear-people.ts'
import { newIncidentIds } from './new-incident-id.ts'
import { openOperatorServer } from './operator.ts'
import type { reachSlack } from './reach-slack.ts'
import { turnsOf, type Turns } from './turns.ts'

export type Serving = {
  readonly httpPort: number
  /** Rejects when production cannot be opened. */
  readonly opened: Promise<unknown>
  stop(): Promise<void>
}

/**
 * Everything behind the connection to Slack: opens the journals, goes on with what is open, and hears people from
 * then on. Decides nothing. `openWorld` loads what talks to production, which nobody who presses a button waits for.
 */
export async function serve(
  configs: Configs,
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
    readonly openWorld: (config: Config) => Promise<World>
    readonly stopping: AbortSignal
  },
): Promise<Serving> {
  const [first] = configs
  const parts = { ...plain, conversations: markedDrills(first, plain.conversations) }
  const metrics = loadMetricsOnce(configs)
  const turns = turnsOf(stopping)
  const newIncidentId = newIncidentIds(clock)
  const shared = { ...parts, clock, breathe: turns.breathe, log, newIncidentId }
  const environments = await openEnvironments(configs, { ...shared, slack, openWorld, metrics })
  const [home] = environments
  const each = (work: (one: Environment) => unknown) => Promise.all(environments.map(work))
  const server = await openOperatorServer(first, { slack, environments, metrics, log })

  const { acts } = home
  const drills = drillsOf(first, { ...parts, acts, clock, log })
  const handedOn = await handOnDrills(first, { app: slack.app, acts, log })
  const served = environments.map((one) => one.served)
  const at = byChannel(served, drills.beside)
  const heard = { at, home, environments, drill: drills.command }
  hearPeople({ ...parts, slack }, { now: clock.now, log, ...heard })
  // In turn: what all of them read at once, the process would hold for as long as it lives.
  for (const { engine } of environments) await engine.resume()
  await each(({ signing }) => signing?.start())
  for (const one of environments) one.takeTurns()
  slack.takeDeliveries()
  void readDirectoryOfGrid(slack.identified, environments)
  const open = async () => {
    if (stopping.aborted) return
    drills.work()
    handedOn.work()
    const work = each((one) => one.work(() => tick(one, turns, metrics, log)))
    await Promise.all([work, metrics(), loadAnswers()])
  }

  return {
    httpPort: server.port,
    opened: open(),
    async stop() {
      await each((one) => one.rest())
      await handedOn.rest()
      await drills.rest()
      await slack.stop().catch((error: unknown) => log.warn('Slack did not close', { error }))
      await each(({ signing }) => signing?.stop())
      await each(({ engine }) => engine.stop())
      await server.stop()
      await each(({ journal }) => journal.close())
    },
  }
}

/** Elsewhere a person has one id, and a start asks nothing that it does not need. */
async function readDirectoryOfGrid(
  identified: Promise<{ readonly enterprise: string | null }>,
  environments: readonly { readonly engine: Pick<Engine, 'readDirectory'> }[],
): Promise<void> {
  if ((await identified).enterprise === null) return
  for (const { engine } of environments) await engine.readDirectory()
}

async function tick(
  { engine, config: { settings } }: Environment,
  turns: Turns,
  metrics: () => Promise<BotMetrics>,
  log: Log,
): Promise<void> {
  await turns.tick()
  engine.tick()
  const { environment } = settings
  count(metrics, (all) => all.of(environment).openIncidents.set(engine.open().length), log)
}

/** Whatever is said in the channel of the drills is marked, whoever says it. */
function markedDrills({ settings }: Config, conversations: Conversations): Conversations {
  const { drills } = settings
  return drills ? markedIn(drills.channel, conversations) : conversations
}

function loadMetricsOnce(configs: Configs): () => Promise<BotMetrics> {
  const names = configs.map(({ settings }) => settings.environment)
  let loading: Promise<BotMetrics> | null = null
  async function load(): Promise<BotMetrics> {
    return (await import('../adapters/http/bot-metrics.ts')).botMetrics(names)
  }
  return () => (loading ??= load())
}
