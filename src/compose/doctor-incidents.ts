import { existsSync } from 'node:fs'
import { journalPlace } from '../config/journal-place.ts'
import type { Config } from '../config/load-config.ts'
import { ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { isOfNewerVersion } from '../domain/incident/newer-version.ts'
import { incidentLog } from '../engine/journal/incident-log.ts'
import type { Journal } from '../ports/journal.ts'
import { openJournal } from './open-journal.ts'

const DAY_MS = 24 * 3_600_000

const tried = 'read what is open, and what was written in the last day'

/**
 * Whether this version can read the incidents that it would have to go on with. Changes nothing, and says nothing of a
 * journal that is not there or cannot be read at all: that is told of the journal itself.
 */
export async function checkIncidents(config: Config): Promise<readonly Check[]> {
  const place = journalPlace(config)
  if (place.kind === 'file' && !existsSync(place.file)) return []
  try {
    const journal = await openJournal(config, { now: Date.now })
    try {
      return await readable(journal)
    } finally {
      await journal.close()
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return []
  }
}

async function readable(journal: Journal): Promise<readonly Check[]> {
  const ids = new Set([...(await journal.open()), ...(await journal.recent(DAY_MS))])
  const incidents = incidentLog(journal, { reach() {} })
  for (const id of ids) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: thousands at once would hold them all
    await incidents.load(id).catch(() => null)
  }
  const unreadable = incidents.unreadable()
  if (unreadable.size === 0) return [ok('journal', tried, `${ids.size}, all of them`)]
  return [...unreadable].map(([id, error]) =>
    isOfNewerVersion(error)
      ? wrong('journal', tried, `incident ${id}: ${whyOf(error)}`, TO_UPGRADE)
      : wrong('journal', tried, `incident ${id}: ${whyOf(error)}`, 'run verify-journal'),
  )
}

const TO_UPGRADE =
  'see that a Backout of the newer version runs, and end those of the older one; docs/high-availability.md says how'

function whyOf(error: unknown): string {
  if (error instanceof Fault) return error.detail
  return error instanceof Error ? error.message : String(error)
}
