import { nameOf } from '../adapters/postgres/server.ts'
import type { JournalPlace } from '../config/journal-place.ts'
import { ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { openLedger } from './open-journal.ts'

/** Whether the history of releases can be written, and all of it be read. */
export async function checkLedger(place: JournalPlace): Promise<Check> {
  const where =
    place.kind === 'file' ? `in ${place.folder}` : `on ${place.server.hosts.map(nameOf).join(', ')}`
  const tried = `write and read the release ledger ${where}`
  const ledger = await openLedger(place)
  try {
    await ledger.check()
    return ok('release ledger', tried, 'writable, and all of it can be read')
  } catch (error) {
    const found = error instanceof Fault ? error.detail : String(error)
    const mayPass = error instanceof Fault && error.kind === 'retryable'
    const passes =
      place.kind === 'file'
        ? 'make room on the disk, or end the other process that holds the file'
        : 'docs/high-availability.md says what it needs'
    const todo = mayPass
      ? passes
      : 'as long as it cannot be used, no version is known that a service could go back to'
    return wrong('release ledger', tried, found, todo)
  } finally {
    await ledger.close()
  }
}
