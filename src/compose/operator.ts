import type { BotMetrics } from '../adapters/http/bot-metrics.ts'
import { operatorServer, type OperatorServer, type Readiness } from '../adapters/http/server.ts'
import type { Config } from '../config/load-config.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Log } from '../ports/log.ts'
import { alertHooksOf } from './alert-hook.ts'
import { count } from './count.ts'
import type { Environment } from './environments/environment.ts'
import { locksOf } from './locks-page.ts'

type Deps = {
  readonly slack: { trouble(): string | null }
  readonly environments: readonly Environment[]
  readonly metrics: () => Promise<BotMetrics>
  readonly log: Log
}

/** What whoever operates Backout asks of it, over all of its environments. */
export function openOperatorServer(
  { environment: env }: Pick<Config, 'environment'>,
  { slack, environments, metrics, log }: Deps,
): Promise<OperatorServer> {
  // `journal`; among several environments `staging journal`.
  const prefixOf = ({ config: { settings } }: Environment) =>
    environments.length === 1 ? '' : `${settings.environment} `
  return operatorServer({
    host: env.BACKOUT_HTTP_HOST,
    port: env.BACKOUT_HTTP_PORT,
    readiness: async () => [
      { part: 'slack', trouble: slack.trouble(), essential: true },
      ...(await Promise.all(environments.map((one) => readinessOf(one, prefixOf(one))))).flat(),
    ],
    async metrics() {
      const counting = await metrics()
      for (const one of environments) countNow(one, counting)
      return counting
    },
    locks: environments.flatMap(({ config, engine }) =>
      locksOf(config.environment.BACKOUT_LOCKS_TOKEN, engine),
    ),
    alerts: {
      hooks: environments.flatMap(({ config, engine }) => {
        const name = config.settings.environment
        const counted = async () => (await metrics()).of(name)
        const token = config.environment.BACKOUT_ALERTMANAGER_TOKEN
        return alertHooksOf(token, { engine, metrics: counted, log })
      }),
      answered: (status) =>
        count(metrics, ({ notifications }) => notifications.inc({ status }), log),
      log,
    },
  })
}

async function readinessOf(
  { journal, targets }: Environment,
  prefix: string,
): Promise<readonly Readiness[]> {
  return [
    { part: `${prefix}journal`, trouble: await journalTrouble(journal), essential: true },
    ...targets.troubles().map(({ part, trouble }) => {
      return { part: `${prefix}${part}`, trouble, essential: false }
    }),
  ]
}

/** What is only known when it is asked for. */
function countNow(
  { config, engine, told, acts, readiness, releases }: Environment,
  all: BotMetrics,
): void {
  const metrics = all.of(config.settings.environment)
  const agoMs = told.followedAgoMs()
  if (agoMs === null) metrics.journalFollowedAge.remove()
  else metrics.journalFollowedAge.set(agoMs / 1000)
  metrics.unreadableIncidents.set(engine.unreadable().length)
  metrics.acting.set(acts() ? 1 : 0)
  releases.counted(readiness.counted(metrics))
}

async function journalTrouble(journal: { check(): Promise<void> }): Promise<string | null> {
  try {
    await journal.check()
    return null
  } catch (error) {
    return error instanceof Fault ? error.detail : String(error)
  }
}
