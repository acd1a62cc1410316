import type { Incident } from '../../domain/incident/incident.ts'
import type { View } from '../../domain/base/view.ts'
import { context, header, listed, section, view } from '../parts/blocks.ts'
import { COMMAND } from '../reading/commands.ts'
import { dayAndTime } from '../text/moments.ts'
import { counted, lines, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import { standingSentence, standingSign } from '../parts/standing-words.ts'
import { planLine, stateOf, titleOf } from './status.ts'

const NEWEST = 15

/** The newest incidents, the newest first. */
export function historyView(incidents: readonly Incident[]): View {
  if (incidents.length === 0) {
    const none = 'There has been no incident yet.'
    return view(none, [section(mrk`${none}`)])
  }
  const newestFirst = incidents.toSorted((a, b) => openedAt(b).localeCompare(openedAt(a), 'en'))
  const shown = newestFirst.slice(0, NEWEST)
  const older = incidents.length - shown.length
  const [newest] = shown
  const last = newest ? ` The newest: ${stateOf(newest)}: ${titleOf(newest)}.` : ''
  return view(`${counted(incidents.length, 'incident')} so far.${last}`, [
    header(shown.length === 1 ? 'The newest incident' : `The newest ${shown.length} incidents`),
    ...listed(shown.map(entry), {
      apart: true,
      leftOut: (count) => `${counted(count, 'more incident')} did not fit here.`,
    }),
    context(
      ...(older > 0 ? [mrk`${counted(older, 'older one')} not shown.`] : []),
      mrk`One of them in full: ${COMMAND} status and its name.`,
    ),
  ])
}

function entry(incident: Incident): Mrkdwn {
  const { id, opened, closed } = incident
  const began = opened ? dayAndTime(opened.at) : trusted('time not known')
  const ended = closed ? mrk` to ${dayAndTime(closed.at)}` : trusted('')
  return lines([
    mrk`${trusted(standingSign(incident))} *${titleOf(incident)}*`,
    mrk`Now: ${standingSentence(incident)}`,
    mrk`${stateOf(incident)}, ${began}${ended} (${oneLine(id, 100)})`,
    ...planLine(incident),
  ])
}

function openedAt({ opened }: Incident): string {
  return opened?.at ?? ''
}
