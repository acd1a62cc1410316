import { Fault } from '../../domain/base/fault.ts'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import type { SignerRole } from '../../domain/plan/signature-rule.ts'
import type { Present } from '../../domain/readiness/signers.ts'
import type { Account, People } from '../../ports/conversations.ts'

/** Every account is one question, and the limit on them is the workspace's: see `check-approvers.ts`. */
const MOST_LOOKED_AT = 40

/** So many people are enough for any plan, whatever the others are. */
const ENOUGH = 3

/** How many different people of each role are active members of the workspace now. */
export async function signersPresent(
  { users, groups, dataOwners }: Pick<ApprovalSettings, 'users' | 'groups' | 'dataOwners'>,
  people: People,
  signal: AbortSignal,
): Promise<Readonly<Record<SignerRole, Present>>> {
  const [approvers, owners] = await Promise.all([
    presentIn({ users, groups }, people, signal),
    presentIn(dataOwners, people, signal),
  ])
  return { approvers, 'data-owners': owners }
}

async function presentIn(
  { users, groups }: Pick<ApprovalSettings, 'users' | 'groups'>,
  people: People,
  signal: AbortSignal,
): Promise<Present> {
  const lists = await Promise.all(groups.map((group) => heard(people.membersOf(group, signal))))
  const ids = [...new Set([...users, ...lists.flatMap((list) => list.found ?? [])])]
  const asked = ids.slice(0, MOST_LOOKED_AT)
  const accounts = await Promise.all(
    asked.map(async (id) => {
      const { found, because } = await heard(people.accountOf(id, signal))
      return { human: found && humanBehind(id, found), because: because ?? whyUnknown(found) }
    }),
  )
  const humans = new Set(accounts.flatMap(({ human }) => human ?? []))
  const whyNot = [...lists, ...accounts].find(({ because }) => because !== null)?.because ?? null
  const isWhole = whyNot === null && asked.length === ids.length
  if (isWhole || humans.size >= ENOUGH) return { kind: 'known', people: humans.size }
  const because = whyNot ?? `they are too many to look at each: ${ids.length} accounts`
  return { kind: 'not-known', because }
}

/** `null`: nobody who may sign. An account without an address counts as a person of its own. */
function humanBehind(id: string, { kind, email, grid }: Account): string | null {
  return kind === 'member' ? (email ?? grid?.person ?? id) : null
}

function whyUnknown(found: Account | null): string | null {
  return found?.kind === 'unknown' ? 'Slack did not say whose account one of them is' : null
}

async function heard<Answer>(
  asked: Promise<Answer>,
): Promise<{ readonly found: Answer | null; readonly because: string | null }> {
  try {
    return { found: await asked, because: null }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { found: null, because: error.detail }
  }
}
