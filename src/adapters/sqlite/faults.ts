import { Fault } from '../../domain/base/fault.ts'

/** One of our files, as people are told of it. */
export type FileKind = {
  /** `journal`. Its faults bear this name. */
  readonly name: string
  /** What to do when it is damaged, in a clause. */
  readonly whenDamaged: string
}

/** Runs something on such a file; what SQLite throws becomes a `Fault` in words. */
export function guardedAs<Result>(kind: FileKind, file: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    throw error instanceof Fault ? error : fileFault(kind, file, error)
  }
}

/** https://www.sqlite.org/rescode.html: the primary result codes, in the low byte of `errcode`. */
function fileFault({ name, whenDamaged }: FileKind, file: string, error: unknown): Fault {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : null
  const at = `the ${name} ${file}`
  const said = (kind: 'retryable' | 'terminal', detail: string) =>
    new Fault({ kind, dependency: name, detail, code: String(code), cause: error })
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE') {
    return said('terminal', `${at} is closed`)
  }
  switch (code) {
    case 5:
    case 6:
      return said('retryable', `${at} is locked by another process`)
    case 8:
      return said('terminal', `${at} is read-only`)
    case 10:
      return said('terminal', `${at} could not be read or written: the disk reports an error`)
    case 11:
      return said('terminal', `${at} is damaged; ${whenDamaged}`)
    case 13:
      return said('retryable', `${at} could not be written: the disk is full`)
    case 14:
      return said('terminal', `${at} cannot be opened; do the folder and its permissions exist?`)
    case 26:
      return said('terminal', `${at} is not a ${name}: the file is damaged or something else`)
    default:
      return said('terminal', `${at}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
