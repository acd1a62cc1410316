import { toMs } from '../../domain/base/instant.ts'
import type { View } from '../../domain/base/view.ts'
import { dataAtLatest, documentsInside, standingOf, type Backup } from '../../domain/data/backup.ts'
import { bytesInWords, documentsInWords } from '../../domain/text/amounts.ts'
import { inRoundWords } from '../../domain/text/duration.ts'
import { context, header, listed, section, view } from '../parts/blocks.ts'
import { dayAndTime } from '../text/moments.ts'
import { counted, lines, mrk, oneLine, type Mrkdwn } from '../text/text.ts'

const WORDS = {
  verified: 'Verified',
  'not-verified': 'Not verified',
  damaged: 'Not usable',
} as const

/** The backup catalogue, the newest first: what could be restored, and what is known of each. */
export function backupsView(backups: readonly Backup[], nowMs: number): View {
  if (backups.length === 0) {
    const nothing = 'The backup catalogue is empty: there is nothing to restore from.'
    return view(nothing, [
      section(mrk`${nothing}`),
      context(mrk`Next: “backup” plans one of the database as it is now.`),
    ])
  }
  const verified = backups.filter((one) => standingOf(one) === 'verified')
  const newest = verified[0]
  const says = newest
    ? `${backups.length} backups. The newest verified one is ${inRoundWords(nowMs - toMs(dataAtLatest(newest)))} old.`
    : `${counted(backups.length, 'backup')}, and none of them verified.`
  return view(says, [
    header('Backups'),
    section(mrk`*${says}*`),
    ...listed(
      backups.map((one) => entry(one, nowMs)),
      { leftOut: (count) => `${counted(count, 'more backup')} did not fit here.` },
    ),
    context(
      mrk`“plan database” takes the newest verified one from before the trouble; “plan database --backup” and a name takes another.`,
    ),
  ])
}

function entry(backup: Backup, nowMs: number): Mrkdwn {
  const { id, bytes, manifest, problem } = backup
  const age = inRoundWords(nowMs - toMs(dataAtLatest(backup)))
  const latest = manifest?.dataAt.exact ? '' : ' at the latest'
  const head = mrk`*${WORDS[standingOf(backup)]}:* ${oneLine(id, 120)}, ${bytesInWords(bytes)}, of ${dayAndTime(dataAtLatest(backup))}${latest} (${age} ago)`
  const told = problem === null ? contents(backup) : mrk`    ${oneLine(problem, 200)}`
  return lines([head, told])
}

function contents({ manifest }: Backup): Mrkdwn {
  if (!manifest) return mrk`    nobody has read it whole yet`
  const { collections, database, serverVersion, oneMoment, lagSeconds } = manifest
  const more = [
    ...(serverVersion === null ? [] : [`server ${serverVersion}`]),
    ...(oneMoment === 'not-known' ? ['not known whether it shows one moment'] : []),
    ...(oneMoment === 'no' ? ['does not show one moment'] : []),
    ...(lagSeconds !== null && lagSeconds > 0 ? [`from a server ${lagSeconds} s behind`] : []),
  ]
  const rest = more.length > 0 ? `, ${more.join(', ')}` : ''
  return mrk`    ${oneLine(database, 60)}: ${documentsInWords(documentsInside(manifest))} in ${counted(collections.length, 'collection')}${rest}`
}
