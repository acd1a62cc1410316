import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { keptTexts } from '../adapters/files/kept-texts.ts'
import { checkJournal } from '../adapters/sqlite/check.ts'
import { sqliteJournal } from '../adapters/sqlite/journal.ts'
import { JOURNAL_FILE, journalFile } from '../adapters/sqlite/journal-file.ts'
import { ledgerFile } from '../adapters/sqlite/ledger-file.ts'
import { journalPlace, secondFactorFile, type JournalPlace } from '../config/journal-place.ts'
import type { Config } from '../config/load-config.ts'
import { careful, type Check } from '../domain/base/doctor-check.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { KeptTexts } from '../ports/kept.ts'
import type { Lease } from '../ports/lease.ts'
import type { ReleaseLedger } from '../ports/release-ledger.ts'

export type OpenedJournal = Journal & { close(): void | Promise<void> }
export type OpenedKept = KeptTexts & { close(): Promise<void> }
export type OpenedLedger = ReleaseLedger & {
  /** Throws the `Fault` that keeps it from being read or written. */
  check(): Promise<void>
  close(): void | Promise<void>
}

/** The journal where the environment says that it is. Throws the `Fault` that keeps it from being used. */
export async function openJournal(config: Config, clock: Clock): Promise<OpenedJournal> {
  const place = journalPlace(config)
  if (place.kind === 'file') return sqliteJournal({ file: journalFile(place.folder), clock })
  const { openPostgresJournal } = await import('../adapters/postgres/journal.ts')
  return openPostgresJournal({ server: place.server, clock })
}

/** What shares a journal on a server out; `null`: a file has one process. */
export async function openLease(config: Config, leaseMs: number): Promise<Lease | null> {
  const place = journalPlace(config)
  if (place.kind === 'file') return null
  const { postgresLease } = await import('../adapters/postgres/lease.ts')
  const holder = `${hostname()} ${crypto.randomUUID()}`
  return postgresLease({ server: place.server, holder, leaseMs })
}

/**
 * What was found and told last: with the journal on its server, for all processes on it, or in this folder. Nothing is
 * opened before it is asked for.
 */
export async function openKept(place: JournalPlace, folder: string): Promise<OpenedKept> {
  if (place.kind === 'file') return { ...keptTexts(folder), async close() {} }
  const { postgresTexts } = await import('../adapters/postgres/kept-texts.ts')
  return postgresTexts(place.server)
}

/** The history of releases that hosts of containers do not keep, in the same place. */
export async function openLedger(place: JournalPlace): Promise<OpenedLedger> {
  if (place.kind === 'file') {
    const { sqliteLedger } = await import('../adapters/sqlite/ledger.ts')
    return sqliteLedger({ file: ledgerFile(place.folder) })
  }
  const { postgresLedger } = await import('../adapters/postgres/ledger.ts')
  return postgresLedger(place.server)
}

/** What people should know of where the journal is kept, beyond that it can be written. */
export async function aboutJournal(config: Config): Promise<readonly Check[]> {
  const place = journalPlace(config)
  if (place.kind === 'file') return []
  const { aboutJournalServer } = await import('../adapters/postgres/check.ts')
  return [...(await aboutJournalServer(place.server)), ...leftBehind(config)]
}

/** Whether the journal can be used, and what of it is not where it is. */
export async function checkJournalPlace(config: Config): Promise<readonly Check[]> {
  const place = journalPlace(config)
  if (place.kind === 'file') {
    return checkJournal(place.folder, { anyway: config.environment.BACKOUT_DATA_ANYWAY === '1' })
  }
  const { checkPostgresJournal } = await import('../adapters/postgres/check.ts')
  return [...(await checkPostgresJournal(place.server)), ownFolder(config), ...leftBehind(config)]
}

/**
 * What a journal on a server leaves on the disk of each process. Whether several have one folder cannot be seen
 * from one of them, so this is never well.
 */
function ownFolder({ environment }: Config): Check {
  const found = `in ${environment.BACKOUT_DATA} of the process that acts; the journal brings them to no other, and whether others have that folder too cannot be seen from here`
  const todo =
    'with one Backout nothing; with several see that all of them have this folder. docs/high-availability.md says more'
  return careful('journal', 'where evidence and reports are', found, todo)
}

/** A journal in a file, beside one on a server, is read by nobody. */
export function leftBehind({ environment }: Pick<Config, 'environment'>): readonly Check[] {
  const folder = environment.BACKOUT_DATA
  const files = [join(folder, JOURNAL_FILE), secondFactorFile(folder), ledgerFile(folder)]
  const todo = 'bring it over with migrate-journal, or move it away if that is done'
  return files
    .filter((file) => existsSync(file))
    .map((file) =>
      careful(
        'journal',
        'what is left in files',
        `${file} is there too, and nobody reads it`,
        todo,
      ),
    )
}
