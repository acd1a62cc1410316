import { actorParts } from '../domain/base/actor.ts'
import { NO_ROLES_ASKED, type ApprovalSettings, type Signer } from '../domain/plan/gate.ts'
import type { Log } from '../ports/log.ts'
import type { GridPerson, People } from '../ports/conversations.ts'

/** How long Slack may take to say who somebody is. */
const DEADLINE_MS = 3_000

/** Who people are and what they may do, read from Slack every time it is asked. Never throws. */
export type Rights = {
  /** Who somebody is; that Slack does not say makes them `unknown` (J10). */
  signer(user: string): Promise<Signer>
  /** The same, and what their signature counts for now. */
  approver(user: string): Promise<Signer>
  /** The same, and whether they may tell the public: approvers may, and those who are named for it. */
  publisher(user: string): Promise<Signer>
  /** Learns by which ids the people who sign are known, before one of them presses anything. */
  readDirectory(): Promise<void>
}

export type Members = { readonly users: readonly string[]; readonly groups: readonly string[] }

const NOBODY: Members = { users: [], groups: [] }

/** Everybody of whom a list speaks. `isWhole`: every group of it has answered. */
type Listed = { readonly ids: readonly string[]; readonly isWhole: boolean }

type Who = Omit<Signer, 'roles'> & { readonly grid: GridPerson | null }

/** So many accounts are asked for who they are; more cannot be looked at while somebody waits. */
const MOST_LOOKED_AT = 40

export function liveRights(deps: {
  readonly people: People
  readonly approval: ApprovalSettings
  /** Who may tell the public, beside the approvers. */
  readonly publishers?: Members | undefined
  /** Of the address that two accounts share: it is journaled, and the address is nobody's business. */
  readonly hash: (text: string) => string
  readonly log: Log
}): Rights {
  const { people, approval, hash, log } = deps
  /** Whose ids they are never changes. What people may do does, and is not kept. */
  const persons = new Map<string, string>()

  async function account(id: string): Promise<Who> {
    const unknown: Who = { id, kind: 'unknown', human: id, grid: null }
    // Not a person: Slack knows nothing of it.
    if (actorParts(id).kind !== 'person') return unknown
    try {
      const {
        kind,
        email,
        grid = null,
      } = await people.accountOf(id, AbortSignal.timeout(DEADLINE_MS))
      if (kind !== 'unknown') persons.set(id, grid?.person ?? id)
      return { id, kind, human: email === null ? (grid?.person ?? id) : hash(email), grid }
    } catch (error) {
      log.warn('Slack did not say who somebody is', { user: id, error })
      return unknown
    }
  }

  /** Whoever is named one by one needs no question about groups. */
  async function listed({ users, groups }: Members, user: string | null = null): Promise<Listed> {
    if (user !== null && users.includes(user)) return { ids: users, isWhole: true }
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const answers = await Promise.allSettled(groups.map((group) => people.membersOf(group, signal)))
    const failed = answers.find((one) => one.status === 'rejected')
    if (failed) log.warn('Slack did not say who is in a group', { error: failed.reason })
    const members = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    return { ids: [...new Set([...users, ...members])], isWhole: !failed }
  }

  /** One group that does not answer leaves it open, unless another one says yes. */
  async function isIn(who: Who, { ids, isWhole }: Listed): Promise<boolean | 'unknown'> {
    if (ids.includes(who.id) || who.grid?.ids.some((id) => ids.includes(id))) return true
    const other = who.grid && who.kind === 'member' ? await isAmong(who.grid.person, ids) : false
    return isWhole || other === true ? other : 'unknown'
  }

  /** In a Grid a list may name the same person by an id that their own account does not tell. */
  async function isAmong(person: string, ids: readonly string[]): Promise<boolean | 'unknown'> {
    const strange = ids.filter((id) => !persons.has(id))
    await Promise.all(strange.slice(0, MOST_LOOKED_AT).map(account))
    if (ids.some((id) => persons.get(id) === person)) return true
    return ids.every((id) => persons.has(id)) ? false : 'unknown'
  }

  return {
    async signer(user) {
      const { grid: _, ...who } = await account(user)
      return { ...who, roles: NO_ROLES_ASKED }
    },
    async approver(user) {
      const [found, approvers, dataOwners] = await Promise.all([
        account(user),
        listed(approval, user),
        listed(approval.dataOwners, user),
      ])
      const [mayApprove, ownsData] = await Promise.all([
        isIn(found, approvers),
        isIn(found, dataOwners),
      ])
      const { grid: _, ...who } = found
      return { ...who, roles: { approvers: mayApprove, 'data-owners': ownsData } }
    },
    async publisher(user) {
      const found = await account(user)
      const named = await Promise.all(
        [approval, deps.publishers ?? NOBODY].map(async (list) =>
          isIn(found, await listed(list, user)),
        ),
      )
      const { grid: _, ...who } = found
      const publishes = named.includes(true) || (named.includes('unknown') ? 'unknown' : false)
      return { ...who, roles: NO_ROLES_ASKED, publishes }
    },
    async readDirectory() {
      const lists = await Promise.all([listed(approval), listed(approval.dataOwners)])
      const ids = [...new Set(lists.flatMap((list) => list.ids))].slice(0, MOST_LOOKED_AT)
      for (const { id, kind } of await Promise.all(ids.map(account))) {
        if (kind === 'member' || kind === 'unknown') continue
        log.warn('somebody who is to sign is no member of the workspace', { user: id, kind })
      }
    },
  }
}
