import { actorParts } from '../domain/base/actor.ts'
import { NO_ROLES_ASKED, type ApprovalSettings, type Signer } from '../domain/plan/gate.ts'
import type { Log } from '../ports/log.ts'
import type { People } from '../ports/conversations.ts'

/** How long Slack may take to say who somebody is. */
const DEADLINE_MS = 3_000

/** Who people are and what they may do, read from Slack every time it is asked. Never throws. */
export type Rights = {
  /** Who somebody is; that Slack does not say makes them `unknown` (J10). */
  signer(user: string): Promise<Signer>
  /** The same, and what their signature counts for now. */
  approver(user: string): Promise<Signer>
}

type Members = { readonly users: readonly string[]; readonly groups: readonly string[] }

export function liveRights(deps: {
  readonly people: People
  readonly approval: ApprovalSettings
  /** Of the address that two accounts share: it is journaled, and the address is nobody's business. */
  readonly hash: (text: string) => string
  readonly log: Log
}): Rights {
  const { people, approval, hash, log } = deps

  async function account(id: string): Promise<Omit<Signer, 'roles'>> {
    // Not a person: Slack knows nothing of it.
    if (actorParts(id).kind !== 'person') return { id, kind: 'unknown', human: id }
    try {
      const { kind, email } = await people.accountOf(id, AbortSignal.timeout(DEADLINE_MS))
      return { id, kind, human: email === null ? id : hash(email) }
    } catch (error) {
      log.warn('Slack did not say who somebody is', { user: id, error })
      return { id, kind: 'unknown', human: id }
    }
  }

  /** One group that does not answer leaves it open, unless another one says yes. */
  async function isIn(user: string, { users, groups }: Members): Promise<boolean | 'unknown'> {
    if (users.includes(user)) return true
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const answers = await Promise.allSettled(groups.map((group) => people.membersOf(group, signal)))
    if (answers.some((one) => one.status === 'fulfilled' && one.value.includes(user))) return true
    const failed = answers.find((one) => one.status === 'rejected')
    if (!failed) return false
    log.warn('Slack did not say who is in a group', { error: failed.reason })
    return 'unknown'
  }

  return {
    signer: async (user) => ({ ...(await account(user)), roles: NO_ROLES_ASKED }),
    async approver(user) {
      const [who, mayApprove, ownsData] = await Promise.all([
        account(user),
        isIn(user, approval),
        isIn(user, approval.dataOwners),
      ])
      return { ...who, roles: { approvers: mayApprove, 'data-owners': ownsData } }
    },
  }
}
