import { backoffMs } from '../../domain/base/backoff.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import {
  deliveryOf,
  outboxEvent,
  type OutboxKind,
  type Receipt,
  type To,
} from '../../domain/outbox/outbox.ts'
import { isOver } from '../../domain/outbox/sending.ts'
import type { Clock, Sleep } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from '../journal/incident-log.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { sendingOnce, type Found, type OnItsWay } from './send-once.ts'

/** Messages have a sender of their own, which also edits them. */
type Kind = Exclude<OutboxKind, 'message'>

/** One thing that an incident should have sent outward by now. */
export type Owed<K extends Kind = Kind> = { readonly key: string; readonly to: To<K> }

/** How one kind of thing is sent outward. */
export type Courier<K extends Kind = Kind> = {
  readonly kind: K
  /** Everything that should have been sent by now, in order; what is there already may be named too. Pure. */
  owed(incident: Incident): readonly Owed<K>[]
  /** Sends it. Throws a `Fault`. */
  send(incident: Incident, owed: Owed<K>, signal: AbortSignal): Promise<Receipt<K>>
  /** Whether it is there already; left out where the other side cannot be asked. Throws a `Fault`. */
  find?(incident: Incident, owed: Owed<K>, sinceMs: number, signal: AbortSignal): Promise<Found<K>>
  /** How long each of these may take; left out: five seconds. */
  readonly deadlineMs?: number
  /** Where what was sent may turn up later. */
  readonly onItsWay?: OnItsWay
  /** Runs each sending in its turn, before anything of it is claimed; left out: each begins at once. */
  readonly inTurn?: (work: () => Promise<void>) => Promise<void>
}

export type Couriers = {
  /** Sends what the incident owes, beside everything else. Returns at once. */
  refresh(id: string): void
  /** Tries again what could not be sent, where its time has come. */
  retry(): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
  readonly busy: boolean
}

/** How long each call may take, however the other side is. */
const DEADLINE_MS = 5_000

/** Between two attempts: doubled each time up to the second one, unless the other side names a time. */
const RETRY = { firstMs: 1_000, lastMs: 300_000 } as const

/**
 * Sends outward what incidents owe: pages, posts on the status page, files. Each once (J1, J4); what cannot
 * be sent now is tried again for as long as it is owed, and the journal says why it waits (J6). Nothing
 * waits for it (J9).
 */
