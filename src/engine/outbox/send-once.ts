/* oxlint-disable typescript/no-unsafe-type-assertion -- what belongs to a kind is known by its table; the compiler cannot follow a kind that is only known later */

import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import {
  deliveryOf,
  outboxEvent,
  type Delivery,
  type OutboxKind,
  type Receipt,
  type To,
} from '../../domain/outbox/outbox.ts'
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
  find?(to: To<Kind>, sinceMs: number): Promise<Found<Kind>>
  /** Whether it is owed still, when it is claimed: somebody else may have seen to it meanwhile. */
  owed?(incident: Incident): boolean
  /** How long one call may take. */
  readonly deadlineMs?: number
  /** Left out: what is not there when it is looked for, was not sent. */
  readonly onItsWay?: OnItsWay
  /** Whether its arrival still matters, when it is known. */
  wanted?(incident: Incident): boolean
}

/** So long after it was sent it may still turn up: until then "it is not there" does not mean that it will not come (J4). */
export type OnItsWay = {
  readonly forMs: number
  /** Left out: with a growing pause. */
  readonly lookAgainMs?: number
}

/** `null`: it is not there, or sending it again does no harm. */
export type Found<Kind extends OutboxKind> = Receipt<Kind> | null | Unknowable

/** Of this one nobody can say whether it is there: it is left to a person. */
export class Unknowable {
  readonly because: string

  constructor(because: string) {
    this.because = because
  }
}

export type SentOnce = 'sent' | 'again' | 'unknown' | 'refused'

/**
 * How long something that another process sends may still be on its way: longer than a call of ours takes.
 * Until then nothing is sent in its stead (J5).
 */
const IN_FLIGHT_MS = 6_000
const LOOK_AGAIN_MS = 500

const STOPPED = 'Backout was stopped while it was being sent'

/** Clocks differ: it is looked for from this long before it was sent. */
const CLOCK_SLACK_MS = 120_000

