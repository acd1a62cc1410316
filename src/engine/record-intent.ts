import type { ReceivedIntent } from '../domain/incident/intent.ts'
import { refused, type Refusal } from '../domain/base/refusal.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { KnownIncidents } from './journal/known-incidents.ts'

type Receipt =
  | { readonly kind: 'received'; readonly incident: string }
  /** The same delivery once more: it is being taken care of. */
  | { readonly kind: 'duplicate' }
  | Refusal

/** `incident` is `null` for a wish that opens one. */
export type Wish = { readonly incident: string | null; readonly received: ReceivedIntent }

export type Receiver = {
  /**
   * Makes a wish durable (J8). Fast and without any call outward; throws the journal's `Fault` when
   * it could not be written.
   */
  receive(incident: string | null, received: ReceivedIntent): Receipt
  /** The same for wishes that came together: durable together, or the `Fault` is thrown for all. */
  receiveAll(wishes: readonly Wish[]): readonly Receipt[]
}

export function receiver(deps: {
  readonly incidents: IncidentLog
  readonly known: KnownIncidents
  readonly newIncidentId: () => string
  readonly stopped: AbortSignal
}): Receiver {
  const { incidents, known, stopped } = deps

  function unusedId(): string {
    for (;;) {
      const id = deps.newIncidentId()
      if (incidents.load(id).sequence === 0) return id
    }
  }

  function receive(incident: string | null, received: ReceivedIntent): Receipt {
    if (stopped.aborted) return refused('restarting')
    const refusal = incident === null ? null : known.whyNot(incident)
    if (refusal) return refusal
    const id = incident ?? unusedId()
    const { delivery } = received
    const event = { type: 'intent-received', received } as const
    const written = incidents.append(id, () => [event], { delivery })
    return written === 'duplicate' ? { kind: 'duplicate' } : { kind: 'received', incident: id }
  }

  return {
    receive,
    receiveAll(wishes) {
      if (stopped.aborted) return wishes.map(() => refused('restarting'))
      return incidents.together(() =>
        wishes.map(({ incident, received }) => receive(incident, received)),
      )
    },
  }
}
