import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import { applyEvent } from '../../domain/incident/fold.ts'
import { newIncident, type Incident } from '../../domain/incident/incident.ts'
import { chained, GENESIS, type Row } from './chain.ts'
import { guarded, openForReading } from './database.ts'
import { changedAddition } from './layout.ts'
import { parseStored } from './stored-event.ts'

const StoredRow = z.object({
  position: z.int(),
  incident: z.string(),
  sequence: z.int(),
  at: z.string(),
  delivery: z.string().nullable(),
  type: z.string(),
  body: z.string(),
  hash: z.string(),
})

export type JournalProof =
  | { readonly kind: 'intact'; readonly events: number; readonly head: string }
  | {
      readonly kind: 'broken'
      readonly position: number
      readonly incident: string
      readonly what: string
    }

/**
 * Walks the whole journal and names the first event that is not what was written. What it cannot
 * see: the newest events cut off at the end, unless their head hash is known from elsewhere.
 */
export function verifyJournal(file: string): JournalProof {
  const database = openForReading(file)
  try {
    return guarded(file, () => {
      const rows = database.prepare('SELECT * FROM events ORDER BY position').iterate()
      let hash = GENESIS
      let events = 0
      const incidents = new Map<string, Incident>()
      for (const stored of rows) {
        const parsed = StoredRow.safeParse(stored)
        const broken = (what: string): JournalProof => ({
          kind: 'broken',
          position: events + 1,
          incident: parsed.success ? parsed.data.incident : 'unknown',
          what,
        })
        if (!parsed.success) return broken('the row cannot be read')
        const row = parsed.data
        if (row.position !== events + 1) return broken('it is missing')
        if (chained(hash, row) !== row.hash)
          return broken('its hash does not match: it was changed')
        const illegal = foldOne(incidents, row)
        if (illegal) return broken(illegal)
        hash = row.hash
        events += 1
      }
      refuseDamage(file, database)
      return { kind: 'intact', events, head: hash }
    })
  } finally {
    database.close()
  }
}

/**
 * The walk above reads the rows alone. Everybody else finds them by an index, and one that is damaged
 * leads to other events, or to none.
 */
function refuseDamage(file: string, database: DatabaseSync): void {
  const changed = changedAddition(database)
  const said = String(database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'])
  const damage = changed === null ? said : `${changed} is not what Backout makes`
  if (damage === 'ok') return
  throw new Fault({
    kind: 'terminal',
    dependency: 'journal',
    detail: `every event in ${file} is as it was written, but the file is damaged (${damage}); keep it, and restore it from a backup`,
  })
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
