import { toMs } from '../base/instant.ts'
import { inRoundWords, inWords } from '../text/duration.ts'
import { utcDayAndTime } from '../text/utc.ts'
import {
  ACCOUNTS_DATABASE,
  dataAtLatest,
  HOLDS_ACCOUNTS,
  standingOf,
  type Backup,
} from './backup.ts'

/** What a backup is chosen for. */
export type Wanted = {
  /** By its id; `null`: the newest that may be used. */
  readonly id: string | null
  readonly database: string
  readonly serverVersion: string
  readonly collections: readonly string[]
  readonly maxAgeMs: number
  readonly nowMs: number
  /** When the trouble was first heard of: what was copied later may hold it. */
  readonly beganAt: string
  /** The newest release before that, which may be what damaged the data. */
  readonly release: { readonly name: string; readonly at: string } | null
}

export type ChosenBackup =
  | {
      readonly kind: 'chosen'
      readonly backup: Backup
      readonly because: string
      readonly cautions: readonly string[]
    }
  | { readonly kind: 'none'; readonly because: string }

/** The backup to restore: the newest verified one that is older than the trouble, or the one that was named. */
export function chooseBackup(backups: readonly Backup[], wanted: Wanted): ChosenBackup {
  if (wanted.id !== null) return named(backups, wanted.id, wanted)
  const newest = backups.toSorted((a, b) => dataMs(b) - dataMs(a))
  const judged = newest.map((backup) => {
    return { backup, because: whyNever(backup, wanted) ?? whyNotByItself(backup, wanted) }
  })
  const usable = judged.flatMap(({ backup, because }) => (because === null ? [backup] : []))
  const verified = usable.find((one) => standingOf(one) === 'verified')
  const [first] = usable
  const backup = verified ?? first
  if (!backup) return { kind: 'none', because: noneOf(judged) }
  const passed = newest.slice(0, newest.indexOf(backup))
  const newer = judged.slice(0, passed.length).map(({ backup: { id }, because }) => {
    return `${id}: ${because ?? 'nobody has read it whole yet'}`
  })
  const kind = verified ? 'verified backup' : 'backup'
  return {
    kind: 'chosen',
    backup,
    because: [`the newest ${kind} from before ${troubleOf(wanted)}`, ...newer].join('; '),
    cautions: cautionsOf(backup, wanted),
  }
}

function named(backups: readonly Backup[], id: string, wanted: Wanted): ChosenBackup {
  const backup = backups.find((one) => one.id === id)
  if (!backup) return { kind: 'none', because: `there is no backup ${id}` }
  const never = whyNever(backup, wanted)
  if (never !== null) return { kind: 'none', because: `${id}: ${never}` }
  const otherwise = whyNotByItself(backup, wanted)
  const cautions = otherwise === null ? [] : [`${id} would not be taken by itself: ${otherwise}.`]
  return {
    kind: 'chosen',
    backup,
    because: 'named by the person who asked',
    cautions: [...cautions, ...cautionsOf(backup, wanted)],
  }
}

/** Why it must not be restored, whoever wants it; `null`: nothing forbids it. */
function whyNever(backup: Backup, wanted: Wanted): string | null {
  const { manifest, problem } = backup
  if (problem !== null) return problem
  if (dataMs(backup) >= toMs(wanted.beganAt)) {
    return `it was made after the trouble began (${utcDayAndTime(dataAtLatest(backup))})`
  }
  if (!manifest) return null
  if (manifest.database !== wanted.database) {
    return `it is of the database ${manifest.database}, not of ${wanted.database}`
  }
  if (manifest.otherDatabases.includes(ACCOUNTS_DATABASE)) return HOLDS_ACCOUNTS
  if (manifest.oneMoment === 'no') return 'it does not show one moment'
  const { serverVersion } = manifest
  if (serverVersion !== null && majorOf(serverVersion) !== majorOf(wanted.serverVersion)) {
    return `it is of server version ${serverVersion}, and this is ${wanted.serverVersion}`
  }
  const held = manifest.collections.map(({ name }) => name)
  const missing = wanted.collections.filter((name) => !held.includes(name))
  return missing.length > 0 ? `it does not hold ${missing.join(', ')}` : null
}

/** Why nobody gets it without naming it. */
function whyNotByItself(backup: Backup, wanted: Wanted): string | null {
  const { release, nowMs, maxAgeMs } = wanted
  if (release && dataMs(backup) >= toMs(release.at)) {
    return `it was made after ${release.name} came (${utcDayAndTime(dataAtLatest(backup))}), which may have damaged what it holds`
  }
  const ageMs = nowMs - dataMs(backup)
  return ageMs > maxAgeMs
    ? `it is ${inRoundWords(ageMs)} old, and the settings take none older than ${inRoundWords(maxAgeMs)} (procedures.database.backups.maxAgeHours)`
    : null
}

function cautionsOf(backup: Backup, { nowMs }: Wanted): readonly string[] {
  const { manifest, id } = backup
  if (!manifest) {
    return [
      `Nobody has read ${id} whole yet: the restore proves it on the way, and stops where it is damaged.`,
    ]
  }
  const { dataAt, oneMoment, serverVersion, lagSeconds } = manifest
  return [
    ...(dataAt.exact
      ? []
      : [`Its data is of ${utcDayAndTime(dataAt.at)} at the latest, and may be older.`]),
    ...(lagSeconds !== null && lagSeconds > 0
      ? [`It was copied from a server that was ${inWords(lagSeconds * 1_000)} behind.`]
      : []),
    ...(oneMoment === 'not-known'
      ? [
          'Nothing tells whether it shows one moment: what was written while it was made may be half in it.',
        ]
      : []),
    ...(serverVersion === null ? ['It does not tell which version of the server it is of.'] : []),
    ...(nowMs < dataMs(backup) ? ['By its own time it is from the future: a clock is wrong.'] : []),
  ]
}

function noneOf(
  judged: readonly { readonly backup: Backup; readonly because: string | null }[],
): string {
  if (judged.length === 0) return 'the catalogue holds no backup'
  const shown = judged.slice(0, 5).map(({ backup, because }) => `${backup.id}: ${because}`)
  const more = judged.length - shown.length
  return `no backup may be used. ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function troubleOf({ release, beganAt }: Wanted): string {
  return release
    ? `${release.name} (${utcDayAndTime(release.at)})`
    : `the trouble began (${utcDayAndTime(beganAt)})`
}

function dataMs(backup: Backup): number {
  return toMs(dataAtLatest(backup))
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? version
}
