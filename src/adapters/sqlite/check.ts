import { statfsSync } from 'node:fs'
import { ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { openForWriting, proveWritable } from './database.ts'
import { journalFile } from './journal.ts'
import { verifyJournal } from './verify-journal.ts'

/** File systems whose locks or fsync cannot be trusted (statfs(2)): NFS, SMB, CIFS, SMB2, AFS, FUSE, 9P. */
const REMOTE = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
])

/** Whether the journal can be written, is intact, and stands on a disk whose word can be taken. */
export function checkJournal(folder: string): readonly Check[] {
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
    return [written, onLocalDisk(folder)]
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

function onLocalDisk(folder: string): Check {
  const tried = `file system of ${folder}`
  const remote = REMOTE.get(statfsSync(folder).type)
  return remote
    ? wrong(
        'journal',
        tried,
        `it is on ${remote}, where a commit may be lost`,
        'move BACKOUT_DATA to a local disk',
      )
    : ok('journal', tried, 'local')
}
