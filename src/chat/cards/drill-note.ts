import type { View } from '../../domain/base/view.ts'
import type { DrillNews } from '../../domain/drill/kept.ts'
import type { Drill, DrillEnd, Score } from '../../domain/drill/score.ts'
import { inWords } from '../../domain/text/duration.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import {
  DECISION_SAID,
  endInWords,
  overlookedInWords,
  peopleInWords,
} from '../parts/drill-words.ts'
import { PHASE_WORDS } from '../parts/phase-words.ts'
import { COMMAND } from '../reading/commands.ts'
import { code, mention, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'

/** What a drill looks like from outside, and what goes wrong in it, in words of whoever plays it. */
export type DrillWords = {
  readonly toldOf: (scenario: string) => string
  readonly faultOf: (fault: string) => string
}

const MOST_OVERLOOKED = 12

/** That a drill has begun, or how it went: told once. */
export function drillNote({ told }: Pick<DrillNews, 'told'>, words: DrillWords): View {
  switch (told.kind) {
    case 'started':
      return startedNote(told.drill, words)
    case 'ended':
      return scoreNote(told.score, told.before, words)
    case 'left':
      return leftNote(told.drill, told.end)
    default:
      return told satisfies never
  }
}

/** Another process may have played it, and written it down on a disk of its own. */
function leftNote({ scenario }: Drill, end: DrillEnd): View {
  const name = oneLine(scenario, 60)
  const why = 'It has no score: what was done in it cannot be read here.'
  return view(`The drill ${name} has ended. ${why}`, [
    header(`The drill has ended, without a score: ${name}`),
    section(mrk`${endInWords(end)} ${why}`),
    section(mrk`Type ${code(`${COMMAND} drill any`)} to begin another one.`),
  ])
}

function startedNote({ by, scenario, secret, fault }: Drill, { toldOf }: DrillWords): View {
  const what = secret
    ? 'Which scenario it is, nobody is told.'
    : `Scenario: ${oneLine(scenario, 60)}.`
  const besides = fault === null ? '' : ' Something will go wrong on the way, too.'
  return view(`A drill has begun. ${toldOf(scenario)} Type ${COMMAND} assess.`, [
    header('A drill has begun'),
    section(mrk`*${toldOf(scenario)}*\n${what}${besides}`),
    section(
      mrk`Do what you would do: ${code(`${COMMAND} assess`)}, and go on from there. Two people sign as in reality; no pager rings.`,
    ),
    context(
      mrk`Started by ${mention(by)}. It ends when its incident is closed, or with ${code(`${COMMAND} drill stop`)}.`,
    ),
  ])
}

function scoreNote(score: Score, before: Score | null, words: DrillWords): View {
  const { drill, decision, end, overlooked } = score
  const name = oneLine(drill.scenario, 60)
  return view(
    `The drill ${name} has ended. ${DECISION_SAID[decision]} Time of people: ${peopleInWords(score)}.`,
    [
      header(`The drill has ended: ${name}`),
      section(
        mrk`*${DECISION_SAID[decision]}* ${wantedInWords(score)}`,
        mrk`${endInWords(end)}${faultInWords(score, words)}`,
      ),
      section(trusted('*Whose time it was*'), ...timeLines(score, before)),
      ...(score.signatures.length > 0 ? [section(...signatureLines(score, before))] : []),
      section(
        ...(overlooked.length === 0
          ? [trusted('*Overlooked:* nothing.')]
          : [
              trusted('*Overlooked*'),
              ...overlooked
                .slice(0, MOST_OVERLOOKED)
                .map((one) => mrk`• ${overlookedInWords(one)}`),
            ]),
      ),
      context(
        before
          ? mrk`Compared with the last time that this scenario was drilled to its end. The last ten: ${code(`${COMMAND} drill scores`)}.`
          : mrk`The first time that this scenario was drilled to its end is what later ones are compared with. The last ten: ${code(`${COMMAND} drill scores`)}.`,
      ),
    ],
  )
}

/** It comes with the first write, so that it may not have come at all. */
function faultInWords({ drill, did }: Score, { faultOf }: DrillWords): string {
  if (drill.fault === null) return ''
  const went = did === 'nothing' ? 'would have gone' : 'went'
  return ` What ${went} wrong besides: ${faultOf(drill.fault)}`
}

const WANTED_WORDS = {
  'roll-back': 'Here a rollback was right',
  'do-not': 'Here a rollback would have helped nothing',
  'person-decides': 'Here a person had to decide, and both can be right',
} as const

const DID_WORDS = {
  'rolled-back': 'it was rolled back.',
  tried: 'a rollback was begun, and did not come to its end.',
  nothing: 'nothing was rolled back.',
} as const

function wantedInWords({ drill, did }: Score): string {
  return `${WANTED_WORDS[drill.wanted]}; ${DID_WORDS[did]}`
}

function timeLines({ phases }: Score, before: Score | null): readonly Mrkdwn[] {
  if (phases.length === 0) return [trusted('Nothing was declared, so no phase has ended.')]
  return phases.map(({ until, peopleMs, machineMs }) => {
    const last = before?.phases.find((phase) => phase.until === until)
    const then = last ? `, last time ${inWords(last.peopleMs)}` : ''
    return mrk`${PHASE_WORDS[until]}: people *${inWords(peopleMs)}*${then}; Backout ${inWords(machineMs)}`
  })
}

function signatureLines({ signatures }: Score, before: Score | null): readonly Mrkdwn[] {
  const lastTime =
    before && before.signatures.length > 0 ? `, last time ${inWords(slowestMs(before))}` : ''
  return [
    mrk`*Signatures:* ${inWords(slowestMs({ signatures }))} until the last one${lastTime}`,
    ...signatures.map(({ by, afterMs }) => mrk`• ${mention(by)} after ${inWords(afterMs)}`),
  ]
}

function slowestMs({ signatures }: Pick<Score, 'signatures'>): number {
  return Math.max(...signatures.map(({ afterMs }) => afterMs))
}
