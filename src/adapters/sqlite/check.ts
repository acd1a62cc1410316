import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { openForWriting, proveWritable } from './database.ts'
import { journalFile } from './journal-file.ts'
import { networkDiskOf } from './network-disk.ts'
import { verifyJournal } from './verify-journal.ts'

/** Whether the journal can be written, is intact, and stands on a disk whose word can be taken. */
export function checkJournal(folder: string, disk: { readonly anyway: boolean }): readonly Check[] {
  const tried = `write and verify the journal in ${folder}`
  try {
    const file = journalFile(folder)
    const database = openForWriting(file)
    try {
      proveWritable(file, database)
    } finally {
      database.close()
    }
    const proof = verifyJournal(file)
    const written =
      proof.kind === 'intact'
        ? ok('journal', tried, `writable, ${proof.events} events, intact`)
        : wrong(
            'journal',
            tried,
            `event ${proof.position}: ${proof.what}`,
            'keep the file and run verify-journal',
          )
    return [written, onLocalDisk(folder, disk)]
  } catch (error) {
    const found =
      error instanceof Fault ? error.detail : error instanceof Error ? error.message : String(error)
    const todo =
      error instanceof Fault && error.kind === 'retryable'
        ? 'make room on the disk, or end the other process that holds the journal'
        : 'give Backout a writable folder of its own (BACKOUT_DATA)'
    return [wrong('journal', tried, found, todo)]
  }
}

function onLocalDisk(folder: string, { anyway }: { readonly anyway: boolean }): Check {
  const tried = `file system of ${folder}`
  const kind = networkDiskOf(folder)
  if (kind === null) return ok('journal', tried, 'local')
  const found = `it is on ${kind}, where a commit may be lost`
  return anyway
    ? careful('journal', tried, `${found}; BACKOUT_DATA_ANYWAY is set`, MOVE)
    : wrong('journal', tried, found, MOVE)
}

const MOVE = 'move BACKOUT_DATA to a local disk'
