import { wordsOf } from '../../domain/plan/about-request.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { whoseTime } from '../../domain/incident/whose-time.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { readingMs, shownForMs } from '../../domain/plan/readable.ts'
import type { StepState } from '../../domain/plan/run.ts'
import { inWords } from '../../domain/text/duration.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { PHASE_WORDS } from '../parts/phase-words.ts'
import { OUTCOME_WORDS } from '../parts/run-words.ts'
import { wayAfter } from '../parts/way-words.ts'
import { mention, mrk } from '../text/text.ts'
import { fact, fromSlack, said, TO_BE_FILLED_IN, words, type Block, type Said } from './contents.ts'

/** Step by step, what was carried out. */
export function resolution({ plans }: Incident): readonly Block[] {
  const carriedOut = plans.filter(({ run }) => run !== null)
  if (carriedOut.length === 0) {
    return [{ kind: 'words', said: said`Backout carried out no plan. ${TO_BE_FILLED_IN}` }]
  }
  return carriedOut.flatMap(({ number, plan, run }): Block[] => {
    const outcome = run?.ended ? OUTCOME_WORDS[run.ended.outcome] : 'is being carried out'
    return [
      {
        kind: 'words',
        said: said`Plan ${number}, ${plan?.title ?? ''}, ${outcome}.`,
      },
      {
        kind: 'table',
        caption: `The steps of plan ${number}. Times are UTC.`,
        columns: ['Step', 'What it was to do', 'What came of it', 'Ended'],
        rows: (plan?.steps ?? []).map(({ title }, index): Said[] => {
          const step = run?.steps[index]
          return [
            words(String(index + 1)),
            words(title),
            words(stepInWords(step), 600),
            words(endOf(step)),
          ]
        }),
      },
    ]
  })
}

function stepInWords(step: StepState | undefined): string {
  if (!step || step.kind === 'pending') return 'not begun'
  if (step.kind === 'failed') return `failed: ${step.says}`
  return step.says ?? 'under way'
}

function endOf(step: StepState | undefined): string {
  return step?.kind === 'succeeded' || step?.kind === 'failed' ? utcDayAndTime(step.at) : 'not yet'
}

/** Who signed what, and when; and what came to nothing. */
export function approvals({ plans }: Incident): readonly Block[] {
  const rows = plans.flatMap((state) => [
    ...state.approvals.map(({ by, at, digest, via, rightsAsOf }): Said[] => [
      words(`Plan ${state.number}`),
      fromSlack(mention(by)),
      fromSlack(
        mrk`signed it after ${inWords(shownForMs(state, at))}${wayAfter({ via, rightsAsOf })}`,
      ),
      words(utcDayAndTime(at)),
      words(digest.slice(0, 16)),
    ]),
    ...endRow(state),
  ])
  if (rows.length === 0) return [{ kind: 'words', said: words('Nobody has signed anything.') }]
  return [
    {
      kind: 'facts',
      rows: plans.map((state) =>
        fact(
          `Plan ${state.number}`,
          said`${state.plan?.title ?? wordsOf(state.request.kind).doing}, asked for by ${fromSlack(mention(state.requestedBy))} at ${utcDayAndTime(state.requestedAt)}${toReadIt(state)}`,
        ),
      ),
    },
    {
      kind: 'table',
      caption:
        'Who signed or denied which plan, and how long after it could be read. Times are UTC; the digest is that of what was signed.',
      columns: ['Plan', 'Who', 'Did', 'When', 'Digest'],
      rows,
    },
  ]
}

function toReadIt({ plan }: PlanState): string {
  return plan ? `; to read all of it takes about ${inWords(readingMs(plan))}` : ''
}

function endRow({ number, ended, plan }: PlanState): readonly Said[][] {
  if (ended === null || ended.kind === 'infeasible') return []
  const at = words(utcDayAndTime(ended.at))
  const digest = words(plan?.digest.slice(0, 16) ?? '')
  const row = (who: Said, did: Said): readonly Said[][] => [
    [words(`Plan ${number}`), who, did, at, digest],
  ]
  if (ended.kind === 'voided')
    return row(words('Backout'), said`found it void: ${ended.because.join('; ')}`)
  const who = fromSlack(mention(ended.by))
  if (ended.kind === 'withdrawn') return row(who, words('withdrew it'))
  return row(who, ended.reason === null ? words('denied it') : said`denied it: ${ended.reason}`)
}

/** Whose time each phase was; nothing where none has ended. */
export function timeSpentBy(incident: Incident): readonly Block[] {
  const phases = whoseTime(incident)
  if (phases.length === 0) return []
  const sum = (of: 'peopleMs' | 'machineMs') => phases.reduce((all, phase) => all + phase[of], 0)
  return [
    {
      kind: 'table',
      caption:
        'Whose time each phase was. It was Backout’s while it measured, planned, carried out or watched; all other time was people’s.',
      columns: ['Phase', 'Time of people', 'Time of Backout'],
      rows: [
        ...phases.map(({ until, peopleMs, machineMs }) =>
          timesRow(PHASE_WORDS[until], peopleMs, machineMs),
        ),
        timesRow('Altogether', sum('peopleMs'), sum('machineMs')),
      ],
    },
  ]
}

function timesRow(what: string, people: number, machine: number): Said[] {
  return [words(what), words(inWords(people)), words(inWords(machine))]
}
