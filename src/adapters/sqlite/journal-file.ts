import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../domain/base/fault.ts'

export const JOURNAL_FILE = 'journal.sqlite'

/** The journal's file in its folder, which is made if need be. What is in it is nobody else's business. */
export function journalFile(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return join(folder, JOURNAL_FILE)
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    const detail = `the folder ${folder} cannot be made or written (${why}); set BACKOUT_DATA`
    throw new Fault({ kind: 'terminal', dependency: 'journal', detail, code: why, cause })
  }
}
