import type { View } from '../../domain/base/view.ts'
import type { Drill, Score } from '../../domain/drill/score.ts'
import { context, header, listed, section, view } from '../parts/blocks.ts'
import { DECISION_SAID, endInWords, peopleInWords } from '../parts/drill-words.ts'
import { COMMAND } from '../reading/commands.ts'
import { dayAndTime } from '../text/moments.ts'
import {
  channelLink,
  code,
  counted,
  lines,
  mention,
  mrk,
  oneLine,
  trusted,
  type Mrkdwn,
} from '../text/text.ts'

/** What can be drilled. */
export type Offered = {
  readonly scenarios: readonly { readonly name: string; readonly told: string }[]
  readonly faults: readonly { readonly name: string; readonly says: string }[]
}

const SHOWN_SCORES = 10

/** All there is to choose from, and what runs now. */
export function drillListView({ scenarios, faults }: Offered, running: Drill | null): View {
  return view(
    `There are ${scenarios.length} scenarios to drill. Type ${COMMAND} drill any to start one that nobody knows.`,
    [
      header('Drills'),
      section(
        running
          ? mrk`A drill is running since ${dayAndTime(running.startedAt)}. ${code(`${COMMAND} drill stop`)} ends it.`
          : mrk`No drill is running. ${code(`${COMMAND} drill any`)} starts one that nobody knows. With a name, you choose.`,
      ),
      ...listed(
        scenarios.map(({ name, told }) => mrk`${code(`${COMMAND} drill ${name}`)}\n${told}`),
        { leftOut: (count) => `${counted(count, 'more', 'more')} did not fit here.` },
      ),
      section(
        trusted('*What can go wrong besides*'),
        ...faults.map(({ name, says }) => mrk`${code(`--fault ${name}`)}\n${says}`),
      ),
      context(
        mrk`Then go on as in an incident: ${code(`${COMMAND} assess`)}. How the last ones went: ${code(`${COMMAND} drill scores`)}.`,
      ),
    ],
  )
}

/** How the last drills went, the newest first. */
export function drillScoresView(scores: readonly Score[]): View {
  const shown = scores.slice(-SHOWN_SCORES).toReversed()
  if (shown.length === 0) {
    return said(`No drill has ended yet. Type ${COMMAND} drill to see which there are.`)
  }
  return view(`The last ${counted(shown.length, 'drill', 'drills')}, the newest first.`, [
    header('The last drills'),
    ...listed(shown.map(scoreLine), {
      apart: true,
      leftOut: (count) => `${counted(count, 'more', 'more')} did not fit here.`,
    }),
  ])
}

function scoreLine(score: Score): Mrkdwn {
  const { drill, end, decision, overlooked } = score
  const went = overlooked.length === 0 ? 'nothing' : counted(overlooked.length, 'thing', 'things')
  return lines([
    mrk`*${oneLine(drill.scenario, 60)}*${drill.fault === null ? '' : ` with ${oneLine(drill.fault, 60)}`}, ${dayAndTime(drill.startedAt)}, started by ${mention(drill.by)}`,
    mrk`${DECISION_SAID[decision]} ${endInWords(end)} Time of people: ${peopleInWords(score)}. Overlooked: ${went}.`,
  ])
}

/** Where drills are held, for whoever asks elsewhere; `null`: nowhere. */
export function drillElsewhereView(channel: string | null): View {
  if (channel === null) {
    return said(
      'Drills are not set up here. Name a private channel of their own as drills.channel in backout.yaml, invite Backout there, and start Backout again.',
    )
  }
  const where = mrk`Drills have a channel of their own, so that nobody takes one for the real thing. Nothing was done. Go to ${channelLink(channel)} and type ${code(`${COMMAND} drill`)} there.`
  return view(where, [section(where)])
}

export function drillBeganView({ scenario, secret }: Drill): View {
  const what = secret ? 'that nobody knows' : `of ${oneLine(scenario, 60)}`
  return said(`The drill ${what} has begun. Go on as in an incident: ${COMMAND} assess.`)
}

/** Why none was started, or ended. */
export function drillRefusedView(why: string): View {
  return said(`Nothing was done. ${why}`)
}

export function drillEndsView(): View {
  return said('The drill ends. Its score comes into the channel in a moment.')
}

function said(text: string): View {
  const shown = mrk`${text}`
  return view(shown, [section(shown)])
}
