import type { Incident } from '../../domain/incident/incident.ts'
import { lastedMs, milestones } from '../../domain/incident/milestones.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone, mayHaveWritten } from '../../domain/plan/run.ts'
import { worstMeasured } from '../../domain/incident/worst-measured.ts'
import { inWords } from '../../domain/text/duration.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { answerInWords } from '../parts/answer-parts.ts'
import { counted } from '../text/text.ts'
import { probeName, VERDICT_WORDS, WATCH_WORDS } from '../text/words.ts'
import { verified } from './what-was-verified.ts'
import {
  fact,
  open,
  said,
  TO_BE_FILLED_IN,
  words,
  type Block,
  type Chart,
  type Fact,
  type Said,
} from './contents.ts'

const NOBODY_HAS_SAID = open('Nobody has said.')

/** What is asked of people, and what was measured with how. What was not measured is not called none. */
export function impact(incident: Incident): readonly Block[] {
  const { plans, closed } = incident
  const lost = plans.flatMap(lostBy)
  const more = said`Whether anything else was lost: ${TO_BE_FILLED_IN}`
  return [
    {
      kind: 'facts',
      rows: [
        ...durations(incident),
        fact('Users affected', NOBODY_HAS_SAID),
        fact(
          'Data loss',
          lost.length > 0 ? said`${words(lost.join(' '), 1000)} ${more}` : TO_BE_FILLED_IN,
        ),
        fact('Revenue impact', asSaid(closed?.closing?.revenue)),
        fact('SLA impact', asSaid(closed?.closing?.sla)),
      ],
    },
    {
      kind: 'table',
      caption: 'The worst that any assessment measured, and how. Times are UTC.',
      columns: ['What', 'At its worst', 'UTC', 'Measured with'],
      rows: WORST.map(([name, probe]) => worstRow(incident, name, probe)),
    },
  ]
}

function lostBy({ number, plan, run }: PlanState): readonly string[] {
  if (!plan || !run) return []
  if (hasDone(run)) return [plan.lost]
  if (!mayHaveWritten(run)) return []
  return [`Plan ${number} was begun and is not finished. To its end it means: ${plan.lost}`]
}

/** In the words of whoever closed it. */
function asSaid(answer: string | undefined): Said {
  return answer === undefined ? NOBODY_HAS_SAID : words(answer)
}

const WORST = [
  ['Errors', 'error-ratio-low'],
  ['Failed logins', 'logins-succeeding'],
  ['Latency', 'latency-near-baseline'],
  ['Active users, the fewest', 'active-users-near-baseline'],
] as const

/** Each with the two moments between which it was. */
function durations(incident: Incident): readonly Fact[] {
  const { detected, stable, closed } = milestones(incident)
  const lasted = lastedMs(incident)
  const whole =
    lasted === null || detected === null || closed === null
      ? words('not known: it is open')
      : said`${inWords(lasted)}, from ${utcDayAndTime(detected)} (first detected) to ${utcDayAndTime(closed)} (closed)`
  const until =
    detected === null || stable === null
      ? words('not known: no watch saw production become stable and stay so')
      : said`${inWords(toMs(stable) - toMs(detected))}, from ${utcDayAndTime(detected)} (first detected) to ${utcDayAndTime(stable)} (a watch saw it stable)`
  return [fact('Until services were restored', until), fact('Until it was closed', whole)]
}

function worstRow(incident: Incident, name: string, probe: string): readonly Said[] {
  const worst = worstMeasured(incident, probe)
  if (!worst) return [words(name), words('not measured'), words('-'), words('-')]
  const { summary, query } = worst.measurement
  return [words(name), words(summary), words(utcDayAndTime(worst.at)), words(query, 500)]
}

/** Of each assessment its answer; of the last one every question. */
export function measurements(incident: Incident, chart: Chart | null): readonly Block[] {
  const taken = incident.timeline.flatMap(({ event }) => {
    return event.type === 'assessment-taken' ? [event.assessment] : []
  })
  const last = taken.at(-1)
  return [
    ...(chart ? pictured(chart) : []),
    ...(last ? [] : [{ kind: 'words' as const, said: words('No assessment was taken.') }]),
    ...(last
      ? [
          {
            kind: 'table' as const,
            caption: 'Every assessment and what it came to. Times are UTC.',
            columns: ['UTC', 'Answer', 'Production'],
            rows: taken.map((one): Said[] => [
              words(utcDayAndTime(one.at)),
              words(answerInWords(one)),
              words(VERDICT_WORDS[one.verdict]),
            ]),
          },
          { kind: 'heading' as const, title: 'The last assessment, question by question' },
          {
            kind: 'table' as const,
            caption: `What was asked at ${utcDayAndTime(last.at)}, and what came back.`,
            columns: ['What', 'Of', 'Found', 'Judged', 'Asked with'],
            rows: last.measurements.map((one): Said[] => [
              words(probeName(one), 80),
              words(one.target, 120),
              words(one.summary),
              words(VERDICT_WORDS[one.verdict]),
              words(one.query, 500),
            ]),
          },
        ]
      : []),
    ...watched(incident),
    ...verified(incident),
  ]
}

/** As long as the description of a picture. */
const ALT = 1_000

function pictured(chart: Chart): readonly Block[] {
  switch (chart.kind) {
    case 'beside': {
      const alt = words(chart.alt, ALT)
        .map(({ text }) => text)
        .join('')
      return [{ kind: 'picture', picture: { file: chart.file, alt } }]
    }
    case 'in-thread':
      return [
        ...(chart.alt === null ? [] : [paragraph(words(chart.alt, ALT))]),
        ...(chart.stands ? [paragraph(said`The picture stands in this thread.`)] : []),
      ]
    case 'none':
      return [paragraph(said`No picture: ${chart.because}.`)]
    default:
      return chart satisfies never
  }
}

function paragraph(line: Said): Block {
  return { kind: 'words', said: line }
}

/** What the watch after the rollback saw, turn by turn. */
function watched({ timeline, watch, closed }: Incident): readonly Block[] {
  if (!watch) return []
  const { number, looks, missed, state, startedAt, ended } = watch
  const turns = timeline.filter(({ event }) => {
    return event.type === 'watch-turned' && event.watch === number
  }).length
  const until = ended
    ? said`to ${utcDayAndTime(ended.at)}`
    : closed
      ? said`until the incident was closed`
      : said`and goes on`
  return [
    { kind: 'heading', title: 'The watch' },
    {
      kind: 'facts',
      rows: [
        fact('Watch', said`number ${number}, from ${utcDayAndTime(startedAt)} ${until}`),
        fact('What it saw last', words(WATCH_WORDS[state])),
        fact('Looks', said`${looks} taken, ${missed} missed; it told of ${counted(turns, 'turn')}`),
      ],
    },
  ]
}
