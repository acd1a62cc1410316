import { join } from 'node:path'
import { describe, onTestFinished } from 'vitest'
import { sqliteLedger } from '../../../src/adapters/sqlite/ledger.ts'
import { releaseLedgerContract } from '../../support/contracts/release-ledger.ts'
import { temporaryFolder } from '../../support/journal.ts'
import { memoryLedger } from '../../support/memory-ledger.ts'

describe('the SQLite ledger', () => {
  releaseLedgerContract({
    async start() {
      const file = join(temporaryFolder(), 'releases.sqlite')
      const connect = async () => {
        const ledger = sqliteLedger({ file })
        onTestFinished(() => ledger.close())
        return ledger
      }
      return { ledger: await connect(), connect }
    },
  })
})

describe('the ledger that tests keep in memory', () => {
  releaseLedgerContract({
    async start() {
      const ledger = memoryLedger()
      return { ledger, connect: async () => ledger }
    },
  })
})
