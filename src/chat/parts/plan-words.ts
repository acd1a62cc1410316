import { undonePlan, wordsOf } from '../../domain/plan/about-request.ts'
import {
  signaturesMissing as missingFrom,
  standingApprovals,
  type ApprovalSettings,
} from '../../domain/plan/gate.ts'
import { activePlans, leadingPlan, type Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import {
  isGateOpen,
  waitsFor,
  type Approval,
  type PlanState,
} from '../../domain/plan/plan-state.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import { leftMeanwhile } from '../../domain/plan/left-meanwhile.ts'
import { hasDone, type Run } from '../../domain/plan/run.ts'
import { canonicalJson } from '../../domain/text/canonical-json.ts'
import { signersWanted } from '../../domain/plan/signature-rule.ts'
import { clockTime } from '../text/moments.ts'
import { utcTime } from '../../domain/text/utc.ts'
import { holderInWords } from './holder-words.ts'
import { bothEnds, clipped, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { WATCH_WORDS } from '../text/words.ts'

/** The signatures that count, as far as the journal knows: it is written down when one expires. */
export function signatures(state: PlanState, { changedAt }: Incident): readonly Approval[] {
  if (!isGateOpen(state)) {
    return state.approvals.filter(({ digest }) => digest === state.plan?.digest)
  }
  return standingApprovals(state, toMs(changedAt))
}

export function signaturesMissing(state: PlanState, incident: Incident): number {
  return missingFrom(state.plan?.signatures ?? [], signatures(state, incident))
}

/** "1 of 2 signatures". */
export function signedInWords(state: PlanState, incident: Incident): string {
  const wanted = signersWanted(state.plan?.signatures ?? [])
  const given = wanted - signaturesMissing(state, incident)
  return `${given} of ${wanted} ${wanted === 1 ? 'signature' : 'signatures'}`
}

/** What a signed plan waits for. */
export function waitInWords(state: PlanState, here: Incident): string {
  const { heldBy, preparing } = state
  if (heldBy) return `signed, waits for ${holderInWords(heldBy, here)}`
  const waits = waitsFor(state)
  if (waits === null) return 'signed, starting'
  if (waits === 'evidence') return 'signed, waiting for evidence'
  return `signed, waiting for what it needs${preparing ? `: ${preparing.says}` : ''}`
}

/** What the plan does, short enough for a line and with its end kept: the version stands there. */
export function titleOfPlan({ plan, request }: PlanState, max = 120): string {
  const title = plan?.title ?? wordsOf(request.kind).doing.toLowerCase()
  // What is undone leads elsewhere than the plan that undoes it.
  const told =
    undonePlan(request) === null ? title : title.replace(/^(undo plan \d+): (.*)$/s, '$1 ($2)')
  return bothEnds(told, max)
}

/** Where the plan that people look at stands, in a clause: "Plan 1: 1 of 2 signatures". */
export function planProgress(incident: Incident): string | null {
  const state = leadingPlan(incident)
  return state && `${progressOf(state, incident)}${watching(state, incident, utcTime)}`
}

/** The same for a card. */
export function progressLine(incident: Incident, max: number): Mrkdwn | null {
  const state = leadingPlan(incident)
  return state && shownProgress(state, incident, max)
}

/** The same of the other plans that are under way. */
export function otherProgress(incident: Incident, max: number): readonly Mrkdwn[] {
  const leading = leadingPlan(incident)
  return activePlans(incident)
    .filter((state) => state !== leading)
    .map((state) => shownProgress(state, incident, max))
}

function shownProgress(state: PlanState, incident: Incident, max: number): Mrkdwn {
  const watched = watching(state, incident, (iso) => clockTime(iso).mrkdwn)
  return mrk`${clipped(progressOf(state, incident), max)}${trusted(watched)}`
}

function progressOf(state: PlanState, incident: Incident): string {
  const { number, plan, ended, run } = state
  if (run) return runProgress(state, run)
  if (ended) {
    switch (ended.kind) {
      case 'infeasible':
        return `Plan ${number}: not possible now: ${bothEnds(ended.because, 160)}`
      case 'denied':
        return `Plan ${number}: denied${ended.reason === null ? '' : `: ${bothEnds(ended.reason, 160)}`}`
      case 'voided':
        return `Plan ${number}: void, what was proposed does not fit any more`
      case 'withdrawn':
        return `Plan ${number}: withdrawn`
      default:
        return ended satisfies never
    }
  }
  if (!plan) return `Plan ${number}: being prepared`
  if (signaturesMissing(state, incident) > 0) {
    return `Plan ${number}: ${signedInWords(state, incident)}`
  }
  return `Plan ${number}: ${waitInWords(state, incident)}`
}

function runProgress(state: PlanState, run: Run): string {
  const { doing } = wordsOf(state.request.kind)
  const done = run.steps.filter(({ kind }) => kind === 'succeeded').length
  const at = `step ${Math.min(done + 1, run.steps.length)} of ${run.steps.length}`
  if (!run.ended) return run.abort ? `${doing}: stopping at ${at}` : `${doing}: ${at}`
  switch (run.ended.outcome) {
    case 'succeeded':
      return `Done: ${titleOfPlan(state)}`
    case 'incomplete':
      return `Done: ${titleOfPlan(state)}; not done: ${bothEnds(run.ended.says, 120)}`
    case 'out-of-time':
      return `${doing} was stopped at ${at}: its time was up${leftSo(state, run)}`
    case 'failed':
      return `${doing} failed at ${at}: ${bothEnds(run.ended.says, 160)}${leftSo(state, run)}`
    case 'aborted':
      return `${doing} was stopped: ${at}${leftSo(state, run)}`
    case 'gate-closed':
      return `Plan ${state.number}: nothing was written, because it could not be done as it was signed`
    default:
      return run.ended.outcome satisfies never
  }
}

/** What it had taken only for its own time, for a line. */
function leftSo({ plan }: PlanState, run: Run): string {
  const left = leftMeanwhile(run, plan?.steps ?? [])
  return left.length > 0 ? `; left so: ${bothEnds(left.join(', '), 120)}` : ''
}

/** What the watch over a plan that was carried out has seen. */
function watching(
  { number, run }: PlanState,
  { watch }: Incident,
  time: (iso: string) => string,
): string {
  if (watch?.plan !== number || !hasDone(run)) return ''
  return watch.ended
    ? `, watched until ${time(watch.ended.at)}: ${WATCH_WORDS[watch.state]}`
    : `, watching: ${WATCH_WORDS[watch.state]}`
}

/** Why a plan came to nothing, and what was lost by it. */
export function endInWords(state: PlanState, incident: Incident): readonly Mrkdwn[] {
  const { ended, number } = state
  if (!ended) return []
  const at = clockTime(ended.at)
  const untouched = state.run ? '' : ' Nothing of it was carried out.'
  switch (ended.kind) {
    case 'infeasible':
      return [mrk`*Not possible*, found ${at}: ${clipped(ended.because, 600)}.${untouched}`]
    case 'denied':
      return [
        mrk`*Denied* by ${mention(ended.by)} at ${at}.${untouched}`,
        ...(ended.reason === null ? [] : [mrk`*Why:* ${clipped(ended.reason, 400)}`]),
      ]
    case 'voided':
      return [
        mrk`*Void* since ${at}, and every signature with it.${untouched}`,
        ...differenceLines(ended.because),
      ]
    case 'withdrawn': {
      const why =
        incident.plans.length > number ? 'a newer plan took its place' : 'the incident was closed'
      return [mrk`*Withdrawn* at ${at} by ${mention(ended.by)}: ${why}.${untouched}`]
    }
    default:
      return ended satisfies never
  }
}

const MOST_DIFFERENCES = 12

/** What changed under the plan, one line each. */
export function differenceLines(because: readonly string[]): readonly Mrkdwn[] {
  const more = because.length - MOST_DIFFERENCES
  return [
    ...because.slice(0, MOST_DIFFERENCES).map((one) => mrk`• ${withPerson(one)}`),
    ...(more > 0 ? [mrk`• and ${more} more`] : []),
  ]
}

/** Who lost the right to sign is named by the account's id. */
function withPerson(difference: string): Mrkdwn {
  const [, user, rest] = /^([UW][A-Z0-9]+) (signed, and .*)$/.exec(difference) ?? []
  if (!user || !rest) return clipped(difference, 160)
  return mrk`${mention(user)} ${clipped(rest, 120)}`
}

/** Whoever signed, for one line. */
export function signers(state: PlanState, incident: Incident): Mrkdwn {
  const names = signatures(state, incident).map(({ by }) => mention(by).mrkdwn)
  return names.length === 0 ? trusted('nobody') : trusted(names.slice(0, 10).join(' and '))
}

/** Whom it is worth asking: not those who have signed, and not the requester where that is not allowed. */
export function whoCanSign(
  state: PlanState,
  incident: Incident,
  approval: ApprovalSettings,
  called: readonly string[] = [],
): readonly string[] {
  if (state.plan !== null && !canBeRead(state.plan)) return []
  const { requesterMayApprove } = approval
  const signed = signatures(state, incident).map(({ by }) => by)
  const theirOwn = state.plan?.signatures.every(({ requesterCounts }) => requesterCounts) ?? false
  const mayAsker = requesterMayApprove || theirOwn
  const cannot = new Set(mayAsker ? signed : [...signed, state.requestedBy])
  const asked = called.length > 0 ? called : wantedBy(state, incident, approval)
  return asked.filter((whom) => !cannot.has(whom))
}

/** The people of the roles that still lack a signature; of every role, once none does. */
function wantedBy(
  state: PlanState,
  incident: Incident,
  approval: ApprovalSettings,
): readonly string[] {
  const people = { approvers: approval, 'data-owners': approval.dataOwners }
  const rules = state.plan?.signatures ?? []
  const given = signatures(state, incident)
  const lacking = rules.filter((rule) => missingFrom([rule], given) > 0)
  const wanted = (lacking.length > 0 ? lacking : rules).map(({ from }) => people[from])
  return [...new Set(wanted.flatMap(({ groups, users }) => [...groups, ...users]))]
}

/** Whether a later plan has taken this one back. */
export function wasUndone({ plans }: Incident, number: number): boolean {
  return plans.some(({ request, run }) => undonePlan(request) === number && hasDone(run))
}

/** The same request, planned anew. */
export function replacing({ plans }: Incident, voided: number): PlanState | undefined {
  const before = canonicalJson(plans[voided - 1]?.request)
  return plans.find(({ number, request }) => {
    return number > voided && canonicalJson(request) === before
  })
}
