import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/base/fault.ts'
import type { HeldAgainst } from '../../journal/prove-checkpoints.ts'
import { proving, type JournalProof } from '../../journal/prove.ts'
import { guarded, openForReading } from './database.ts'
import { changedAddition } from './layout.ts'

/** Walks the whole journal, and names the first event that is not what was written. */
export function verifyJournal(file: string, outside?: HeldAgainst): JournalProof {
  const database = openForReading(file)
  try {
    return guarded(file, () => {
      const proof = proving(outside)
      for (const stored of database.prepare('SELECT * FROM events ORDER BY position').iterate()) {
        const broken = proof.next(stored)
        if (broken) return broken
      }
      refuseDamage(file, database)
      return proof.end()
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
