import type { RunbookSettings } from '../../src/runbook/parts/settings.ts'
import type { Document } from '../../src/sandbox/database/documents.ts'
import type { SimulatedMigration } from '../../src/sandbox/database/jobs.ts'

const LEDGER = { collection: 'migrations', id: '002-tenants' }

/** One more `down` each: whoever does it twice is seen. */
const down = (one: Document): Document => {
  return { ...one, downs: typeof one['downs'] === 'number' ? one['downs'] + 1 : 1 }
}

/** What the release has made of the rest of the data. */
export const MIGRATION: SimulatedMigration = {
  ledger: LEDGER,
  down: { users: down, documents: down },
}

type Settings = NonNullable<NonNullable<RunbookSettings['database']>['migration']>

/** The same in the settings. */
export const MIGRATION_SETTINGS: Settings = {
  ledger: { collection: LEDGER.collection, applied: { _id: LEDGER.id } },
  collections: ['users', 'documents'],
  image: `registry.example/backend@sha256:${'a'.repeat(64)}`,
  command: ['node', 'migrations/002-tenants.js', 'down'],
  seconds: 30,
}
