import { wordsOf } from '../../domain/plan/about-request.ts'
import type { KnownBlock } from '@slack/types'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import { isGateOpen, type PlanEnd, type PlanState } from '../../domain/plan/plan-state.ts'
import type { Plan, PlannedChange } from '../../domain/plan/plan.ts'
import type { View } from '../../domain/base/view.ts'
import { inWords } from '../../domain/text/duration.ts'
import { context, header, listed, section, view } from '../parts/blocks.ts'
import { clockTime } from '../text/moments.ts'
import {
  call,
  clipped,
  counted,
  mention,
  mrk,
  oneLine,
  trusted,
  type Mrkdwn,
} from '../text/text.ts'
import { takenBack } from '../parts/change-lines.ts'
import { measuredLines } from '../parts/measured-lines.ts'
import { planActions } from '../parts/plan-actions.ts'
import {
  endInWords,
  holderInWords,
  signatures,
  signaturesMissing,
  signedInWords,
  titleOfPlan,
  waitInWords,
  whoCanSign,
} from '../parts/plan-words.ts'
import { preparedLines } from '../parts/prepared-lines.ts'
import { OUTCOME_SIGNS, OUTCOME_WORDS } from '../parts/run-words.ts'

/* What each part may fill, so that the buttons always find room below what they are about. */
const CHANGES = 3000
const STEPS = 1400
const CAUTIONS = 2000
const FACT = 230
const LOST = 330

type PlanContext = {
  readonly environment: string
  readonly open: () => readonly Incident[]
  readonly approval: ApprovalSettings
}

/** The approval card: the effect of what is signed, and not the command. */
export function planCard(incident: Incident, number: number, shown: PlanContext): View {
  const state = incident.plans[number - 1]
  if (!state) return view(`Plan ${number} is not known.`, [section(mrk`Plan ${number}`)])
  const { plan } = state
  const standing = standingInWords(state, incident)
  const where = oneLine(shown.environment, 60)
  const text = `Plan ${number} for ${where}: ${titleOfPlan(state)}. ${standing}.`
  if (!plan) {
    const ended = endInWords(state, incident)
    return view(text, [
      header(`Plan ${number}: ${titleOfPlan(state, 100)}`),
      section(...(ended.length > 0 ? ended : [mrk`${standing}. Asked for by ${asker(state)}.`])),
    ])
  }
  const deciding = isGateOpen(state)
  return view(text, [
    header(`${signOf(state, incident)} Plan ${number}: ${titleOfPlan(state)}`),
    section(...(deciding ? gateLines(state, incident, shown) : overLines(state, incident))),
    ...changeBlocks(incident, plan, state),
    ...(cameToNothing(state) ? [] : [section(...facts(plan, state)), ...cautionBlocks(plan)]),
    ...(cameToNothing(state) ? [] : stepBlocks(plan, deciding)),
    ...(deciding ? [section(...preparedLines(state))] : []),
    ...planActions(incident, state, shown.approval),
    context(
      mrk`Asked for by ${asker(state)} at ${clockTime(state.requestedAt)}. A signature is for exactly this plan, ${shortDigest(plan.digest)}, and for no other.`,
    ),
  ])
}

/** What it would have done is no news any more. */
function cameToNothing({ ended, run }: PlanState): boolean {
  return ended !== null || run?.ended?.outcome === 'gate-closed'
}

const END_WORDS: Record<PlanEnd['kind'], string> = {
  infeasible: 'Not possible now',
  denied: 'Denied',
  voided: 'Void',
  withdrawn: 'Withdrawn',
}

/** Where it stands, as a clause. */
function standingInWords(state: PlanState, incident: Incident): string {
  const { run, ended, plan } = state
  if (run?.ended?.outcome === 'gate-closed') return 'Nothing was written'
  if (run) {
    const how = run.ended ? OUTCOME_WORDS[run.ended.outcome] : 'is being carried out'
    return `It ${how}, see below`
  }
  if (ended) return END_WORDS[ended.kind]
  if (!plan) return 'Being prepared'
  if (signaturesMissing(state, incident) > 0) return signedInWords(state, incident)
  const wait = waitInWords(state, incident)
  return `${wait[0]?.toUpperCase()}${wait.slice(1)}`
}

/** What became of it, and who had signed. */
function overLines(state: PlanState, incident: Incident): readonly Mrkdwn[] {
  const given = signatures(state, incident)
  return [
    ...(state.run ? [mrk`*${standingInWords(state, incident)}.*`] : []),
    ...endInWords(state, incident),
    ...(given.length > 0 ? [trusted('*Signed by*')] : []),
    ...given.slice(0, 5).map(({ by, at }) => mrk`• ${mention(by)} at ${clockTime(at)}`),
  ]
}

function signOf(state: PlanState, incident: Incident): string {
  if (state.run) return state.run.ended ? OUTCOME_SIGNS[state.run.ended.outcome] : '▶️'
  if (state.ended) return state.ended.kind === 'denied' ? '⛔' : '🚫'
  return signaturesMissing(state, incident) > 0 ? '✍️' : '⏳'
}

