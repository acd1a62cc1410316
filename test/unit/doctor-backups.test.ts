import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkBackups } from '../../src/compose/doctor-backups.ts'
import { checkMigration } from '../../src/compose/doctor-migration.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { DatabaseSettings } from '../../src/runbook/database/settings.ts'
import { backupsIn, catalogueFolder } from '../support/backups.ts'
import { archiveOf, bson } from '../support/dumped.ts'
import { assessSettings } from '../support/contracts/settings.ts'
import { MIGRATION, MIGRATION_SETTINGS } from '../support/migration.ts'
import { fakeTools } from '../support/fake-tools.ts'
import { utimes, writeFile } from 'node:fs/promises'

const HOUR_MS = 3_600_000
const signal = () => AbortSignal.timeout(10_000)

const examined = async (given: {
  readonly ageHours?: number
  readonly read?: true
  readonly gone?: true
  readonly toolless?: true
}) => {
  const folder = await catalogueFolder()
  const tools = await fakeTools({ does: 'hangs' })
  const backups = backupsIn(given.gone ? join(folder, 'gone') : folder, {
    tools: given.toolless ? [] : [tools.folder],
  })
  if (given.ageHours !== undefined) {
    const path = join(folder, 'a.archive')
    await writeFile(path, archiveOf([{ collection: 'users', documents: [bson({ _id: 1 })] }]))
    const at = new Date(Date.now() - given.ageHours * HOUR_MS)
    await utimes(path, at, at)
  }
  if (given.read) {
    const verified = await backups.verify('a.archive', () => {}, signal())
    expect(verified.kind).toBe('verified')
  }
  const database = DatabaseSettings.parse({
    name: 'shop',
    collections: ['users'],
    backups: { folder: given.gone ? join(folder, 'gone') : folder },
  })
  const settings = { procedures: { database } } as unknown as Parameters<
    typeof checkBackups
  >[0]['settings']
  const checks = await checkBackups(
    { settings },
    { backups, clock: { now: Date.now }, collections: null },
    signal(),
  )
  return checks.map(({ state, tried, found }) => `${state} ${tried}: ${found}`)
}

test.each<[string, Parameters<typeof examined>[0], readonly string[]]>([
  [
    'all is well',
    { ageHours: 3, read: true },
    [
      'ok mongodump: version 100.9.5',
      'ok mongorestore: version 100.9.5',
      'ok the catalogue: 1 in it, and more can be written',
      'ok the newest verified backup: 3 hours old',
    ],
  ],
  [
    'nobody has read it',
    { ageHours: 3 },
    ['wrong the newest verified backup: none: 1 were never read whole'],
  ],
  ['there is none', {}, ['wrong the newest verified backup: none: no data can be brought back']],
  [
    'it is old',
    { ageHours: 72, read: true },
    [
      'careful the newest verified backup: 3 days old, and older than the 48 h of procedures.database.backups.maxAgeHours',
    ],
  ],
  ['the folder is gone', { gone: true }, ['wrong the catalogue: it is not there any more']],
  [
    'the tools are missing',
    { toolless: true },
    [
      'wrong mongodump: it is not installed: set BACKOUT_MONGO_TOOLS to the folder of the database tools',
    ],
  ],
])('the doctor of backups, where %s', async (_what, given, lines) => {
  expect(await examined(given)).toEqual(expect.arrayContaining([...lines]))
})

describe('the migration that may be taken back', () => {
  const said = async (
    more: Parameters<typeof sandboxWorld>[0]['database'] = {},
    refusal: string | null = null,
  ) => {
    const { world, onJobs } = sandboxWorld({
      scenario: 'healthy',
      clock: { now: Date.now },
      settings: assessSettings,
      database: { everyMs: 0, ...more },
    })
    onJobs?.refuse(refusal)
    const database = { migration: MIGRATION_SETTINGS }
    const settings = { procedures: { database } } as unknown as Parameters<
      typeof checkMigration
    >[0]['settings']
    const checks = await checkMigration({ settings }, world, signal())
    return checks.map(({ state, tried, found }) => `${state} ${tried}: ${found}`)
  }

  test('by what its ledger says, whether what it changes is there, and that nothing tells', async () => {
    expect(await said({ migration: MIGRATION })).toEqual([
      'ok what takes the migration back: namespace backout-jobs would run it',
      'ok the ledger of the migration: migrations says: applied',
    ])
    expect(await said()).toEqual([
      'careful the ledger of the migration: there is no collection migrations: nothing is taken back',
    ])
    expect(await said({ migration: MIGRATION }, 'no such image')).toContain(
      'wrong what takes the migration back: namespace backout-jobs: no such image',
    )
    const collections = [{ name: 'migrations' }, { name: 'users' }]
    expect(await said({ collections })).toEqual([
      'ok the ledger of the migration: migrations says: not applied',
      'wrong what the migration changes: not there: documents',
    ])
  })
})
