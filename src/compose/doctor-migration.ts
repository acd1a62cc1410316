import type { Config } from '../config/load-config.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import type { World } from '../ports/world.ts'
import { askLedger } from '../runbook/database/ledger.ts'

const TRIED = 'the ledger of the migration'

/** What the ledger says now, and whether what would be copied is there. */
export async function checkMigration(
  { settings }: Pick<Config, 'settings'>,
  { collections }: Pick<World, 'collections'>,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { migration } = settings.procedures.database ?? {}
  if (!migration || !collections) return []
  const { collection } = migration.ledger
  try {
    const [says, list] = await Promise.all([
      askLedger(collections, migration.ledger, signal),
      collections.list(signal),
    ])
    const missing = migration.collections.filter((name) => list.every((one) => one.name !== name))
    return [
      says === 'not-there'
        ? careful(
            'mongodb',
            TRIED,
            `there is no collection ${collection}: nothing is taken back`,
            'check procedures.database.migration.ledger in backout.yaml',
          )
        : ok(
            'mongodb',
            TRIED,
            `${collection} says: ${says === 'applied' ? 'applied' : 'not applied'}`,
          ),
      ...(missing.length > 0
        ? [
            wrong(
              'mongodb',
              'what the migration changes',
              `not there: ${missing.join(', ')}`,
              'check procedures.database.migration.collections in backout.yaml',
            ),
          ]
        : []),
    ]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [wrong('mongodb', TRIED, error.detail, 'check MONGODB_RESTORE_URI and its rights')]
  }
}
