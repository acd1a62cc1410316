import type { AlertHook } from '../adapters/http/alertmanager.ts'
import type { BotMetrics } from '../adapters/http/bot-metrics.ts'
import type { Engine } from '../engine/engine-types.ts'
import type { Log } from '../ports/log.ts'

/** What Alertmanager may tell, where a token is set for it. */
export function alertHookOf(
  token: string | undefined,
  deps: {
    readonly receive: Engine['receiveAlerts']
    readonly wake: Engine['wake']
    readonly metrics: () => Promise<BotMetrics>
    readonly log: Log
  },
): AlertHook | undefined {
  if (token === undefined) return undefined
  const { log } = deps

  /** Counted when it is answered; that it cannot be counted keeps nobody waiting. */
  function count(what: (metrics: BotMetrics) => void): void {
    deps.metrics().then(what, (error: unknown) => log.warn('metrics cannot be counted', { error }))
  }

  return {
    token,
    log,
    async receive(group) {
      const receipt = await deps.receive(group)
      if (receipt.kind === 'refused') return { notNow: receipt.reason }
      const { counts, incidents, opened } = receipt
      // What follows is not what Alertmanager waits for: after the answer (J9).
      for (const id of incidents) setImmediate(deps.wake, id)
      if (incidents.length > 0) log.info('alerts were told', { ...counts, incidents, opened })
      count(({ alerts }) => {
        for (const [outcome, number] of Object.entries(counts)) alerts.inc({ outcome }, number)
      })
      return 'taken'
    },
    answered: (status) => count(({ notifications }) => notifications.inc({ status })),
  }
}
