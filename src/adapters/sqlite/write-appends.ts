import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { JournaledEvent } from '../../domain/incident/event.ts'
import type { Append, Appended } from '../../ports/journal.ts'
import { chained, GENESIS } from './chain.ts'
import { holdsIn, type Holds } from './holds.ts'

const Head = z.object({ position: z.int(), hash: z.string() })

/** An append as it was at the moment it was asked for, whatever happens until it is written. */
export type AskedAppend = {
  readonly append: Append
  readonly at: string
  /** One for each of its events. */
  readonly bodies: readonly string[]
}

/** Fails for this append alone what would else fail everything that is written together with it. */
export function askedAppend(append: Append, nowMs: number): AskedAppend {
  const deliveries = deliveriesOf(append)
  if (deliveries.length > append.events.length) {
    const detail = `the delivery ${deliveries[append.events.length]} comes with no event that could carry it`
    throw new Fault({ kind: 'terminal', dependency: 'journal', detail })
  }
  const at = new Date(nowMs).toISOString()
  return { append, at, bodies: append.events.map((event) => JSON.stringify(event)) }
}

/** Writes appends one after the other, each with its own outcome. For use inside a transaction. */
export function appendWriter(
  database: DatabaseSync,
): (appends: readonly AskedAppend[]) => readonly Appended[] {
  const statements = prepare(database)
  const holds = holdsIn(database)

  function write(asked: AskedAppend): Appended {
    const { incident, seen } = asked.append
    const isThere = deliveriesOf(asked.append).some((one) => statements.delivery.get(one))
    if (isThere) return { kind: 'duplicate' }
    const last = Number(statements.last.get(incident)?.['sequence'] ?? 0)
    if (seen !== 'any' && seen !== last) return { kind: 'conflict' }
    const by = changeHolds(holds, asked.append)
    if (by) return { kind: 'held', by }
    return { kind: 'appended', events: writeEvents(statements, asked, last) }
  }

  return (appends) => appends.map(write)
}

function deliveriesOf({ delivery, deliveries }: Append): readonly string[] {
  return deliveries ?? (delivery === undefined ? [] : [delivery])
}

/** Nothing is changed when another plan holds one of the targets: that one is returned. */
function changeHolds(holds: Holds, { incident, holds: wanted, releases }: Append) {
  const released = releases === undefined ? null : { incident, plan: releases }
  if (wanted) {
    const own = { incident, plan: wanted.plan }
    const other = holds.otherHolder(wanted.targets, released ? [own, released] : [own])
    if (other) return other
  }
  if (released) holds.release(released)
  if (wanted) holds.claim(wanted.targets, { incident, plan: wanted.plan })
  return null
}

function writeEvents(
  statements: ReturnType<typeof prepare>,
  { append, at, bodies }: AskedAppend,
  last: number,
): readonly JournaledEvent[] {
  const { incident, events } = append
  const deliveries = deliveriesOf(append)
  const head = statements.head.get()
  let { position, hash } = head ? Head.parse(head) : { position: 0, hash: GENESIS }
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
    statements.insert.run(position, incident, sequence, at, row.delivery, row.type, row.body, hash)
    return { incident, sequence, at, event }
  })
}

function prepare(database: DatabaseSync) {
  return {
    last: database.prepare('SELECT max(sequence) AS sequence FROM events WHERE incident = ?'),
    head: database.prepare('SELECT position, hash FROM events ORDER BY position DESC LIMIT 1'),
    delivery: database.prepare('SELECT 1 FROM events WHERE delivery = ?'),
    insert: database.prepare(
      'INSERT INTO events (position, incident, sequence, at, delivery, type, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  }
}
