import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { isGateOpen, type PlanEnd, type PlanState } from '../../domain/plan/plan-state.ts'
import type { Plan } from '../../domain/plan/plan.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import type { View } from '../../domain/base/view.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import { clockTime } from '../text/moments.ts'
import { call, clipped, mention, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import { holderInWords, holderTitle } from '../parts/holder-words.ts'
import { planActions } from '../parts/plan-actions.ts'
import { missingInWords, planContents, type Missing } from '../parts/plan-contents.ts'
import {
  endInWords,
  signatures,
  signaturesMissing,
  signedInWords,
  titleOfPlan,
  waitInWords,
  whoCanSign,
} from '../parts/plan-words.ts'
import { preparedLines } from '../parts/prepared-lines.ts'
import { wayAfter } from '../parts/way-words.ts'
import { OUTCOME_SIGNS, OUTCOME_WORDS } from '../parts/run-words.ts'

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
  const { blocks: contents, missing } = planContents(incident, state, plan)
  return view(text, [
    header(`${signOf(state, incident)} Plan ${number}: ${titleOfPlan(state)}`),
    section(...(deciding ? gateLines(state, incident, shown) : overLines(state, incident))),
    ...contents,
    ...(deciding ? [section(...preparedLines(state))] : []),
    ...(missing ? [section(missingLine(plan, missing, state))] : []),
    ...planActions(incident, state, shown.approval, missing),
    context(
      mrk`Asked for by ${asker(state)} at ${clockTime(state.requestedAt)}. A signature is for exactly this plan, ${shortDigest(plan.digest)}, and for no other.`,
    ),
  ])
}

/** What of the plan is not on the card, and where it is. */
function missingLine(plan: Plan, missing: Missing, state: PlanState): Mrkdwn {
  const what = mrk`*Not all of the plan is on this card:* ${missingInWords(missing)}.`
  if (!canBeRead(plan)) return mrk`${what} It is too long to be shown whole.`
  const when = isGateOpen(state) ? ' Read it before you sign.' : ''
  return mrk`${what} _Show all of it_ opens the whole plan.${when}`
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
    ...given
      .slice(0, 5)
      .map((one) => mrk`• ${mention(one.by)} at ${clockTime(one.at)}${wayAfter(one)}`),
  ]
}

function signOf(state: PlanState, incident: Incident): string {
  if (state.run) return state.run.ended ? OUTCOME_SIGNS[state.run.ended.outcome] : '▶️'
  if (state.ended) return state.ended.kind === 'denied' ? '⛔' : '🚫'
  return signaturesMissing(state, incident) > 0 ? '✍️' : '⏳'
}

/** Who has signed, who is asked to, and what else is waited for. */
function gateLines(state: PlanState, incident: Incident, shown: PlanContext): readonly Mrkdwn[] {
  const given = signatures(state, incident)
  const missing = signaturesMissing(state, incident) > 0
  const tooLong = state.plan !== null && !canBeRead(state.plan)
  return [
    mrk`*${standingInWords(state, incident)}*${given.length > 0 ? ':' : '.'}`,
    ...given
      .slice(0, 5)
      .map(
        (one) =>
          mrk`• ${mention(one.by)} at ${clockTime(one.at)}, until ${clockTime(one.expiresAt)}${wayAfter(one)}`,
      ),
    ...(tooLong
      ? [
          trusted(
            '*Nobody can sign it:* it is too long to be read whole. Deny it, and plan fewer services at a time.',
          ),
        ]
      : []),
    ...(missing && !tooLong
      ? [mrk`Asked to sign: ${asked(whoCanSign(state, incident, shown.approval))}`]
      : []),
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
  const name = holderTitle(heldBy, here, open)
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
