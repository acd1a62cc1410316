import { Fault } from '../domain/base/fault.ts'
import { Event, type JournaledEvent } from '../domain/incident/event.ts'
import type { Append, Appended, Head } from '../ports/journal.ts'
import { chained, type HashedRow } from './chain.ts'

/** An append as it was at the moment it was asked for, whatever happens until it is written. */
export type AskedAppend = {
  readonly append: Append
  readonly at: string
  /** One for each of its events. */
  readonly bodies: readonly string[]
}

/** A plan that may write to a target. */
export type Holder = { readonly incident: string; readonly plan: number }

/** What is written to, inside one transaction: what is read from it stays true until the commit. */
export type AppendStore = {
  hasDelivery(delivery: string): boolean
  /** Of the incident's last event; 0: it has none. */
  lastSequence(incident: string): number
  head(): Head
  insert(row: HashedRow): void
  /** One row a target. */
  holderOf(target: string): Holder | null
  /** Claims targets that no other plan holds. What the plan holds already stays its own. */
  claim(targets: readonly string[], holder: Holder): void
  release(holder: Holder): void
}

/** Fails for this append alone what would else fail everything that is written together with it. */
export function askedAppend(append: Append, nowMs: number): AskedAppend {
  const deliveries = deliveriesOf(append)
  if (deliveries.length > append.events.length) {
    const detail = `the delivery ${deliveries[append.events.length]} comes with no event that could carry it`
    throw new Fault({ kind: 'terminal', dependency: 'journal', detail })
  }
  try {
    const at = new Date(nowMs).toISOString()
    return { append, at, bodies: append.events.map(bodyOf) }
  } catch (cause) {
    const detail = `what is to be written cannot be: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new Fault({ kind: 'terminal', dependency: 'journal', detail, cause })
  }
}

/**
 * What this version will read again. A field that came along with an event, and that it does not know, would have it
 * taken for one of a newer version, and would stop the incident (J3).
 */
function bodyOf(event: Event): string {
  return JSON.stringify(Event.safeParse(event).data ?? event)
}

export function deliveriesOf({ delivery, deliveries }: Append): readonly string[] {
  return deliveries ?? (delivery === undefined ? [] : [delivery])
}

/** Writes one append, or nothing of it. The rule is the same whatever the journal is kept in. */
export function writeAppend(store: AppendStore, asked: AskedAppend): Appended {
  const { incident, seen } = asked.append
  const isThere = deliveriesOf(asked.append).some((one) => store.hasDelivery(one))
  if (isThere) return { kind: 'duplicate' }
  const last = store.lastSequence(incident)
  if (seen !== 'any' && seen !== last) return { kind: 'conflict' }
  const by = changeHolds(store, asked.append)
  if (by) return { kind: 'held', by }
  return { kind: 'appended', events: writeEvents(store, asked, last) }
}

/** Nothing is changed when another plan holds one of the targets: that one is returned. */
function changeHolds(store: AppendStore, { incident, holds: wanted, releases }: Append) {
  const released = releases === undefined ? null : { incident, plan: releases }
  if (wanted) {
    const own = { incident, plan: wanted.plan }
    const other = otherHolder(store, wanted.targets, released ? [own, released] : [own])
    if (other) return other
  }
  if (released) store.release(released)
  if (wanted) store.claim(wanted.targets, { incident, plan: wanted.plan })
  return null
}

/** The first plan other than these that holds one of the targets. */
function otherHolder(
  store: AppendStore,
  targets: readonly string[],
  than: readonly Holder[],
): Holder | null {
  for (const target of targets) {
    const holder = store.holderOf(target)
    if (!holder) continue
    if (!than.some((one) => one.incident === holder.incident && one.plan === holder.plan))
      return holder
  }
  return null
}

function writeEvents(
  store: AppendStore,
  { append, at, bodies }: AskedAppend,
  last: number,
): readonly JournaledEvent[] {
  const { incident, events } = append
  const deliveries = deliveriesOf(append)
  let { position, hash } = store.head()
  return events.map((event, index): JournaledEvent => {
    const sequence = last + index + 1
    position += 1
    const row = {
      position,
      incident,
      sequence,
      at,
      delivery: deliveries[index] ?? null,
      type: event.type,
      body: bodies[index] ?? '',
    }
    hash = chained(hash, row)
    store.insert({ ...row, hash })
    return { incident, sequence, at, event }
  })
}
