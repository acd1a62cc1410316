import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { Config } from '../config/load-config.ts'
import { careful, ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { Fault } from '../domain/base/fault.ts'
import { dataAtLatest, standingOf, type Backup } from '../domain/data/backup.ts'
import { inRoundWords } from '../domain/text/duration.ts'
import type { CopyTool } from '../ports/backups.ts'
import type { World } from '../ports/world.ts'
import { checkMigration } from './doctor-migration.ts'

const HOUR_MS = 3_600_000

/** The tools, the catalogue, how old the newest backup is that was read whole, and what a migration needs. */
export async function checkBackups(
  { settings }: Pick<Config, 'settings'>,
  { backups, clock, collections, jobs }: Pick<World, 'backups' | 'clock' | 'collections' | 'jobs'>,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { database } = settings.procedures
  if (!database || !backups) return []
  const { folder, maxAgeHours } = database.backups
  try {
    const [tools, all, writable, migration] = await Promise.all([
      backups.tools(signal),
      backups.list(signal),
      mayWrite(folder),
      checkMigration({ settings }, { collections, jobs }, signal),
    ])
    return [
      ...tools.map(toolCheck),
      writable
        ? ok('backups', 'the catalogue', `${all.length} in it, and more can be written`)
        : wrong('backups', 'the catalogue', NOT_WRITABLE, 'let Backout write to the folder'),
      newestCheck(all, { nowMs: clock.now(), maxAgeHours }),
      ...migration,
    ]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const todo = 'check procedures.database.backups.folder in backout.yaml'
    return [wrong('backups', 'the catalogue', error.detail, todo)]
  }
}

const NOT_WRITABLE = 'it may not be written: no copy can be made before data is replaced'

function toolCheck({ name, version, problem }: CopyTool): Check {
  if (problem === null) return ok('backups', name, `version ${version ?? '?'}`)
  return wrong('backups', name, problem, 'install the MongoDB Database Tools')
}

/** A backup that nobody has read whole is no way back. */
function newestCheck(
  all: readonly Backup[],
  { nowMs, maxAgeHours }: { readonly nowMs: number; readonly maxAgeHours: number },
): Check {
  const tried = 'the newest verified backup'
  const times = all
    .filter((one) => standingOf(one) === 'verified')
    .map((one) => Date.parse(dataAtLatest(one)))
  if (times.length === 0) {
    const unread = all.filter((one) => standingOf(one) === 'not-verified').length
    const found =
      unread > 0 ? `none: ${unread} were never read whole` : 'none: no data can be brought back'
    return wrong('backups', tried, found, 'make one with /rollback backup')
  }
  const ageMs = Math.max(0, nowMs - Math.max(...times))
  const found = `${inRoundWords(ageMs)} old`
  if (ageMs <= maxAgeHours * HOUR_MS) return ok('backups', tried, found)
  const older = `${found}, and older than the ${maxAgeHours} h of procedures.database.backups.maxAgeHours`
  return careful('backups', tried, older, 'make one with /rollback backup')
}

function mayWrite(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}