function changeBlocks(incident: Incident, { changes }: Plan, state: PlanState): KnownBlock[] {
  const title = cameToNothing(state) ? 'What would have changed' : 'What changes'
  return listed(
    [
      trusted(`*${title}*`),
      ...changes.flatMap((change) => [changeLine(change), ...detailLine(change)]),
      ...takenBack(changes, state.proposedAt),
      ...(isGateOpen(state) ? measuredLines(incident, changes) : []),
    ],
    leavingOut(CHANGES, 'more change'),
  )
}

function changeLine({ what, from, to }: PlannedChange): Mrkdwn {
  return mrk`• *${clipped(what, 80)}*: ${clipped(from, 120)} → *${clipped(to, 120)}*`
}

/** What is different beside the version. */
function detailLine({ details = [] }: PlannedChange): readonly Mrkdwn[] {
  return details.length > 0 ? [mrk`   ${clipped(details.join('; '), 600)}`] : []
}

function facts(plan: Plan, { run, request }: PlanState): readonly Mrkdwn[] {
  const { lost, undo, because } = plan
  const { why } = wordsOf(request.kind)
  return [
    // Whole: it may hold what people will see.
    mrk`*What is lost:* ${oneLine(lost, LOST)}`,
    mrk`*Can it be undone:* ${clipped(undo, FACT)}`,
    mrk`*How long:* ${howLong(plan, run)}`,
    ...timeLimit(plan),
    mrk`*${why}:* ${clipped(because, FACT)}`,
  ]
}

/** What is signed of its end, and what then stands. */
function timeLimit({ finish }: Plan): readonly Mrkdwn[] {
  if (!finish) return []
  const { withinMs, safeStop } = finish
  return [
    mrk`*Time limit:* ${inWords(withinMs)} after it begins, no further step is begun; ${clipped(safeStop, FACT)}`,
  ]
}

/** What it took, once that is known. */
function howLong({ expectedMs }: Plan, run: PlanState['run']): string {
  if (run?.ended) return `it took ${inWords(toMs(run.ended.at) - toMs(run.startedAt))}`
  return expectedMs === null
    ? 'not known yet: it has never run here'
    : `about ${inWords(expectedMs)}, as it did before`
}

function cautionBlocks({ cautions }: Plan): KnownBlock[] {
  return listed(
    cautions.map((caution) => mrk`⚠️ ${clipped(caution, 300)}`),
    leavingOut(CAUTIONS, 'more caution'),
  )
}

function stepBlocks({ steps }: Plan, deciding: boolean): KnownBlock[] {
  const title = trusted(deciding ? '*What will be done*' : '*What was signed*')
  return listed([title, ...steps.map(stepLine)], leavingOut(STEPS, 'more step'))
}

function stepLine({ title }: Plan['steps'][number], index: number): Mrkdwn {
  return mrk`${index + 1}. ${clipped(title, 400)}`
}

function leavingOut(room: number, one: string) {
  return { room, leftOut: (count: number) => `${counted(count, one)} did not fit here.` }
}

/** Who has signed, who is asked to, and what else is waited for. */
function gateLines(state: PlanState, incident: Incident, shown: PlanContext): readonly Mrkdwn[] {
  const given = signatures(state, incident)
  const missing = signaturesMissing(state, incident) > 0
  return [
    mrk`*${standingInWords(state, incident)}*${given.length > 0 ? ':' : '.'}`,
    ...given
      .slice(0, 5)
      .map(
        ({ by, at, expiresAt }) =>
          mrk`• ${mention(by)} at ${clockTime(at)}, until ${clockTime(expiresAt)}`,
      ),
    ...(missing ? [mrk`Asked to sign: ${asked(whoCanSign(state, incident, shown.approval))}`] : []),
    ...heldLine(state, incident, shown.open()),
  ]
}

function asked(names: readonly string[]): Mrkdwn {
  if (names.length === 0) {
    return trusted('nobody is left who could (approval in backout.yaml)')
  }
  const more = names.length > 10 ? ` and ${names.length - 10} more` : ''
  const called = names.slice(0, 10).map((whom) => call(whom).mrkdwn)
  return trusted(called.join(', ') + more)
}

/** Who writes to the same thing now. */
function heldLine(
  { heldBy }: PlanState,
  here: Incident,
  open: readonly Incident[],
): readonly Mrkdwn[] {
  if (heldBy === null) return []
  const others = open.filter(({ id }) => id !== here.id)
  const title = others.find(({ id }) => id === heldBy.incident)?.declared?.title
  const name = title ? mrk` (${clipped(title, 120)})` : trusted('')
  return [
    mrk`⏳ *Waits for ${clipped(holderInWords(heldBy, here), 100)}*${name}: it writes to the same target now. Afterwards this begins by itself, if the signatures still hold.`,
  ]
}

function asker({ requestedBy }: PlanState): Mrkdwn {
  return mention(oneLine(requestedBy, 40))
}

/** Enough to see that two people talk of the same plan. */
function shortDigest(digest: string): Mrkdwn {
  return mrk`${clipped(digest.slice(0, 4), 30)}…${clipped(digest.slice(-2), 30)}`
}