type AnyOnce = Once<OutboxKind>

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
}): (once: AnyOnce) => Promise<SentOnce> {
  const { incidents } = deps
  /** Claims of this process: nobody else is sending them. */
  const claimedHere = new Set<string>()
  /** When that was sent which may have arrived. */
  const lostAtMs = new Map<string, number>()
  /** What came of what was sent, while the journal does not take it: known here, it is not sent again. */
  const unwritten = new Map<string, () => Promise<SentOnce>>()

  async function sendOnce(once: AnyOnce): Promise<SentOnce> {
    const { incident: id, kind, key } = once
    const name = `${id}/${kind}/${key}`
    if (unwritten.has(name)) return writeDown(name)
    const delivery = deliveryOf((await incidents.load(id)).outbox, kind, key)
    if (delivery?.kind === 'delivered') return 'sent'
    if (delivery?.kind === 'unknown' || delivery?.kind === 'refused') return delivery.kind
    if (delivery?.kind === 'claimed') {
      const answer = await lookFor(once, delivery, name)
      if (answer !== 'not-there') return answer
    } else {
      const claimed = await incidents.append(id, (newest) => claimOf(once, newest))
      if (claimed.kind !== 'appended') return 'again'
      claimedHere.add(name)
    }
    return send(once, name)
  }

  async function lookFor(
    once: AnyOnce,
    { to, since }: Extract<Delivery, { kind: 'claimed' }>,
    name: string,
  ): Promise<SentOnce | 'not-there'> {
    const found = await once.find?.(to, Date.parse(since) - CLOCK_SLACK_MS)
    if (found && !(found instanceof Unknowable)) return remember(once, found, name)
    const sentMs = Math.max(Date.parse(since), lostAtMs.get(name) ?? 0)
    if (once.find && !found) notTooEarly(once, deps.clock.now() - sentMs)
    // Negative: the clock of who claimed it is ahead, or ours was set back.
    const ageMs = Math.abs(deps.clock.now() - Date.parse(since))
    const ours = claimedHere.has(name)
    const inFlightMs = Math.max(IN_FLIGHT_MS, (once.deadlineMs ?? 0) + 1_000)
    const othersSend = !ours && ageMs < inFlightMs
    // Without a way to look, ours can only be on its way: what came of it would be known.
    if (othersSend || (ours && !once.find)) {
      await deps.sleep(LOOK_AGAIN_MS, deps.stopped)
      // What the other one has written since.
      await incidents.current(once.incident)
      return 'again'
    }
    if (once.find && !found) return 'not-there'
    return giveToAPerson(once, whyUnknowable(found), name)
  }

  async function send(once: AnyOnce, name: string): Promise<SentOnce> {
    try {
      const receipt = await once.send(once.to)
      unwritten.set(name, () => remember(once, receipt, name))
    } catch (error) {
      const unsent = error instanceof Fault && error.kind !== 'unknown-outcome'
      if (!unsent) lostAtMs.set(name, deps.clock.now())
      // It is looked for before it is sent again.
      if (once.find) throw error
      const because = error instanceof Fault ? error.detail : String(error)
      unwritten.set(name, () => (unsent ? release : giveToAPerson)(once, because, name))
      const answer = await writeDown(name)
      if (unsent || !(error instanceof Fault)) throw error
      return answer
    }
    return writeDown(name)
  }

  async function writeDown(name: string): Promise<SentOnce> {
    const written = await unwritten.get(name)?.()
    unwritten.delete(name)
    return written ?? 'again'
  }

  async function remember(
    once: AnyOnce,
    receipt: Receipt<OutboxKind>,
    name: string,
  ): Promise<SentOnce> {
    const written = await incidents.append(once.incident, (newest) =>
      deliveredOf(once, receipt, newest),
    )
    forget(name)
    return written.kind === 'appended' ? 'sent' : 'again'
  }

  function forget(name: string): void {
    claimedHere.delete(name)
    lostAtMs.delete(name)
  }

  /** It is certainly not there: whoever tries next claims it anew. */
  async function release(once: AnyOnce, because: string, name: string): Promise<SentOnce> {
    await unlessAnswered(once, { type: 'outbox-released', because }, name)
    return 'again'
  }

  async function giveToAPerson(once: AnyOnce, because: string, name: string): Promise<SentOnce> {
    await unlessAnswered(once, { type: 'outbox-unknown', because }, name)
    return 'unknown'
  }

  async function unlessAnswered(once: AnyOnce, news: News, name: string): Promise<void> {
    await incidents.append(once.incident, (newest) => newsOf(once, news, newest))
    forget(name)
  }

  return sendOnce
}

/** Only while it waits and is still owed: it may have been sent, or answered, meanwhile. */
function claimOf(once: AnyOnce, newest: Incident) {
  const { kind, key, to } = once
  if ((deliveryOf(newest.outbox, kind, key)?.kind ?? 'waiting') !== 'waiting') return null
  if (once.owed && !once.owed(newest)) return null
  return [outboxEvent({ type: 'outbox-claimed', kind, key, to })]
}

/** Only if it is still wanted there: what it belongs to may be gone meanwhile. */
function deliveredOf(once: AnyOnce, receipt: Receipt<OutboxKind>, newest: Incident) {
  const { kind, key } = once
  const now = deliveryOf(newest.outbox, kind, key)
  // Another process may have given it up while it was on its way.
  const over = now === undefined || now.kind === 'delivered'
  if (over || (once.wanted && !once.wanted(newest))) return null
  return [outboxEvent({ type: 'outbox-delivered', kind, key, receipt })]
}

type News = { readonly type: 'outbox-released' | 'outbox-unknown'; readonly because: string }

function newsOf({ kind, key }: AnyOnce, news: News, newest: Incident) {
  const claimed = deliveryOf(newest.outbox, kind, key)?.kind === 'claimed'
  return claimed ? [outboxEvent({ ...news, kind, key })] : null
}

function notTooEarly({ kind, onItsWay }: AnyOnce, ageMs: number): void {
  // Negative: our clock was set back.
  if (!onItsWay || Math.abs(ageMs) >= onItsWay.forMs) return
  throw new Fault({
    kind: 'unknown-outcome',
    dependency: kind,
    code: 'on-its-way',
    detail: 'it was sent, and is not seen there yet',
    retryAfterMs: onItsWay.lookAgainMs ?? null,
  })
}

function whyUnknowable(found: unknown): string {
  return found instanceof Unknowable ? found.because : STOPPED
}
