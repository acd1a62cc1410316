import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkBackups } from '../../src/compose/doctor-backups.ts'
import { DatabaseSettings } from '../../src/runbook/database/settings.ts'
import { backupsIn, catalogueFolder } from '../support/backups.ts'
import { archiveOf, bson } from '../support/dumped.ts'
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
  const checks = await checkBackups({ settings }, { backups, clock: { now: Date.now } }, signal())
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
