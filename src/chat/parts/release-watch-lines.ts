import type { KnownBlock } from '@slack/types'
import { actorParts, type NamedRelease } from '../../domain/base/actor.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { deployedTogether, releasesInWords } from '../../domain/text/release-words.ts'
import type { ReleaseTurn, WatchedRelease } from '../../domain/watch/release-watch.ts'
import { clockTime, shortTime } from '../text/moments.ts'
import { clipped, counted, lines, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import { section } from './blocks.ts'

/** So many are told one by one. */
const MOST_SHOWN = 5

/** For which releases the release watch has opened it; none: somebody else has. */
function openedFor({ opened }: Incident): readonly NamedRelease[] {
  const parts = opened && actorParts(opened.by)
  return parts?.kind === 'release-watch' ? parts.releases : []
}

/** That nobody has asked, and why it is looked at all the same. */
export function releaseWatchBlocks(incident: Incident): readonly KnownBlock[] {
  const releases = openedFor(incident)
  if (releases.length === 0) return []
  const named = deployedTogether(releases).slice(0, MOST_SHOWN)
  const told = named.map(({ names, deployedAt }) => {
    return mrk`*Backout’s release watch:* ${clipped(names, 240)}, deployed ${clockTime(deployedAt)}`
  })
  return [section(lines(told))]
}

/** The same for a notification; `null`: somebody else has opened it. */
export function releaseWatchSentence(incident: Incident): string | null {
  const releases = openedFor(incident)
  return releases.length > 0
    ? `Asked by Backout’s release watch: ${oneLine(releasesInWords(releases), 200)}.`
    : null
}

/** What the last look has found. That nothing was found says nothing of health. */
const FOUND: Readonly<Record<Exclude<ReleaseTurn, 'no-answer'>, string>> = {
  well: 'no rule called for anything',
  bad: 'a rule called for a person, or for a rollback',
  'not-judged': 'what was measured could not be judged',
  'rolling-out': 'it was being rolled out',
  maintenance: 'maintenance was on',
  held: 'people were on it already',
}

/** Which releases are watched, since when, what was seen last, and what could not be seen. */
export function watchedLines(watched: readonly WatchedRelease[] | 'elsewhere'): readonly Mrkdwn[] {
  if (watched === 'elsewhere') {
    return [mrk`*Release watch:* another process of Backout looks. Ask again, or see its metrics.`]
  }
  if (watched.length === 0) return [mrk`*Release watch:* nothing was deployed just now.`]
  const shown = watched.slice(0, MOST_SHOWN).map(watchedLine)
  const left = watched.length - shown.length
  return left > 0 ? [...shown, mrk`and ${counted(left, 'more release')}`] : shown
}

function watchedLine(one: WatchedRelease): Mrkdwn {
  const { service, version, deployedAt, since, looks, missed, last, isTold } = one
  const release = clipped(`${service} ${version}`, 120)
  const head = mrk`*Release watch:* ${release}, deployed ${shortTime(deployedAt)}`
  if (isTold) return mrk`${head}. An incident was opened for it.`
  const seen = last
    ? mrk`At ${shortTime(last.at)} ${FOUND[last.look]}.`
    : trusted('*Nothing is known of it yet.*')
  const number = mrk`${counted(looks, 'look')} since ${shortTime(since)}`
  const taken =
    missed === 0
      ? mrk`${number}, all of them taken.`
      : mrk`${number}, *${missed}* of them could not be taken.`
  return mrk`${head}. ${seen} ${taken}`
}
