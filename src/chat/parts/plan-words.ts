import { undonePlan, wordsOf } from '../../domain/plan/about-request.ts'
import {
  signaturesMissing as missingFrom,
  standingApprovals,
  type ApprovalSettings,
} from '../../domain/plan/gate.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import {
  isGateOpen,
  waitsFor,
  type Approval,
  type PlanState,
} from '../../domain/plan/plan-state.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import { hasDone } from '../../domain/plan/run.ts'
import { canonicalJson } from '../../domain/text/canonical-json.ts'
import { signersWanted } from '../../domain/plan/signature-rule.ts'
import { clockTime } from '../text/moments.ts'
import { holderInWords } from './holder-words.ts'
import { bothEnds, clipped, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'

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
