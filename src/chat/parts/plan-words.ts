import { standingApprovals, type ApprovalSettings } from '../../domain/plan/gate.ts'
import { currentPlan, type Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import {
  isGateOpen,
  wantsEvidence,
  type Approval,
  type PlanState,
} from '../../domain/plan/plan-state.ts'
import type { PlanRequest } from '../../domain/plan/plan.ts'
import type { Run } from '../../domain/plan/run.ts'
import { bothEnds, clipped, clockTime, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { DOING_WORDS, WATCH_WORDS } from '../text/words.ts'

/** The signatures that count, as far as the journal knows: it is written down when one expires. */
export function signatures(state: PlanState, { changedAt }: Incident): readonly Approval[] {
  if (!isGateOpen(state)) {
    return state.approvals.filter(({ digest }) => digest === state.plan?.digest)
  }
  return standingApprovals(state, toMs(changedAt))
}

export function signaturesMissing(state: PlanState, incident: Incident): number {
  const humans = new Set(signatures(state, incident).map(({ human }) => human))
  return Math.max(0, (state.plan?.signatures ?? 0) - humans.size)
}

/** "1 of 2 signatures". */
export function signedInWords(state: PlanState, incident: Incident): string {
  const wanted = state.plan?.signatures ?? 0
  const given = wanted - signaturesMissing(state, incident)
  return `${given} of ${wanted} ${wanted === 1 ? 'signature' : 'signatures'}`
}

/** What a signed plan waits for. */
export function waitInWords(state: PlanState): string {
  if (state.heldBy) return `signed, waits for incident ${state.heldBy}`
  const waits = wantsEvidence(state) && !state.evidence
  return waits ? 'signed, waiting for evidence' : 'signed, starting'
}

/** What the plan does, short enough for a line and with its end kept: the version stands there. */
export function titleOfPlan({ plan, request }: PlanState, max = 120): string {
  const title = plan?.title ?? DOING_WORDS[request.kind].toLowerCase()
  // What is undone leads elsewhere than the plan that undoes it.
  const told =
    request.kind === 'undo' ? title.replace(/^(undo plan \d+): (.*)$/s, '$1 ($2)') : title
  return bothEnds(told, max)
}

/** Where the plan that counts stands, in a clause: "Plan 1: 1 of 2 signatures". */
export function planProgress(incident: Incident): string | null {
  const state = currentPlan(incident)
  return state && progressOf(state, incident)
}

function progressOf(state: PlanState, incident: Incident): string {
  const { number, plan, ended, run } = state
  if (run) return runProgress(state, run, incident)
  if (ended) {
    switch (ended.kind) {
      case 'infeasible':
        return `Plan ${number}: not possible now: ${bothEnds(ended.because, 160)}`
      case 'denied':
        return `Plan ${number}: denied`
      case 'voided':
        return `Plan ${number}: void, what was proposed does not hold any more`
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
  return `Plan ${number}: ${waitInWords(state)}`
}

function runProgress(state: PlanState, run: Run, incident: Incident): string {
  const doing = DOING_WORDS[state.request.kind]
  const done = run.steps.filter(({ kind }) => kind === 'succeeded').length
  const at = `step ${Math.min(done + 1, run.steps.length)} of ${run.steps.length}`
  if (!run.ended) return run.abort ? `${doing}: stopping at ${at}` : `${doing}: ${at}`
  switch (run.ended.outcome) {
    case 'succeeded':
      return `Done: ${titleOfPlan(state)}${watching(state, incident)}`
    case 'failed':
      return `${doing} failed at ${at}: ${bothEnds(run.ended.says, 160)}`
    case 'aborted':
      return `${doing} was stopped: ${at}`
    case 'gate-closed':
      return `Plan ${state.number}: nothing was written, because the signatures did not hold`
    default:
      return run.ended.outcome satisfies never
  }
}

function watching({ number }: PlanState, { watch }: Incident): string {
  if (watch?.plan !== number) return ''
  return watch.ended
    ? `, watched until ${clockTime(watch.ended.at)}: ${WATCH_WORDS[watch.state]}`
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
      return [mrk`*Denied* by ${mention(ended.by)} at ${at}.${untouched}`]
    case 'voided':
      return [
        mrk`*Void* since ${at}, and every signature with it.${untouched}`,
        ...differenceLines(ended.because),
      ]
    case 'withdrawn': {
      const why = incident.plans.length > number ? 'a newer plan took its place' : 'it was closed'
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
  { groups, users, requesterMayApprove }: ApprovalSettings,
  called: readonly string[] = [],
): readonly string[] {
  const signed = signatures(state, incident).map(({ by }) => by)
  const mayAsker = requesterMayApprove || state.plan?.signatures === 1
  const cannot = new Set(mayAsker ? signed : [...signed, state.requestedBy])
  return (called.length > 0 ? called : [...groups, ...users]).filter((whom) => !cannot.has(whom))
}

/** Whether a later plan has taken this one back. */
export function wasUndone({ plans }: Incident, number: number): boolean {
  return plans.some(
    ({ request, run }) => undoes(request, number) && run?.ended?.outcome === 'succeeded',
  )
}

function undoes(request: PlanRequest, number: number): boolean {
  return request.kind === 'undo' && request.plan === number
}
