import { wordsOf } from '../../domain/plan/about-request.ts'
import type { KnownBlock } from '@slack/types'
import type { Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import { isGateOpen, type PlanState } from '../../domain/plan/plan-state.ts'
import type { Plan, PlannedChange } from '../../domain/plan/plan.ts'
import { inWords } from '../../domain/text/duration.ts'
import { clipped, counted, isClipped, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import { howManyFit, listed, section } from './blocks.ts'
import { takenBack } from './change-lines.ts'
import { measuredLines } from './measured-lines.ts'
import { PREPARATION } from './prepared-lines.ts'

/* What each part may fill, so that the buttons always find room below what they are about. */
const CHANGES = 3000
const TAKEN_BACK = 1000
const STEPS = 1400
const CAUTIONS = 2000

/* How long one text may be. */
const WHAT = 80
const VERSION = 120
const DETAILS = 600
const STEP = 400
const CAUTION = 300
const FACT = 230
const LOST = 330

/** What the card does not show of a plan. */
export type Missing = {
  readonly changes: number
  readonly cautions: number
  readonly steps: number
  /** Lines about what is taken back. */
  readonly others: number
  /** Texts that are shown, and not to their end. */
  readonly shortened: number
}

type Part = { readonly blocks: readonly KnownBlock[]; readonly missing: Partial<Missing> }

/** What a card shows of a plan, and how much of it is missing there; `null`: nothing is. */
export function planContents(
  incident: Incident,
  state: PlanState,
  plan: Plan,
): { readonly blocks: readonly KnownBlock[]; readonly missing: Missing | null } {
  const parts = cameToNothing(state)
    ? [changesPart(incident, plan, state)]
    : [
        changesPart(incident, plan, state),
        factsPart(plan, state),
        cautionsPart(plan),
        stepsPart(plan, state),
      ]
  const sum = (of: keyof Missing) => parts.reduce((so, { missing }) => so + (missing[of] ?? 0), 0)
  const missing = {
    changes: sum('changes'),
    cautions: sum('cautions'),
    steps: sum('steps'),
    others: sum('others'),
    shortened: sum('shortened'),
  }
  return {
    blocks: parts.flatMap(({ blocks }) => blocks),
    missing: Object.values(missing).some((count) => count > 0) ? missing : null,
  }
}

/** What it would have done is no news any more. */
function cameToNothing({ ended, run }: PlanState): boolean {
  return ended !== null || run?.ended?.outcome === 'gate-closed'
}

/** "12 changes and 3 cautions are left out, 1 text is shortened". */
export function missingInWords({ changes, cautions, steps, others, shortened }: Missing): string {
  const out = [
    ...(changes > 0 ? [counted(changes, 'change')] : []),
    ...(cautions > 0 ? [counted(cautions, 'caution')] : []),
    ...(steps > 0 ? [counted(steps, 'step')] : []),
    ...(others > 0
      ? [counted(others, 'line of what is taken back', 'lines of what is taken back')]
      : []),
  ]
  const one = changes + cautions + steps + others === 1
  const names = out.length > 1 ? `${out.slice(0, -1).join(', ')} and ${out.at(-1)}` : out.join('')
  return [
    ...(out.length > 0 ? [`${names} ${one ? 'is' : 'are'} left out`] : []),
    ...(shortened > 0
      ? [`${counted(shortened, 'text')} ${shortened === 1 ? 'is' : 'are'} shortened`]
      : []),
  ].join(', ')
}

function changesPart(incident: Incident, { changes }: Plan, state: PlanState): Part {
  const title = trusted(cameToNothing(state) ? '*What would have changed*' : '*What changes*')
  const back = takenBack(changes, state.proposedAt)
  const backShown = back.slice(0, howManyFit(back, TAKEN_BACK))
  const below = [...backShown, ...(isGateOpen(state) ? measuredLines(incident, changes) : [])]
  const items = changes.map(changeItem)
  const taken = [title, ...below].reduce(
    (sum, { mrkdwn }) => sum + JSON.stringify(mrkdwn).length,
    0,
  )
  const fits = howManyFit(items, CHANGES - taken)
  const left = changes.length - fits
  return {
    blocks: listed(
      [
        title,
        ...items.slice(0, fits),
        ...(left > 0 ? [mrk`_${counted(left, 'more change')} did not fit here._`] : []),
        ...below,
      ],
      { leftOut: didNotFit('more line') },
    ),
    missing: {
      changes: left,
      others: back.length - backShown.length,
      shortened: clippedIn(changes.slice(0, fits).flatMap(textsOf)),
    },
  }
}

/** A change, and below it what is different beside the version. */
function changeItem({ what, from, to, details = [] }: PlannedChange): Mrkdwn {
  const line = mrk`• *${clipped(what, WHAT)}*: ${clipped(from, VERSION)} → *${clipped(to, VERSION)}*`
  return details.length > 0 ? mrk`${line}\n   ${clipped(details.join('; '), DETAILS)}` : line
}

type Text = readonly [text: string, max: number]

function textsOf({ what, from, to, details = [] }: PlannedChange): readonly Text[] {
  return [
    [what, WHAT],
    [from, VERSION],
    [to, VERSION],
    [details.join('; '), DETAILS],
  ]
}

function clippedIn(texts: readonly Text[]): number {
  return texts.filter(([text, max]) => isClipped(text, max)).length
}

function factsPart(plan: Plan, state: PlanState): Part {
  const { lost, undo, because, finish, preparation } = plan
  const { why } = wordsOf(state.request.kind)
  const facts = [
    // Whole: it may hold what people will see.
    mrk`*What is lost:* ${oneLine(lost, LOST)}`,
    mrk`*Can it be undone:* ${clipped(undo, FACT)}`,
    mrk`*How long:* ${howLong(plan, state.run)}`,
    ...timeLimit(plan),
    mrk`*${why}:* ${clipped(because, FACT)}`,
  ]
  const lostIsCut = oneLine(lost, LOST) !== oneLine(lost, Infinity)
  const shortened = clippedIn([
    [undo, FACT],
    [because, FACT],
    [finish?.safeStop ?? '', FACT],
    [isGateOpen(state) ? (preparation ?? '') : '', PREPARATION],
  ])
  return { blocks: [section(...facts)], missing: { shortened: shortened + (lostIsCut ? 1 : 0) } }
}

/** What is signed of its end, and what then stands. */
function timeLimit({ finish }: Plan): readonly Mrkdwn[] {
  if (!finish) return []
  const { withinMs, safeStop } = finish
  return [mrk`*Time limit:* ${limitInWords(withinMs)}; ${clipped(safeStop, FACT)}`]
}

/** "10 min after it begins, no further step is begun" */
export function limitInWords(withinMs: number): string {
  return `${inWords(withinMs)} after it begins, no further step is begun`
}

/** What it took, once that is known. */
function howLong({ expectedMs }: Plan, run: PlanState['run']): string {
  if (run?.ended) return `it took ${inWords(toMs(run.ended.at) - toMs(run.startedAt))}`
  return expectedMs === null
    ? 'not known yet: it has never run here'
    : `about ${inWords(expectedMs)}, as it did before`
}

function cautionsPart({ cautions }: Plan): Part {
  const items = cautions.map((caution) => mrk`⚠️ ${clipped(caution, CAUTION)}`)
  const fits = howManyFit(items, CAUTIONS)
  return {
    blocks: listed(items, { room: CAUTIONS, leftOut: didNotFit('more caution') }),
    missing: {
      cautions: cautions.length - fits,
      shortened: clippedIn(cautions.slice(0, fits).map((caution) => [caution, CAUTION])),
    },
  }
}

function stepsPart({ steps }: Plan, state: PlanState): Part {
  const title = trusted(isGateOpen(state) ? '*What will be done*' : '*What was signed*')
  const items = [
    title,
    ...steps.map((step, index) => mrk`${index + 1}. ${clipped(step.title, STEP)}`),
  ]
  const fits = Math.max(0, howManyFit(items, STEPS) - 1)
  return {
    blocks: listed(items, { room: STEPS, leftOut: didNotFit('more step') }),
    missing: {
      steps: steps.length - fits,
      shortened: clippedIn(steps.slice(0, fits).map((step) => [step.title, STEP])),
    },
  }
}

function didNotFit(one: string) {
  return (count: number) => `${counted(count, one)} did not fit here.`
}
