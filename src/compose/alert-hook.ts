import type { AlertHook } from '../adapters/http/alertmanager.ts'
import type { EnvironmentMetrics } from '../adapters/http/bot-metrics.ts'
import type { Engine } from '../engine/engine-types.ts'
import type { Log } from '../ports/log.ts'

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
    metrics().then(
      ({ alerts }) => {
        for (const [outcome, number] of Object.entries(counts)) alerts.inc({ outcome }, number)
      },
      // That it cannot be counted keeps nobody waiting.
      (error: unknown) => log.warn('metrics cannot be counted', { error }),
    )
    return 'taken' as const
  }
  return [{ token, receive }]
}
