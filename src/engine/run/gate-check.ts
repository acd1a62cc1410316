import { Fault } from '../../domain/base/fault.ts'
import { isSigned, standingApprovals } from '../../domain/plan/gate.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Drift, Planning } from './planning.ts'
import type { Rights } from '../rights.ts'

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

/** Every question throws a `Fault` when the answer cannot be known: it is never taken for granted (J10). */
export function gateCheck(deps: {
  readonly planning: Pick<Planning, 'drift'>
  readonly rights: Rights
  readonly clock: Clock
}): GateCheck {
  return {
    async whole(incident, state, signal) {
      const [drift, lost] = await Promise.all([
        deps.planning.drift(incident, state, signal),
        whoLostTheRight(state),
      ])
      return drift ?? unsigned(state, lost, 'a signature expired before anything was written')
    },
    async signatures(state) {
      return unsigned(state, await whoLostTheRight(state), 'a signature has expired meanwhile')
    },
  }

  function unsigned(state: PlanState, lost: readonly string[], expired: string): Drift | null {
    if (lost.length > 0) return { because: lost, proposal: null }
    if (isSigned(state, deps.clock.now())) return null
    return { because: [expired], proposal: null }
  }

  async function whoLostTheRight(state: PlanState): Promise<readonly string[]> {
    const signers = await Promise.all(
      standingApprovals(state, deps.clock.now()).map(({ by }) => deps.rights.approver(by)),
    )
    if (signers.some(({ kind, mayApprove }) => kind === 'unknown' || mayApprove === 'unknown')) {
      const detail = 'it did not say whether everybody who signed may still do so'
      throw new Fault({ kind: 'retryable', dependency: 'slack', detail })
    }
    return signers
      .filter(({ kind, mayApprove }) => kind !== 'member' || mayApprove !== true)
      .map(({ id }) => `${id} signed, and may not sign any more`)
  }
}
