import { applyEvent } from '../domain/incident/fold.ts'
import { newIncident, type Incident } from '../domain/incident/incident.ts'
import { chained, NO_EVENT, StoredRow, type Row } from './chain.ts'
import { parseStored } from './stored-event.ts'

export type Broken = {
  readonly kind: 'broken'
  readonly position: number
  readonly incident: string
  readonly what: string
}

export type JournalProof =
  | { readonly kind: 'intact'; readonly events: number; readonly head: string }
  | Broken

/** A walk over all rows of a journal, in order. */
export type Proving = {
  /** What is wrong with this row, which is the next one; `null`: nothing. */
  next(stored: unknown): Broken | null
  /** When all rows were walked, and none was broken. */
  intact(): Extract<JournalProof, { kind: 'intact' }>
}

/**
 * Names the first event that is not what was written. What it cannot see: the newest events cut off
 * at the end, unless their head hash is known from elsewhere.
 */
export function proving(): Proving {
  let { position: events, hash } = NO_EVENT
  const incidents = new Map<string, Incident>()

  function wrongWith(stored: unknown): Omit<Broken, 'kind' | 'position'> | null {
    const parsed = StoredRow.safeParse(stored)
    if (!parsed.success) return { incident: 'unknown', what: 'the row cannot be read' }
    const row = parsed.data
    const { incident } = row
    if (row.position !== events + 1) return { incident, what: 'it is missing' }
    if (chained(hash, row) !== row.hash)
      return { incident, what: 'its hash does not match: it was changed' }
    const illegal = foldOne(incidents, row)
    if (illegal) return { incident, what: illegal }
    hash = row.hash
    events += 1
    return null
  }

  return {
    next(stored) {
      const wrong = wrongWith(stored)
      return wrong && { kind: 'broken', position: events + 1, ...wrong }
    },
    intact: () => ({ kind: 'intact', events, head: hash }),
  }
}

/** Applies the event to its incident; the reason when it cannot follow (J3). */
function foldOne(incidents: Map<string, Incident>, row: Row): string | null {
  try {
    const before = incidents.get(row.incident) ?? newIncident(row.incident)
    const journaled = parseStored(row)
    if (journaled.event.type !== row.type) return 'its type is not what its body says'
    incidents.set(row.incident, applyEvent(before, journaled))
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
