import type { Incident } from '../../domain/incident/incident.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import { toIso, toMs } from '../../domain/base/instant.ts'
import type { View } from '../../domain/base/view.ts'
import { inWords } from '../../domain/text/duration.ts'
import { timesIn } from '../../domain/watch/schedule.ts'
import { LIMITS, WATCH, type Look, type Watch, type WatchState } from '../../domain/watch/watch.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { actions, button, context, header, listed, section, view } from '../parts/blocks.ts'
import { clockTime, dayAndTime } from '../text/moments.ts'
import { utcTime } from '../../domain/text/utc.ts'
import { clipped, counted, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { VERDICT_SIGNS, WATCH_SIGNS, WATCH_WORDS } from '../text/words.ts'
import { changedBy } from '../parts/change-lines.ts'
import { byCause } from '../parts/evidence-parts.ts'
import { pictureLine } from '../parts/picture-line.ts'

const LINES = 6000

/** What the first half hour shows. Edited when something changed, and not with every look. */
export function watchCard(incident: Incident, number: number): View {
  const { watch } = incident
  if (watch?.number !== number) return pastWatch(incident, number)
  const { state, shown } = watch
  const over = endOf(watch, incident)
  const stop = !over && incidentCan.stopWatching(incident) === true
  const title = over ? `${over.how}: ${WATCH_WORDS[state]}` : `Watching: ${WATCH_WORDS[state]}`
  return view(`${title}.`, [
    header(`${WATCH_SIGNS[state]} ${title}`),
    section(meaning(watch, over)),
    ...(shown
      ? listed(seenLines(shown.look), {
          room: LINES,
          leftOut: (count) => `${counted(count, 'more line')} did not fit here.`,
        })
      : [section(trusted('No look has been taken yet.'))]),
    ...(stop
      ? [
          actions(
            button({ action: ACTIONS.stopWatching, label: 'Stop watching', value: incident.id }),
          ),
        ]
      : []),
    context(looksTaken(watch, over), ...pictureLine(incident)),
  ])
}

type End = { readonly how: string; readonly at: string }

/** Nobody looks any more once the incident is closed. */
function endOf({ ended }: Watch, { closed }: Incident): End | null {
  if (ended?.because === 'stopped') return { how: 'The watch was stopped', at: ended.at }
  if (ended) return { how: 'The watch is over', at: ended.at }
  return closed && { how: 'The watch ended with the incident', at: closed.at }
}

const MEANING: Record<WatchState, readonly [what: string, more: string]> = {
  settling: [
    'Not yet stable',
    `That takes ${LIMITS.good} good looks in a row; the first ${inWords(WATCH.settlesMs)} still measure the time before.`,
  ],
  stable: ['Stable', `${LIMITS.good} good looks in a row.`],
  relapse: [
    'Production is bad',
    'It is assessed anew: the verdict is in this thread. Nothing was started: people decide.',
  ],
  blind: [
    'Backout cannot see production',
    `${LIMITS.blind} looks in a row brought no answer. That is no good news: look by hand.`,
  ],
}

function meaning(
  { state, stateSince, startedAt, looks, counted: settled, missed, settlesMs }: Watch,
  over: End | null,
): Mrkdwn {
  if (!over) {
    const [what, more] = MEANING[state]
    const slow = state === 'settling' ? slowNumbers(settlesMs, startedAt) : trusted('')
    const early = state === 'stable' ? earlyLooks(looks - settled) : ''
    return mrk`*${what}* since ${clockTime(stateSince)}. ${more}${early}${slow}`
  }
  const early = settled < looks ? `, of which ${looks - settled} too early to count` : ''
  const all = `${counted(looks, 'look')} taken${early}, ${missed} missed`
  return mrk`${over.how} at ${clockTime(over.at)}, at its end: *${WATCH_WORDS[state]}*. ${all}.`
}

/** Nobody is to take them for good ones. Their number is final by then: no look edits the card for it. */
function earlyLooks(count: number): string {
  if (count === 0) return ''
  const all = count === 1 ? 'The first look' : `The first ${count} looks`
  return ` ${all} still measured the time before, and counted neither way.`
}

/** Where the errors are measured over a longer time, and nothing shorter can be asked. */
function slowNumbers(settlesMs: number, startedAt: string): Mrkdwn {
  if (settlesMs <= WATCH.settlesMs) return trusted('')
  if (settlesMs >= WATCH.forMs) {
    return trusted(
      ' The errors are measured over a time as long as this watch: it cannot become stable, so look by hand.',
    )
  }
  const from = clockTime(toIso(toMs(startedAt) + settlesMs))
  return mrk` The errors are measured over a longer time, and speak of now from ${from} on; until then nothing counts as good.`
}

/** What changes with every look is left out: the card would be edited every ten seconds. */
function looksTaken(watch: Watch, over: End | null): Mrkdwn {
  const { shown, missed, schedule } = watch
  const last = shown
    ? mrk`Look ${shown.look.due} of ${timesIn(schedule)}, at ${clockTime(shown.at)}. `
    : trusted('')
  const gone = missed > 0 ? `${counted(missed, 'look')} missed, and not counted as good. ` : ''
  const said = mrk`${last}${gone}${over ? trusted('') : comingLooks(watch)}`.mrkdwn.trim()
  return trusted(said || 'It ended before its first look.')
}

/** "One every 10 s until 03:42, then every 5 min until 03:12 tomorrow." */
function comingLooks({ startedAt, schedule, shown }: Watch): Mrkdwn {
  const [first, ...later] = schedule
    .map(({ firstMs, everyMs, times }) => {
      return { everyMs, endsMs: toMs(startedAt) + firstMs + (times - 1) * everyMs }
    })
    .filter(({ endsMs }) => endsMs > toMs(shown?.at ?? startedAt))
  if (!first) return trusted('')
  const more = later.map(({ everyMs, endsMs }) => {
    return mrk`, then every ${inWords(everyMs)} until ${dayAndTime(toIso(endsMs))}`.mrkdwn
  })
  return mrk`One every ${inWords(first.everyMs)} until ${clockTime(toIso(first.endsMs))}${trusted(more.join(''))}.`
}

/** In the order in which it was asked; what was not seen for one cause is one line. */
function seenLines({ lines }: Look): readonly Mrkdwn[] {
  const answers = lines.map(({ says, ...line }) => ({ ...line, summary: says }))
  return byCause(answers).map(({ verdict, names, cause, answers: [first] }) => {
    const changed = first?.changed ? changedBy(first.changed) : trusted('')
    return mrk`${trusted(VERDICT_SIGNS[verdict])} ${clipped(names.join('; '), 200)}: ${clipped(cause, 300)}${changed}`
  })
}

/** Only the newest watch is kept in full; of earlier ones what the journal's news say. */
function pastWatch({ timeline, watch }: Incident, number: number): View {
  const turns = timeline.flatMap(({ event, at }) =>
    event.type === 'watch-turned' && event.watch === number ? [{ to: event.to, at }] : [],
  )
  const last = turns.at(-1)
  const turned = last ? `: ${WATCH_WORDS[last.to]}.` : `It never became ${WATCH_WORDS.stable}.`
  const spoken = last ? `It last turned at ${utcTime(last.at)}${turned}` : turned
  const said = last ? mrk`It last turned at ${clockTime(last.at)}${turned}` : mrk`${turned}`
  const now = watch && watch.number > number ? ` Watch ${watch.number} has taken its place.` : ''
  return view(`Watch ${number} is over. ${spoken}`, [
    section(mrk`*Watch ${number} is over.* ${said}${now}`),
  ])
}
