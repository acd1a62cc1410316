import { Fault } from '../../domain/base/fault.ts'
import type { Event } from '../../domain/incident/event.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Delivery, OutboxKind, Receipt, To } from '../../domain/outbox/outbox.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { IncidentLog } from '../journal/incident-log.ts'

/** Something that is to be sent outward once. */
export type Once<Kind extends OutboxKind> = {
  readonly incident: string
  readonly kind: Kind
  readonly key: string
  readonly to: To<Kind>
  send(to: To<Kind>): Promise<Receipt<Kind>>
  /** Whether it is there already; left out where the other side cannot be asked. */
  find?(to: To<Kind>, sinceMs: number): Promise<Receipt<Kind> | null>
  /** Whether its arrival still matters, when it is known. */
  wanted?(incident: Incident): boolean
}

export type SentOnce = 'sent' | 'again' | 'unknown'

/**
 * How long something that another process sends may still be on its way: longer than any call of ours.
 * Until then nothing is sent in its stead (J5).
 */
const IN_FLIGHT_MS = 6_000
const LOOK_AGAIN_MS = 500

/** Clocks differ: it is looked for from this long before it was sent. */
const CLOCK_SLACK_MS = 120_000

/**
 * Sends outward what must not be sent twice: claims it in the journal, sends, and writes down what came
 * of it (J1). Whatever was claimed and has no result is looked for first (J4); where it cannot be looked
 * for, and may have arrived, it is left to a person. Throws the `Fault` of the other side.
 */
export function sendingOnce(deps: {
  readonly incidents: IncidentLog
  readonly clock: Clock
  readonly sleep: Sleep
  readonly stopped: AbortSignal
}) {
  const { incidents } = deps
  /** Claims of this process: nobody else is sending them. */
  const claimedHere = new Set<string>()

  return async <Kind extends OutboxKind>(once: Once<Kind>): Promise<SentOnce> => {
    const { incident: id, kind, key } = once
    const name = `${id}/${kind}/${key}`
    const delivery = deliveryOf(await incidents.load(id), kind, key)
    if (delivery?.kind === 'delivered') return 'sent'
    if (delivery?.kind === 'unknown') return 'unknown'
    if (delivery) {
      const found = await lookFor(once, delivery)
      if (found) return remember(once, found, name)
      const ageMs = deps.clock.now() - Date.parse(delivery.since)
      // Negative: the clock was set back, and that was long ago by any other clock.
      if (!claimedHere.has(name) && ageMs >= 0 && ageMs < IN_FLIGHT_MS) {
        await deps.sleep(LOOK_AGAIN_MS, deps.stopped)
        return 'again'
      }
      if (!once.find && !claimedHere.has(name)) {
        return giveToAPerson(once, 'Backout was stopped while it was being sent')
      }
    } else {
      const claimed = await incidents.append(id, (newest) => {
        const event = { type: 'outbox-claimed', kind, key, to: once.to } as Event
        return deliveryOf(newest, kind, key) ? null : [event]
      })
      if (claimed.kind !== 'appended') return 'again'
      claimedHere.add(name)
    }
    try {
      return await remember(once, await once.send(once.to), name)
    } catch (error) {
      if (!(error instanceof Fault) || once.find) throw error
      if (error.kind === 'unknown-outcome') return giveToAPerson(once, error.detail)
      await release(once, error.detail, name)
      throw error
    }
  }

  /** It is certainly not there: whoever tries next claims it anew. */
  async function release<Kind extends OutboxKind>(
    { incident, kind, key }: Once<Kind>,
    because: string,
    name: string,
  ): Promise<void> {
    await incidents.append(incident, (newest) => {
      const event = { type: 'outbox-released', kind, key, because } as Event
      return deliveryOf(newest, kind, key)?.kind === 'claimed' ? [event] : null
    })
    claimedHere.delete(name)
  }

  /** Only if it is still wanted there: what it belongs to may be gone meanwhile. */
  async function remember<Kind extends OutboxKind>(
    { incident, kind, key, wanted = () => true }: Once<Kind>,
    receipt: Receipt<Kind>,
    name: string,
  ): Promise<SentOnce> {
    const written = await incidents.append(incident, (newest) => {
      const now = deliveryOf(newest, kind, key)
      if (now?.kind !== 'claimed' || !wanted(newest)) return null
      return [{ type: 'outbox-delivered', kind, key, receipt } as Event]
    })
    claimedHere.delete(name)
    return written.kind === 'appended' ? 'sent' : 'again'
  }

  async function giveToAPerson<Kind extends OutboxKind>(
    { incident, kind, key }: Once<Kind>,
    because: string,
  ): Promise<SentOnce> {
    await incidents.append(incident, (newest) => {
      const event = { type: 'outbox-unknown', kind, key, because } as Event
      return deliveryOf(newest, kind, key)?.kind === 'claimed' ? [event] : null
    })
    return 'unknown'
  }
}

function deliveryOf(incident: Incident, kind: OutboxKind, key: string): Delivery | undefined {
  const all: Readonly<Record<string, Delivery | undefined>> = incident.outbox[kind]
  return all[key]
}

async function lookFor<Kind extends OutboxKind>(
  { find }: Once<Kind>,
  claim: Extract<Delivery, { kind: 'claimed' }>,
): Promise<Receipt<Kind> | null> {
  return (await find?.(claim.to as To<Kind>, Date.parse(claim.since) - CLOCK_SLACK_MS)) ?? null
}
