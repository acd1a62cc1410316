/**
 * The standing cast. Field names are Slack's own, because they go out in Slack's answers as they are.
 * Everything is mutable on purpose: a test deactivates a person or empties a group in the middle.
 */
export type SlackUser = {
  id: string
  name: string
  real_name: string
  team_id: string
  email?: string
  deleted?: boolean
  is_bot?: boolean
  is_restricted?: boolean
  is_ultra_restricted?: boolean
  is_stranger?: boolean
  is_email_confirmed?: boolean
  /** In an Enterprise Grid: their other id, and the workspaces they are in. */
  enterprise_user?: { id: string; enterprise_id: string; teams: string[] }
}

export type SlackChannel = {
  id: string
  name: string
  members: string[]
  is_private?: boolean
  is_im?: boolean
  is_archived?: boolean
  is_ext_shared?: boolean
  is_pending_ext_shared?: boolean
}

type UserGroup = {
  id: string
  handle: string
  name: string
  users: string[]
  date_update: number
  disabled?: boolean
}

export type SlackApp = {
  appId: string
  botUserId: string
  botName: string
  botToken: string
  appToken: string
  signingSecret: string
}

export type Workspace = {
  teamId: string
  /** The organisation, where it is part of an Enterprise Grid. */
  enterpriseId?: string
  name: string
  domain: string
  app: SlackApp
  users: SlackUser[]
  channels: SlackChannel[]
  groups: UserGroup[]
  /** What the installed bot token may do: answered in `x-oauth-scopes`, and enforced. */
  scopes: string[]
  /** Events API subscriptions of the app; local-slack sends more than anybody subscribed to. */
  events: string[]
}

export const TEAM = 'T0PIPESHUB'
export const OTHER_TEAM = 'T0ELSEWHERE'

export const INCIDENTS = 'C0INCIDENTS'
export const RANDOM = 'C0RANDOM'
export const NOBOT = 'C0NOBOT'
/** The demo's: it is in its settings. */
export const DRILLS = 'C0DRILLS'
export const ANA_DM = 'D0ANA'

export const ANA = 'U0ANA'
export const BO = 'U0BO'
export const CY = 'U0CY'
export const GUS = 'U0GUS'
export const XENA = 'U0XENA'
export const DEL = 'U0DEL'
export const BOTTY = 'U0BOTTY'
/** Ana's other account: another id, the same mailbox written differently. */
export const ANA_AGAIN = 'U0ANA2'
export const BOT = 'U0BACKOUT'

export const APPROVERS = 'S0APPROVERS'

const person = (id: string, name: string, real_name: string, more: Partial<SlackUser> = {}) => ({
  id,
  name,
  real_name,
  team_id: TEAM,
  email: `${name}@pipeshub.example`,
  ...more,
})

export const pipeshub = (): Workspace => ({
  teamId: TEAM,
  name: 'PipesHub',
  domain: 'pipeshub',
  app: {
    appId: 'A0BACKOUT',
    botUserId: BOT,
    botName: 'backout',
    botToken: 'xoxb-backout-bot',
    appToken: 'xapp-backout-socket',
    signingSecret: 'backout-signing-secret',
  },
  users: [
    person(ANA, 'ana', 'Ana Alves'),
    person(BO, 'bo', 'Bo Berg'),
    person(CY, 'cy', 'Cy Costa'),
    person(ANA_AGAIN, 'ana.again', 'Ana Alves (old)', { email: 'Ana@PipesHub.example' }),
    person(GUS, 'gus', 'Gus Guest', { is_restricted: true }),
    person(XENA, 'xena', 'Xena Extern', {
      team_id: OTHER_TEAM,
      is_stranger: true,
      email: 'xena@elsewhere.example',
    }),
    person(DEL, 'del', 'Del Departed', { deleted: true }),
    { id: BOTTY, name: 'botty', real_name: 'Botty', team_id: TEAM, is_bot: true },
  ],
  channels: [
    {
      id: INCIDENTS,
      name: 'incidents',
      members: [BOT, ANA, BO, CY, ANA_AGAIN, GUS, XENA, DEL, BOTTY],
    },
    { id: RANDOM, name: 'random', members: [BOT, ANA, BO, CY] },
    { id: DRILLS, name: 'drills', members: [BOT, ANA, BO, CY, GUS], is_private: true },
    { id: NOBOT, name: 'nobot', members: [ANA, BO, CY] },
    { id: ANA_DM, name: 'dm-ana', members: [BOT, ANA], is_im: true, is_private: true },
  ],
  groups: [
    {
      id: APPROVERS,
      handle: 'rollback-approvers',
      name: 'Rollback approvers',
      users: [ANA, BO],
      date_update: 1_760_000_000,
    },
  ],
  scopes: [
    'app_mentions:read',
    'channels:history',
    'channels:read',
    'chat:write',
    'commands',
    'files:write',
    'im:write',
    'users:read',
    'users:read.email',
    'usergroups:read',
  ],
  events: [
    'app_home_opened',
    'app_mention',
    'subteam_members_changed',
    'subteam_updated',
    'user_change',
  ],
})

export const userOf = (workspace: Workspace, id: string): SlackUser | undefined =>
  workspace.users.find((user) => user.id === id)

export const channelOf = (workspace: Workspace, id: string): SlackChannel | undefined =>
  workspace.channels.find((channel) => channel.id === id)
