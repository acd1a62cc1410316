import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import type { PersonKind } from '../../domain/base/person.ts'
import type { Account, People } from '../../ports/conversations.ts'
import { ask } from './ask.ts'
import { slackFault } from './faults.ts'
import { slackPeople } from './people.ts'
import { whatToDo } from './what-to-do.ts'

/**
 * Every account is one question, and the limit on them is the workspace's: the doctor must not use
 * up what the running bot needs.
 */
const MOST_LOOKED_AT = 40

const TOGETHER = 'approvers'

const Self = z.object({ team_id: z.string().min(1) })

type Approver = Account & { readonly id: string }
type Found = { readonly check: Check; readonly approvers: readonly Approver[] | null }

/**
 * Whether every configured approver is there and may approve, and how many people that makes: two
 * accounts with one e-mail address are one person.
 */
export async function checkApprovers(
  client: WebClient,
  approval: {
    readonly users: readonly string[]
    readonly groups: readonly string[]
    readonly requesterMayApprove: boolean
  },
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { users, groups } = approval
  try {
    const { data: self } = Self.safeParse(await ask(() => client.auth.test(), signal))
    if (!self) {
      const found = 'Slack did not say which workspace is ours'
      return [wrong('slack', TOGETHER, found, 'check SLACK_BOT_TOKEN')]
    }
    const people = slackPeople(client, Promise.resolve({ team: self.team_id }))
    const found = await Promise.all([
      ...users.map((user) => checkUser(people, user, signal)),
      ...groups.map((group) => checkGroup(people, group, signal)),
    ])
    return [...found.map(({ check }) => check), ...checkTogether(found, approval)]
  } catch (error) {
    return [unanswered(TOGETHER, error).check]
  }
}

async function checkUser(people: People, id: string, signal: AbortSignal): Promise<Found> {
  const tried = `approver ${id}`
  try {
    const account = await people.accountOf(id, signal)
    const approvers = mayApprove([{ ...account, id }])
    return { check: userCheck(tried, account), approvers }
  } catch (error) {
    return unanswered(tried, error)
  }
}

function userCheck(tried: string, { kind, email }: Account): Check {
  if (kind !== 'member') {
    const todo = 'put the id of a full member in its place in backout.yaml'
    return wrong('slack', tried, NOT_MEMBERS[kind], todo)
  }
  if (email === null) {
    return careful('slack', tried, 'a full member, without a confirmed e-mail address', NO_EMAIL)
  }
  return ok('slack', tried, 'a full member')
}

const NOT_MEMBERS = {
  guest: 'a guest: guests cannot approve',
  bot: 'a bot: bots cannot approve',
  external: 'no account of this workspace',
  deactivated: 'this account is deactivated',
  unknown: 'Slack did not say whose account this is',
} satisfies Record<Exclude<PersonKind, 'member'>, string>

/** Else a second account of the same person counts as a second person. */
const NO_EMAIL = 'have the e-mail address confirmed in Slack: it tells two accounts from two people'

async function checkGroup(people: People, id: string, signal: AbortSignal): Promise<Found> {
  const tried = `approver group ${id}`
  try {
    const members = await people.membersOf(id, signal)
    if (members.length > MOST_LOOKED_AT) {
      const todo = `name a group of at most ${MOST_LOOKED_AT}: few people should be able to approve`
      const found = `${members.length} accounts: too many to look at each`
      return { check: careful('slack', tried, found, todo), approvers: null }
    }
    const approvers = mayApprove(
      await Promise.all(
        members.map(async (user) => ({ ...(await people.accountOf(user, signal)), id: user })),
      ),
    )
    return { check: groupCheck(tried, members.length, approvers), approvers }
  } catch (error) {
    return unanswered(tried, error)
  }
}

function groupCheck(tried: string, accounts: number, approvers: readonly Approver[]): Check {
  const inAccounts = accounts === 1 ? '1 account' : `${accounts} accounts`
  const found = `${counted(peopleBehind(approvers))} who can approve, in ${inAccounts}`
  if (approvers.length === 0) {
    return wrong('slack', tried, found, 'add full members to the user group in Slack')
  }
  const without = approvers.filter(({ email }) => email === null).map(({ id }) => id)
  if (without.length > 0) {
    const trouble = `${found}; without a confirmed e-mail address: ${without.join(', ')}`
    return careful('slack', tried, trouble, NO_EMAIL)
  }
  return ok('slack', tried, found)
}

/** Says nothing when a part is not known: the number would be wrong (J10). */
function checkTogether(
  found: readonly Found[],
  { requesterMayApprove }: { readonly requesterMayApprove: boolean },
): readonly Check[] {
  if (found.some(({ approvers }) => approvers === null)) return []
  const people = peopleBehind(found.flatMap(({ approvers }) => approvers ?? []))
  const words = `together ${counted(people)} who can approve`
  if (people < 2) {
    const todo =
      'name three people in backout.yaml: two have to sign, and who asks for a plan does not count'
    return [wrong('slack', TOGETHER, words, todo)]
  }
  if (people > 2 || requesterMayApprove) return [ok('slack', TOGETHER, words)]
  const trouble = `${words}: when one of them asks for a plan, there are not two left to sign`
  return [careful('slack', TOGETHER, trouble, 'name a third person in backout.yaml')]
}

function mayApprove(accounts: readonly Approver[]): readonly Approver[] {
  return accounts.filter(({ kind }) => kind === 'member')
}

/** An account without an address counts as a person of its own: nothing says otherwise. */
function peopleBehind(approvers: readonly Approver[]): number {
  return new Set(approvers.map(({ id, email, grid }) => email ?? grid?.person ?? id)).size
}

function counted(people: number): string {
  return people === 1 ? '1 person' : `${people} people`
}

function unanswered(tried: string, error: unknown): Found {
  const fault = slackFault(error)
  const todo = WHAT_TO_DO[fault.code ?? ''] ?? whatToDo(fault, 'SLACK_BOT_TOKEN')
  return { check: wrong('slack', tried, fault.detail, todo), approvers: null }
}

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  no_such_subteam: 'check the id in backout.yaml (it begins with S), or enable the group in Slack',
  plan_upgrade_required: 'name the approvers one by one in backout.yaml',
  missing_scope: 'compare the scopes with manifests/slack-app.yaml and install the app again',
  429: 'ask again in a minute',
}
