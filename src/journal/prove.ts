import { applyEvent } from '../domain/incident/fold.ts'
import { newIncident, type Incident } from '../domain/incident/incident.ts'
import type { JournaledEvent } from '../domain/incident/event.ts'
import { chained, NO_EVENT, StoredRow, type Row } from './chain.ts'
import { counts, NOTHING_OUTSIDE, wrongCheckpoint, type HeldAgainst } from './prove-checkpoints.ts'
import { parseStored } from './stored-event.ts'

export type Broken = {
  readonly kind: 'broken'
  readonly position: number
  readonly incident: string
  readonly what: string
}

export type JournalProof =
  | {
      readonly kind: 'intact'
      readonly events: number
      readonly head: string
      /** The last event that a checkpoint in the journal covers, a signed one where keys were given; 0: none. */
      readonly checkpointed: number
    }
  | Broken

/** A walk over all rows of a journal, in order. */
export type Proving = {
  /** What is wrong with this row, which is the next one; `null`: nothing. */
  next(stored: unknown): Broken | null
  /** When all rows were walked, and none was broken. */
  end(): JournalProof
}

/**
 * Names the first event that is not what was written. By itself it cannot see the newest events cut off,
 * or the whole chain made anew: for that it is held against what is known from elsewhere.
 */
export function proving({ anchors, publicKeys }: HeldAgainst = NOTHING_OUTSIDE): Proving {
  const hashes: string[] = []
  let checkpointed = 0
  const incidents = new Map<string, Incident>()
  const told = Map.groupBy(anchors, ({ position }) => position)

  function wrongWith(stored: unknown): Omit<Broken, 'kind' | 'position'> | null {
    const parsed = StoredRow.safeParse(stored)
    if (!parsed.success) return { incident: 'unknown', what: 'the row cannot be read' }
    const row = parsed.data
    const { incident } = row
    if (row.position !== hashes.length + 1) return { incident, what: 'it is missing' }
    if (chained(hashes.at(-1) ?? NO_EVENT.hash, row) !== row.hash)
      return { incident, what: 'its hash does not match: it was changed' }
    const folded = foldOne(incidents, row)
    if (typeof folded === 'string') return { incident, what: folded }
    const other = told.get(row.position)?.find(({ hash }) => hash !== row.hash)
    if (other)
      return { incident, what: `${other.where} was told of another event: it was rewritten` }
    const { event } = folded
    if (event.type === 'checkpoint-taken') {
      const what = wrongCheckpoint(incident, event.checkpoint, hashes, publicKeys)
      if (what !== null) return { incident, what }
      if (counts(event.checkpoint, publicKeys)) checkpointed = event.checkpoint.position
    }
    hashes.push(row.hash)
    return null
  }

  return {
    next(stored) {
      const wrong = wrongWith(stored)
      return wrong && { kind: 'broken', position: hashes.length + 1, ...wrong }
    },
    end() {
      const events = hashes.length
      const gone = anchors.find(({ position }) => position > events)
      if (gone) {
        const what = `${gone.where} was told of event ${gone.position}: the newest events are missing`
        return { kind: 'broken', position: events + 1, incident: 'unknown', what }
      }
      return { kind: 'intact', events, head: hashes.at(-1) ?? NO_EVENT.hash, checkpointed }
    },
  }
}

/** Applies the event to its incident; the reason when it cannot follow (J3). */
function foldOne(incidents: Map<string, Incident>, row: Row): JournaledEvent | string {
  try {
    const before = incidents.get(row.incident) ?? newIncident(row.incident)
    const journaled = parseStored(row)
    if (journaled.event.type !== row.type) return 'its type is not what its body says'
    incidents.set(row.incident, applyEvent(before, journaled))
    return journaled
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
