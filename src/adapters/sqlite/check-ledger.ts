import { ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { sqliteLedger } from './ledger.ts'
import { ledgerFile } from './ledger-file.ts'

/** Whether the history of releases can be written, and all of it be read. */
export async function checkLedger(folder: string): Promise<readonly Check[]> {
  const tried = `write and read the release ledger in ${folder}`
  const ledger = sqliteLedger({ file: ledgerFile(folder) })
  try {
    await ledger.check()
    return [ok('release ledger', tried, 'writable, and all of it can be read')]
  } catch (error) {
    const found = error instanceof Fault ? error.detail : String(error)
    const todo =
      error instanceof Fault && error.kind === 'retryable'
        ? 'make room on the disk, or end the other process that holds the file'
        : 'as long as it cannot be used, no version is known that a service could go back to'
    return [wrong('release ledger', tried, found, todo)]
  } finally {
    ledger.close()
  }
}
