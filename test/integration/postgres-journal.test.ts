import { afterAll, beforeAll, describe } from 'vitest'
import { missingAllowed } from '../servers/find.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { journalContract } from '../support/contracts/journal.ts'
import { postgresSubject } from '../support/postgres-journal.ts'

describe.skipIf(missingAllowed('postgres'))('the PostgreSQL journal', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
  })
  afterAll(() => server?.stop())

  journalContract(postgresSubject(() => server))
})
