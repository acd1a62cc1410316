import { refused, type Refusal } from '../domain/base/refusal.ts'
import type { ReceivedIntent } from '../domain/incident/intent.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { KnownIncidents } from './journal/known-incidents.ts'

export type Receipt =
  | { readonly kind: 'received'; readonly incident: string }
  /** It is written down, and nothing is done for this incident here: whoever pressed is told `because`. */
  | { readonly kind: 'left'; readonly incident: string; readonly because: Refusal }
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
      const before = await known.whyNot(incident)
      if (before && !isLeft(before)) return before
      const event = { type: 'intent-received', received } as const
      const written = await incidents.receive(incident, event, 'any', received.delivery)
      if (written === 'duplicate') return { kind: 'duplicate' }
      // Others may have written since what only a newer version knows: then it was met just now.
      const because = await known.whyNot(incident)
      return because && isLeft(because)
        ? { kind: 'left', incident, because }
        : { kind: 'received', incident }
    },
  }
}

/** A newer version of Backout decides it: for that one it is made durable (J8). */
function isLeft({ reason }: Refusal): boolean {
  return reason === 'left-to-newer-version'
}
