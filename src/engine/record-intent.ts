import { refused, type Refusal } from '../domain/base/refusal.ts'
import type { ReceivedIntent } from '../domain/incident/intent.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { KnownIncidents } from './journal/known-incidents.ts'

export type Receipt =
  | { readonly kind: 'received'; readonly incident: string }
  /** The same delivery once more: it is being taken care of. */
  | { readonly kind: 'duplicate' }
  | Refusal

export type RecordIntent = {
  /**
   * Makes an intent durable (J8); `null` opens an incident for it. Fast and without any call outward;
   * throws the journal's `Fault` when it could not be written.
   */
  receive(incident: string | null, received: ReceivedIntent): Promise<Receipt>
}

export function intentRecorder(deps: {
  readonly incidents: IncidentLog
  readonly known: KnownIncidents
  readonly newIncidentId: () => string
  readonly stopped: AbortSignal
}): RecordIntent {
  const { incidents, known, stopped } = deps

  async function opening(received: ReceivedIntent): Promise<Receipt> {
    for (;;) {
      const id = deps.newIncidentId()
      const event = { type: 'intent-received', received } as const
      const written = await incidents.receive(id, event, 0, received.delivery)
      if (written === 'duplicate') return { kind: 'duplicate' }
      if (written === 'appended') return { kind: 'received', incident: id }
      // Another incident has this id: the next one has not.
    }
  }

  return {
    async receive(incident, received) {
      if (stopped.aborted) return refused('restarting')
      if (incident === null) return opening(received)
      const refusal = await known.whyNot(incident)
      if (refusal) return refusal
      const event = { type: 'intent-received', received } as const
      const written = await incidents.receive(incident, event, 'any', received.delivery)
      return written === 'duplicate' ? { kind: 'duplicate' } : { kind: 'received', incident }
    },
  }
}
