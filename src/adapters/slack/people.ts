import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { PersonKind } from '../../domain/base/person.ts'
import { isZone } from '../../domain/text/zone-time.ts'
import type { Account, GridPerson, People, Zones } from '../../ports/conversations.ts'
import { ask } from './ask.ts'
import { slackFault } from './faults.ts'

/**
 * In an Enterprise Grid: the person's id in the organisation, and every workspace they are in. It tells
 * what `team_id` does not, which then is left out, or names the organisation or another workspace.
 * https://docs.slack.dev/reference/objects/user-object
 */
const EnterpriseUser = z.object({
  id: z.string().min(1).nullish(),
  teams: z.array(z.string()).nullish(),
})

/**
 * Slack documents `id` for every account, and `team_id` outside of a Grid; an answer without them says
 * nothing about anybody. The flags are left out where they do not apply. What is not in a profile "may not be
 * present at all, may be null or may contain the empty string":
 * https://docs.slack.dev/reference/methods/users.info
 */
const User = z.object({
  id: z.string().min(1),
  team_id: z.string().min(1).nullish(),
  enterprise_user: EnterpriseUser.nullish(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_workflow_bot: z.boolean().optional(),
  is_connector_bot: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  is_invited_user: z.boolean().optional(),
  is_email_confirmed: z.boolean().optional(),
  profile: z.object({ email: z.string().nullish() }).nullish(),
})
type User = z.infer<typeof User>

/** `tz` is a name of the IANA's list, `tz_offset` the seconds ahead of UTC now. */
const Zoned = z.object({
  tz: z.string().max(60).nullish(),
  tz_offset: z.number().min(-86_400).max(86_400).nullish(),
})

/** `users` is not optional: a list that is not there is not an empty one (J10). */
const Members = z.object({ users: z.array(z.string().min(1)) })

/** https://docs.slack.dev/reference/methods/usergroups.users.list */
const GROUP_TROUBLE: Readonly<Record<string, string>> = {
  no_such_subteam: 'Slack knows no such group, or it is disabled',
  plan_upgrade_required: 'the workspace’s plan has no user groups',
}

/**
 * Reads accounts and groups live, every time: who left the workspace or the group a minute ago may
 * do nothing. `us`: until Slack has said which workspace is ours, nobody can be told from a
 * stranger (J10).
 */
export function slackPeople(
  client: WebClient,
  us: Promise<{ readonly team: string }>,
): People & Zones {
  async function accountOf(user: string, signal: AbortSignal): Promise<Account> {
    const { team } = await ask(() => us, signal)
    try {
      const answer = await ask(() => client.users.info({ user }), signal)
      const { data: found } = User.safeParse(answer.user)
      if (!found) return { kind: 'unknown', email: null }
      const grid = gridPersonOf(found, user)
      const account = { kind: kindOfUser(found, team), email: emailOf(found) }
      return grid ? { ...account, grid } : account
    } catch (error) {
      const fault = slackFault(error)
      // Slack shows people of other workspaces only where they share a channel.
      if (fault.code === 'user_not_found' || fault.code === 'user_not_visible')
        return { kind: 'external', email: null }
      throw fault
    }
  }

  async function zoneOf(user: string, signal: AbortSignal): Promise<string | null> {
    const answer = await ask(() => client.users.info({ user }), signal)
    const { data: found } = Zoned.safeParse(answer.user)
    return found ? zoneIn(found) : null
  }

  return {
    accountOf,
    zoneOf,
    async membersOf(group, signal) {
      try {
        const asked = { usergroup: group, include_disabled: false }
        const answer = await ask(() => client.usergroups.users.list(asked), signal)
        const { data: members } = Members.safeParse(answer)
        if (members) return members.users
        const detail = 'Slack’s answer does not say who is in it'
        throw new Fault({ kind: 'retryable', dependency: 'slack', detail })
      } catch (error) {
        throw groupFault(group, slackFault(error))
      }
    },
  }
}

/** Names the group: there may be several, and somebody has to find the right one. */
function groupFault(group: string, fault: Fault): Fault {
  const { kind, dependency, code, retryAfterMs } = fault
  const why = GROUP_TROUBLE[code ?? ''] ?? fault.detail
  const detail = `user group ${group}: ${why}`
  return new Fault({ kind, dependency, code, retryAfterMs, detail, cause: fault })
}

function kindOfUser(user: User, ourTeam: string): PersonKind {
  const isOurs = isIn(user, ourTeam)
  if (user.deleted) return 'deactivated'
  if (user.is_bot || user.is_workflow_bot || user.is_connector_bot) return 'bot'
  if (user.is_stranger) return 'external'
  if (isOurs === null) return 'unknown'
  if (!isOurs) return 'external'
  if (user.is_restricted || user.is_ultra_restricted || user.is_invited_user) return 'guest'
  return 'member'
}

/** Where Slack lists somebody's workspaces, nothing but the list counts; `null`: it names none at all. */
function isIn({ team_id, enterprise_user }: User, ourTeam: string): boolean | null {
  const teams = enterprise_user?.teams ?? []
  if (teams.length > 0) return teams.includes(ourTeam)
  return team_id ? team_id === ourTeam : null
}

/** Slack answers for either id, and says both only here: groups list one of them, presses carry the other. */
function gridPersonOf({ id, enterprise_user }: User, asked: string): GridPerson | null {
  const person = enterprise_user?.id ?? id
  const ids = [...new Set([person, id, asked])]
  return enterprise_user || ids.length > 1 ? { person, ids } : null
}

/** An address that nobody has confirmed is only somebody's word. */
function emailOf({ is_email_confirmed, profile }: User): string | null {
  if (is_email_confirmed === false) return null
  return profile?.email?.trim().toLowerCase() || null
}

/** The name where it is one, as only it knows of summer time; else how far ahead their clocks are now. */
function zoneIn({ tz, tz_offset: ahead }: z.infer<typeof Zoned>): string | null {
  if (tz && isZone(tz)) return tz
  if (ahead === null || ahead === undefined) return null
  const minutes = Math.abs(Math.round(ahead / 60))
  const clock = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  const zone = `${ahead < 0 ? '-' : '+'}${clock.join(':')}`
  return isZone(zone) ? zone : null
}