export function couriersOf(deps: {
  readonly couriers: readonly Courier[]
  readonly incidents: IncidentLog
  readonly clock: Clock
  readonly sleep: Sleep
  readonly log: Log
  readonly stopped: AbortSignal
}): Couriers {
  const { couriers, incidents, clock, log, stopped } = deps
  const sendOnce = sendingOnce(deps)
  const failing = new Map<string, { readonly failures: number; readonly dueAtMs: number }>()
  const sending = oneAtATime(bringThere)
  /** What was looked through: as long as the state is the same, it owes the same. */
  const seen = new WeakSet<Incident>()

  async function bringThere(name: string): Promise<void> {
    const { kind } = partsOf(name)
    const courier = couriers.find((one) => one.kind === kind)
    if (!courier) return
    const bring = () => bringBy(courier, name)
    return courier.inTurn ? courier.inTurn(bring) : bring()
  }

  async function bringBy(courier: Courier, name: string): Promise<void> {
    const { id, key } = partsOf(name)
    if (stopped.aborted || isPausing(name)) return
    try {
      const incident = await incidents.load(id)
      const owed = courier.owed(incident).find((one) => one.key === key)
      const answer = owed ? await attempt(courier, incident, owed) : 'not owed any more'
      if (answer === 'again') return sending.run(name)
      failing.delete(name)
      // What follows from it may be owed now.
      refresh(id)
    } catch (error) {
      await failed(courier.kind, name, error)
    }
  }

  /** Whatever happens meanwhile: the other side has asked for the pause, or needs it. */
  function isPausing(name: string): boolean {
    return (failing.get(name)?.dueAtMs ?? -Infinity) > clock.now()
  }

  function attempt(courier: Courier, incident: Incident, owed: Owed) {
    const { find, deadlineMs = DEADLINE_MS, onItsWay } = courier
    const inTime = () => AbortSignal.any([AbortSignal.timeout(deadlineMs), stopped])
    return sendOnce({
      incident: incident.id,
      kind: courier.kind,
      key: owed.key,
      to: owed.to,
      deadlineMs,
      ...(onItsWay && { onItsWay }),
      owed: (newest) => courier.owed(newest).some((one) => one.key === owed.key),
      // As it was claimed: what it should be may have changed since.
      send: (to) => courier.send(incident, { ...owed, to }, inTime()),
      ...(find && {
        find: (to: Owed['to'], sinceMs: number) =>
          find(incident, { ...owed, to }, sinceMs, inTime()).catch(notLookedFor),
      }),
    })
  }

  async function failed(kind: Kind, name: string, error: unknown): Promise<void> {
    const { id, key } = partsOf(name)
    const failures = (failing.get(name)?.failures ?? 0) + 1
    const fault = error instanceof Fault ? error : null
    const waitMs = fault?.retryAfterMs ?? backoffMs(failures, RETRY)
    failing.set(name, { failures, dueAtMs: clock.now() + waitMs })
    // Once: as long as it waits, the incident says why.
    if (failures === 1)
      log.warn('something could not be sent', { incident: id, kind, key, failures, error })
    // That it may have arrived is looked into before anything else is said of it (J4).
    const type = fault && eventAfter(fault)
    if (!type) return
    await incidents
      .append(id, (newest) => {
        const now = deliveryOf(newest.outbox, kind, key)?.kind
        const isOpen = now === 'claimed' || (now === 'waiting' && type === 'outbox-refused')
        return isOpen ? [outboxEvent({ type, kind, key, because: fault.detail })] : null
      })
      .catch((unwritten: unknown) => {
        log.error('why it is not sent cannot be written down', { incident: id, error: unwritten })
      })
  }

  function refresh(id: string): void {
    const incident = incidents.inMemory(id)
    if (!incident || seen.has(incident)) return
    seen.add(incident)
    for (const { kind, key } of unsent(couriers, incident)) {
      const name = [id, kind, key].join('/')
      if (!failing.has(name)) sending.run(name)
    }
  }

  return {
    refresh,
    retry() {
      for (const [name, { dueAtMs }] of failing) {
        const { id, kind, key } = partsOf(name)
        const incident = incidents.inMemory(id)
        const owed = incident && unsent(couriers, incident)
        // Sent by another process, refused for good, or not owed any more.
        if (owed && !owed.some((one) => one.kind === kind && one.key === key)) failing.delete(name)
        else if (dueAtMs <= clock.now()) sending.run(name)
      }
    },
    settled: sending.settled,
    get busy() {
      return sending.busy
    },
  }
}

/**
 * That it cannot be looked for says nothing of whether it is there: it is not sent again for that, and a
 * look that is refused for good leaves it to a person.
 */
function notLookedFor(error: unknown): never {
  if (!(error instanceof Fault)) throw error
  const { dependency, detail, code, retryAfterMs } = error
  throw new Fault({
    kind: 'unknown-outcome',
    dependency,
    detail: `it may be there; looking for it: ${detail}`,
    code,
    retryAfterMs,
    cause: error,
  })
}

/** What is written down after a failure; `null`: nothing, because nothing is known by it. */
function eventAfter({ kind, cause }: Fault) {
  switch (kind) {
    case 'terminal':
      return 'outbox-refused'
    case 'retryable':
      return 'outbox-released'
    case 'unknown-outcome':
      return cause instanceof Fault && cause.kind === 'terminal' ? 'outbox-unknown' : null
    default:
      return kind satisfies never
  }
}

/** What is owed and has come to no end yet. */
function unsent(couriers: readonly Courier[], incident: Incident) {
  return couriers.flatMap(({ kind, owed }) =>
    owed(incident).flatMap(({ key }) => {
      return isOver(deliveryOf(incident.outbox, kind, key)?.kind) ? [] : [{ kind, key }]
    }),
  )
}

function partsOf(name: string): {
  readonly id: string
  readonly kind: string
  readonly key: string
} {
  const [id = '', kind = '', ...key] = name.split('/')
  return { id, kind, key: key.join('/') }
}
