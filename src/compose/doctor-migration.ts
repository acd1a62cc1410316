import type { Config } from '../config/load-config.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Jobs } from '../ports/jobs.ts'
import type { World } from '../ports/world.ts'
import { askLedger } from '../runbook/database/ledger.ts'
import { toldVariables } from '../runbook/database/migration-settings.ts'

const TRIED = 'the ledger of the migration'

const RUNS = 'what takes the migration back'

/** What the ledger says now, whether what would be copied is there, and whether its down would be run. */
export async function checkMigration(
  { settings }: Pick<Config, 'settings'>,
  { collections, jobs }: Pick<World, 'collections' | 'jobs'>,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { migration } = settings.procedures.database ?? {}
  if (!migration || !collections) return []
  const run = await runCheck(migration, jobs ?? null, signal)
  const { collection } = migration.ledger
  try {
    const [says, list] = await Promise.all([
      askLedger(collections, migration.ledger, signal),
      collections.list(signal),
    ])
    const missing = migration.collections.filter((name) => list.every((one) => one.name !== name))
    return [
      ...run,
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
    return [
      ...run,
      wrong('mongodb', TRIED, error.detail, 'check MONGODB_RESTORE_URI and its rights'),
    ]
  }
}

/** Asked as before a plan is carried out: nothing is started. */
async function runCheck(
  migration: NonNullable<NonNullable<Config['settings']['procedures']['database']>['migration']>,
  jobs: Jobs | null,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  if (!jobs) return []
  const { image, command, minutes, docker } = migration
  const runs = docker ? 'docker' : 'kubernetes'
  const todo = `check procedures.database.migration.${runs} in backout.yaml`
  const variables = toldVariables(migration)
  const job = { name: 'backout-rehearsal', image, command, seconds: minutes * 60, variables }
  try {
    const asked = { key: 'doctor', cause: 'doctor', dryRun: true, signal }
    const answer = await jobs.start(job, asked)
    return answer.kind === 'refused'
      ? [wrong(runs, RUNS, `${jobs.where}: ${answer.because}`, todo)]
      : [ok(runs, RUNS, `${jobs.where} would run it`)]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [wrong(runs, RUNS, error.detail, todo)]
  }
}
