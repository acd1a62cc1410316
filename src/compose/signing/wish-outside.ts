import { randomUUID } from 'node:crypto'
import type { Outcome } from '../../adapters/signing-page/desk.ts'
import type { Via } from '../../domain/base/via.ts'
import { refused } from '../../domain/base/refusal.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import type { RecordIntent } from '../../engine/record-intent.ts'
import type { Sleep } from '../../ports/clock.ts'
import type { Journal } from '../../ports/journal.ts'

const LOOK_MS = 100

type Asked = { readonly by: string; readonly incident: Incident; readonly intent: Intent }

/**
 * The way of a press in Slack, from elsewhere: durable first (J8), then decided by the one who decides
 * everything. What it came to is read from the journal; that it is not decided in time is no refusal (J10).
 */
export function wishesOutside(deps: {
  readonly via: Via
  readonly receive: RecordIntent['receive']
  /** Carries on with the incident at once, where this process is the one that does. */
  readonly wake: (incident: string) => void
  readonly journal: Pick<Journal, 'read'>
  readonly headlineChannel: string
  readonly patienceMs: number
  readonly sleep: Sleep
}): (asked: Asked) => Promise<Outcome> {
  const never = new AbortController().signal

  async function outcomeOf(id: string, delivery: string, after: number): Promise<Outcome | null> {
    for (const { event } of await deps.journal.read(id, after)) {
      if (event.type === 'intent-accepted' && event.delivery === delivery) {
        return { kind: 'granted' }
      }
      if (event.type === 'intent-refused' && event.delivery === delivery) {
        return refused(event.reason, event.detail)
      }
    }
    return null
  }

  return async ({ by, incident, intent }) => {
    const delivery = `${deps.via}:${randomUUID()}`
    const channel = incident.declared?.channel ?? incident.opened?.place.channel
    const place = { channel: channel ?? deps.headlineChannel, thread: null }
    const received = { delivery, by, place, card: null, intent, via: deps.via }
    const receipt = await deps.receive(incident.id, received)
    if (receipt.kind === 'refused') return receipt
    if (receipt.kind === 'left') return receipt.because
    deps.wake(incident.id)
    for (let waited = 0; waited < deps.patienceMs; waited += LOOK_MS) {
      // oxlint-disable-next-line no-await-in-loop -- it is looked for until it is there
      const outcome = await outcomeOf(incident.id, delivery, incident.sequence)
      if (outcome) return outcome
      // oxlint-disable-next-line no-await-in-loop -- as above
      await deps.sleep(LOOK_MS, never)
    }
    return { kind: 'undecided' }
  }
}
