import { refused, type Refusal } from '../domain/base/refusal.ts'
import type { ReceivedIntent } from '../domain/incident/intent.ts'
import type { IncidentLog } from './journal/incident-log.ts'

export type OpenedTogether =
  | { readonly kind: 'received'; readonly incident: string }
  /** These were received before, by this process or another: nothing was written. */
  | { readonly kind: 'known'; readonly deliveries: readonly string[] }
  | Refusal

export type OpenTogether = {
  /**
   * Opens one incident for all of these, made durable at once (J8), or for none of them where one was received before (J2).
   * Throws the journal's `Fault` when it could not be written.
   */
  openTogether(received: readonly ReceivedIntent[]): Promise<OpenedTogether>
}

export function openerTogether(deps: {
  readonly incidents: Pick<IncidentLog, 'receivedUnder' | 'receiveTogether'>
  readonly newIncidentId: () => string
  readonly stopped: AbortSignal
}): OpenTogether {
  const { incidents, stopped } = deps

  async function knownOf(received: readonly ReceivedIntent[]): Promise<readonly string[]> {
    const found = await Promise.all(
      received.map(({ delivery }) => incidents.receivedUnder(delivery, 1)),
    )
    const told = new Set(found.flat().map(({ delivery }) => delivery))
    return received.map(({ delivery }) => delivery).filter((one) => told.has(one))
  }

  return {
    async openTogether(received) {
      for (;;) {
        if (stopped.aborted) return refused('restarting')
        const deliveries = await knownOf(received)
        if (deliveries.length > 0) return { kind: 'known', deliveries }
        const id = deps.newIncidentId()
        const written = await incidents.receiveTogether(id, received, 0)
        if (written === 'appended') return { kind: 'received', incident: id }
        // Somebody was faster with one of them, or with an incident of this name.
      }
    },
  }
}
