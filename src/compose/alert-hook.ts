import type { AlertHook } from '../adapters/http/alertmanager.ts'
import type { EnvironmentMetrics } from '../adapters/http/bot-metrics.ts'
import type { Engine } from '../engine/engine-types.ts'
import type { Log } from '../ports/log.ts'
import { count } from './count.ts'

/** What Alertmanager may tell of an environment, where a token is set for it. */
export function alertHooksOf(
  token: string | undefined,
  {
    engine,
    metrics,
    log,
  }: {
    readonly engine: Pick<Engine, 'receiveAlerts' | 'wake'>
    readonly metrics: () => Promise<Pick<EnvironmentMetrics, 'alerts'>>
    readonly log: Log
  },
): readonly AlertHook[] {
  if (token === undefined) return []
  async function receive(group: Parameters<AlertHook['receive']>[0]) {
    const receipt = await engine.receiveAlerts(group)
    if (receipt.kind === 'refused') return { notNow: receipt.reason }
    const { counts, incidents, opened } = receipt
    // What follows is not what Alertmanager waits for: after the answer (J9).
    for (const id of incidents) setImmediate(engine.wake, id)
    if (incidents.length > 0) log.info('alerts were told', { ...counts, incidents, opened })
    const told = Object.entries(counts)
    count(
      metrics,
      ({ alerts }) => told.forEach(([outcome, number]) => alerts.inc({ outcome }, number)),
      log,
    )
    return 'taken' as const
  }
  return [{ token, receive }]
}
