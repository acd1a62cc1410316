import { z } from 'zod'
import { NO_EVENT, StoredHead, type HashedRow } from '../../journal/chain.ts'
import { headlineOf } from '../../journal/headline.ts'
import type { Head } from '../../ports/journal.ts'
import {
  deliveriesOf,
  type AppendStore,
  type AskedAppend,
  type Holder,
} from '../../journal/write-append.ts'
import type { Session, Statement } from './connections.ts'

/** What of the journal decides about some appends, read at once, and what they write, written at once. */
export type TurnStore = AppendStore & {
  /** Whether the event at this place is the one that it was. */
  readonly keeps: boolean
  readonly rows: readonly HashedRow[]
  /** Whether anything is to be written. */
  isChanged(): boolean
  writes(): readonly Statement[]
}

const Found = z.object({
  head: StoredHead.nullable(),
  kept: z.string().nullable(),
  deliveries: z.array(z.string()).nullable(),
  last: z.array(z.object({ incident: z.string(), sequence: z.int() })).nullable(),
  holds: z.array(z.object({ target: z.string(), incident: z.string(), plan: z.int() })).nullable(),
})

const READ = `
  SELECT
    (SELECT json_build_object('position', position, 'hash', hash)
      FROM backout.events ORDER BY position DESC LIMIT 1) AS head,
    (SELECT hash FROM backout.events WHERE position = $4) AS kept,
    (SELECT json_agg(delivery) FROM backout.events WHERE delivery = ANY ($1)) AS deliveries,
    (SELECT json_agg(json_build_object('incident', incident, 'sequence', sequence)) FROM (
      SELECT incident, (
        SELECT max(sequence) FROM backout.events WHERE incident = asked.incident
      ) AS sequence FROM unnest($2::text[]) AS asked (incident)
    ) AS last WHERE sequence IS NOT NULL) AS last,
    (SELECT json_agg(json_build_object('target', target, 'incident', incident, 'plan', plan))
      FROM backout.holds WHERE target = ANY ($3)) AS holds`

/** For use inside a transaction that has the journal's lock. */
export async function readTurn(
  session: Session,
  asked: readonly AskedAppend[],
  known: Head,
): Promise<TurnStore> {
  const appends = asked.map(({ append }) => append)
  const [row] = await session.ask(READ, [
    appends.flatMap(deliveriesOf),
    [...new Set(appends.map(({ incident }) => incident))],
    appends.flatMap(({ holds }) => holds?.targets ?? []),
    known.position,
  ])
  const found = Found.parse(row)
  const keeps = known.position === 0 || found.kept === known.hash
  return { ...turnStore(found), keeps }
}

/** Over what was found out, or is known. */
export function turnStore(found: Omit<z.infer<typeof Found>, 'kept'>): Omit<TurnStore, 'keeps'> {
  const deliveries = new Set(found.deliveries)
  const last = new Map(found.last?.map(({ incident, sequence }) => [incident, sequence]))
  const holders = new Map<string, Holder>(
    found.holds?.map(({ target, ...holder }) => [target, holder]),
  )
  let head: Head = found.head ?? NO_EVENT
  const rows: HashedRow[] = []
  const claimed = new Set<string>()
  const released: Holder[] = []

  return {
    rows,
    hasDelivery: (delivery) => deliveries.has(delivery),
    lastSequence: (incident) => last.get(incident) ?? 0,
    head: () => head,
    insert(row) {
      rows.push(row)
      head = { position: row.position, hash: row.hash }
      last.set(row.incident, row.sequence)
      if (row.delivery !== null) deliveries.add(row.delivery)
    },
    holderOf: (target) => holders.get(target) ?? null,
    claim(targets, holder) {
      for (const target of targets) {
        claimed.add(target)
        holders.set(target, holder)
      }
    },
    release(holder) {
      released.push(holder)
      for (const [target, { incident, plan }] of holders) {
        if (incident === holder.incident && plan === holder.plan) holders.delete(target)
      }
    },
    isChanged: () => rows.length + claimed.size + released.length > 0,
    writes: () => [
      ...writingRows(rows),
      ...writingHolds(
        released,
        [...holders].filter(([target]) => claimed.has(target)),
      ),
    ],
  }
}

export const EVENTS =
  'backout.events (position, incident, sequence, at, delivery, type, body, hash)'

/** With what is looked for beside them. */
export function writingRows(rows: readonly HashedRow[]): readonly Statement[] {
  if (rows.length === 0) return []
  const headlines = rows.flatMap(({ position, type, body }) => {
    const headline = headlineOf(type, body)
    return headline ? [{ position, ...headline }] : []
  })
  const events = {
    text: `INSERT INTO ${EVENTS}
     SELECT * FROM unnest(
       $1::bigint[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
    values: [
      rows.map(({ position }) => position),
      rows.map(({ incident }) => incident),
      rows.map(({ sequence }) => sequence),
      rows.map(({ at }) => at),
      rows.map(({ delivery }) => delivery),
      rows.map(({ type }) => type),
      rows.map(({ body }) => body),
      rows.map(({ hash }) => hash),
    ],
  }
  if (headlines.length === 0) return [events]
  const index = {
    text: `INSERT INTO backout.headlines (position, channel, ts)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])`,
    values: [
      headlines.map(({ position }) => position),
      headlines.map(({ channel }) => channel),
      headlines.map(({ ts }) => ts),
    ],
  }
  return [events, index]
}

/** First all that is given back: a target may have gone from one plan to the next in between. */
export function writingHolds(
  released: readonly Holder[],
  held: readonly (readonly [string, Holder])[],
): readonly Statement[] {
  const givenBack = {
    text: `DELETE FROM backout.holds USING unnest($1::text[], $2::int[]) AS given (incident, plan)
       WHERE holds.incident = given.incident AND holds.plan = given.plan`,
    values: [released.map(({ incident }) => incident), released.map(({ plan }) => plan)],
  }
  // What the plan holds already stays its own.
  const taken = {
    text: `INSERT INTO backout.holds (target, incident, plan)
     SELECT * FROM unnest($1::text[], $2::text[], $3::int[]) ON CONFLICT (target) DO NOTHING`,
    values: [
      held.map(([target]) => target),
      held.map(([, { incident }]) => incident),
      held.map(([, { plan }]) => plan),
    ],
  }
  return [...(released.length > 0 ? [givenBack] : []), ...(held.length > 0 ? [taken] : [])]
}
