import { Fault } from '../../domain/base/fault.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import {
  isSigned,
  standingApprovals,
  type ApprovalSettings,
  type Signer,
} from '../../domain/plan/gate.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { SignerRole } from '../../domain/plan/signature-rule.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Rights } from '../rights.ts'
import type { Drift, Planning } from './planning.ts'

export type GateCheck = {
  /**
   * The last question before the first write: enough signatures that have not expired, of people who
   * may still sign, on the digest of the world as it is now. Says why nothing may be written; `null`
   * when everything that was signed holds at this moment (J7).
   */
  whole(incident: Incident, state: PlanState, signal: AbortSignal): Promise<Drift | null>
  /** The same of the signatures alone, for when the run itself has made way, and so another world. */
  signatures(state: PlanState): Promise<Drift | null>
}

type Asked = Pick<Rights, 'signer' | 'approver'>

/** Every question throws a `Fault` when the answer cannot be known: it is never taken for granted (J10). */
export function gateCheck(deps: {
  readonly planning: Pick<Planning, 'drift'>
  /** `outside`: for a plan that somebody signed by another way than Slack, which may be away. */
  readonly rights: Asked & { readonly outside: Asked }
  readonly approval: Pick<ApprovalSettings, 'requesterMayApprove'>
  readonly clock: Clock
}): GateCheck {
  return {
    async whole(incident, state, signal) {
      const [drift, lost] = await Promise.all([
        deps.planning.drift(incident, state, signal),
        whyNotTheirs(state),
      ])
      return drift ?? unsigned(state, lost, 'a signature expired before anything was written')
    },
    async signatures(state) {
      return unsigned(state, await whyNotTheirs(state), 'a signature has expired meanwhile')
    },
  }

  function unsigned(state: PlanState, lost: readonly string[], expired: string): Drift | null {
    if (lost.length > 0) return { because: lost, proposal: null }
    if (isSigned(state, deps.clock.now())) return null
    return { because: [expired], proposal: null }
  }

  /** Who they are and what they may do is read anew: both may have changed since they signed. */
  async function whyNotTheirs(state: PlanState): Promise<readonly string[]> {
    const standing = standingApprovals(state, deps.clock.now())
    const isOutside = standing.some(({ via }) => via !== undefined)
    const rights = isOutside ? deps.rights.outside : deps.rights
    const [asker, ...signers] = await Promise.all([
      rights.signer(state.requestedBy),
      ...standing.map(({ by }) => rights.approver(by)),
    ])
    const signed = signers.map((signer, index) => {
      const wanted = rolesWanted(state, standing[index]?.roles ?? [])
      return { signer, held: wanted.map((role) => signer.roles[role]) }
    })
    if (signed.some(({ signer, held }) => signer.kind === 'unknown' || held.includes('unknown'))) {
      const detail = 'it did not say whether everybody who signed may still do so'
      throw new Fault({ kind: 'retryable', dependency: 'slack', detail })
    }
    const lost = signed.filter(
      ({ signer, held }) => signer.kind !== 'member' || held.includes(false),
    )
    return [
      ...lost.map(({ signer }) => `${signer.id} signed, and may not sign any more`),
      ...samePerson(signers),
      ...(askerCounts(state, deps.approval) ? [] : signedByAsker(signers, asker)),
    ]
  }
}

/** What of their roles the plan asks for. */
function rolesWanted({ plan }: PlanState, roles: readonly SignerRole[]): readonly SignerRole[] {
  return roles.filter((role) => plan?.signatures.some(({ from }) => from === role))
}

function askerCounts(
  { plan }: PlanState,
  { requesterMayApprove }: Pick<ApprovalSettings, 'requesterMayApprove'>,
): boolean {
  return requesterMayApprove || plan?.signatures.every((rule) => rule.requesterCounts) === true
}

/** Two accounts of one human are one signature. */
function samePerson(signers: readonly Signer[]): string[] {
  return signers.flatMap(({ id, human }, index) => {
    const other = signers.slice(0, index).find((one) => one.human === human)
    return other ? [`${id} signed, and is the same person as ${other.id}`] : []
  })
}

/** An account that Slack says nothing of is held against its own id only. */
function signedByAsker(signers: readonly Signer[], asker: Signer | undefined): string[] {
  return signers
    .filter(({ id, human }) => id === asker?.id || human === asker?.human)
    .map(({ id }) => `${id} signed, and is who asked for it`)
}
