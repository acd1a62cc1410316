import type { Chat } from './chat.ts'
import { channelOf, userOf } from './fixture.ts'
import type { SlackChannel, SlackUser, Workspace } from './fixture.ts'
import { ownershipProblem, refuse } from './guard.ts'
import { dict, isDict, str, truthy } from './json.ts'
import type { Dict } from './json.ts'
import type { SocketsInternal } from './sockets.ts'
import type { Upstream } from './upstream.ts'
import type { Views } from './views.ts'

export type MethodContext = {
  workspace: Workspace
  upstream: Upstream
  chat: Chat
  views: Views
  sockets: SocketsInternal
  /** Where the bot sees us, without a slash at the end. */
  base: () => string
}

type Method = (args: Dict, context: MethodContext) => Dict | Promise<Dict>

/** Real Slack cuts longer texts off. */
const MAX_POST_TEXT = 40_000

const member = (user: SlackUser, { scopes }: Workspace): Dict => ({
  id: user.id,
  team_id: user.team_id,
  ...(user.enterprise_user ? { enterprise_user: user.enterprise_user } : {}),
  name: user.name,
  real_name: user.real_name,
  deleted: user.deleted === true,
  tz: 'Europe/Lisbon',
  is_bot: user.is_bot === true,
  is_app_user: false,
  ...(user.deleted === true ? {} : flags(user)),
  profile: {
    real_name: user.real_name,
    display_name: user.name,
    team: user.team_id,
    ...(user.email && scopes.includes('users:read.email') ? { email: user.email } : {}),
  },
})

/** Slack leaves these out for deactivated people. */
const flags = (user: SlackUser): Dict => ({
  is_admin: false,
  is_owner: false,
  is_restricted: user.is_restricted === true,
  is_ultra_restricted: user.is_ultra_restricted === true,
  is_email_confirmed: user.is_email_confirmed !== false,
  ...(user.is_stranger ? { is_stranger: true } : {}),
})

const botUser = ({ app, teamId }: Workspace): SlackUser => ({
  id: app.botUserId,
  name: app.botName,
  real_name: app.botName,
  team_id: teamId,
  is_bot: true,
})

const conversation = (channel: SlackChannel, { app }: Workspace): Dict => ({
  id: channel.id,
  ...(channel.is_im
    ? { user: channel.members.find((id) => id !== app.botUserId) }
    : { name: channel.name, name_normalized: channel.name }),
  is_channel: !channel.is_im && !channel.is_private,
  is_group: channel.is_private === true && !channel.is_im,
  is_im: channel.is_im === true,
  is_private: channel.is_private === true,
  is_archived: channel.is_archived === true,
  is_member: channel.members.includes(app.botUserId),
  is_shared: channel.is_ext_shared === true,
  is_ext_shared: channel.is_ext_shared === true,
  is_pending_ext_shared: channel.is_pending_ext_shared === true,
  is_org_shared: false,
  num_members: channel.members.length,
})

const list = (key: string, items: Dict[]): Dict => ({
  ok: true,
  [key]: items,
  response_metadata: { next_cursor: '' },
})

/** Opening a DM makes a channel that the rest of the proxy must know. */
const openDirect = async (user: string, { upstream, workspace }: MethodContext): Promise<Dict> => {
  if (!userOf(workspace, user)) return refuse('user_not_found')
  const answer = await upstream.api('conversations.open', { users: user })
  const id = str(dict(answer['channel'])['id'])
  if (id && !channelOf(workspace, id)) {
    const members = [workspace.app.botUserId, user]
    workspace.channels.push({ id, name: `dm-${user}`, members, is_im: true, is_private: true })
  }
  return answer
}

export const METHODS: Record<string, Method> = {
  'api.test': (args) => ({ ok: true, args }),
  'auth.test': async (args, { upstream, workspace: { enterpriseId } }) => ({
    ...(await upstream.api('auth.test', args)),
    ...(enterpriseId ? { enterprise_id: enterpriseId, enterprise_name: 'Enterprise' } : {}),
  }),
  'apps.connections.open': (_args, { sockets, base }) => {
    const ticket = sockets.ticket()
    if (!ticket) return refuse('too_many_websockets')
    return { ok: true, url: `${base().replace('http', 'ws')}/link/?ticket=${ticket}` }
  },
  'chat.postMessage': (args, { chat }) =>
    chat.post({ ...args, text: str(args['text']).slice(0, MAX_POST_TEXT) }),
  'chat.postEphemeral': (args, { chat }) => chat.whisper(args, 'chat.postEphemeral'),
  'chat.update': async (args, { chat, workspace }) => {
    const message = await chat.find(str(args['channel']), str(args['ts']))
    return ownershipProblem('chat.update', message, workspace) ?? chat.update(args)
  },
  'chat.delete': async (args, { chat, workspace }) => {
    const [channel, ts] = [str(args['channel']), str(args['ts'])]
    const problem = ownershipProblem('chat.delete', await chat.find(channel, ts), workspace)
    return problem ?? chat.remove(channel, ts)
  },
  'conversations.history': (args, { chat }) => chat.history(args),
  'conversations.replies': (args, { chat }) => chat.replies(args),
  'conversations.open': (args, context) =>
    openDirect(str(args['users']).split(',')[0] ?? '', context),
  'conversations.info': (args, { workspace }) => {
    const channel = channelOf(workspace, str(args['channel']))
    if (!channel) return refuse('channel_not_found')
    return { ok: true, channel: conversation(channel, workspace) }
  },
  'conversations.list': (args, { workspace }) => {
    const types = (str(args['types']) || 'public_channel').split(',')
    const wanted = (channel: SlackChannel) =>
      types.includes(
        channel.is_im ? 'im' : channel.is_private ? 'private_channel' : 'public_channel',
      )
    const found = workspace.channels.filter(wanted)
    return list(
      'channels',
      found.map((channel) => conversation(channel, workspace)),
    )
  },
  'conversations.members': (args, { workspace }) => {
    const channel = channelOf(workspace, str(args['channel']))
    if (!channel) return refuse('channel_not_found')
    return { ok: true, members: channel.members, response_metadata: { next_cursor: '' } }
  },
  'users.info': (args, { workspace }) => {
    const known = [...workspace.users, botUser(workspace)]
    const user = known.find(
      ({ id, enterprise_user }) => id === args['user'] || enterprise_user?.id === args['user'],
    )
    return user ? { ok: true, user: member(user, workspace) } : refuse('user_not_found')
  },
  'users.list': (_args, { workspace }) =>
    list(
      'members',
      [...workspace.users, botUser(workspace)].map((user) => member(user, workspace)),
    ),
  'users.lookupByEmail': (args, { workspace }) => {
    const wanted = str(args['email']).toLowerCase()
    const user = workspace.users.find(
      ({ email, deleted }) => !deleted && wanted !== '' && email?.toLowerCase() === wanted,
    )
    return user ? { ok: true, user: member(user, workspace) } : refuse('users_not_found')
  },
  'usergroups.list': (args, { workspace }) => {
    const found = workspace.groups.filter(
      (group) => truthy(args['include_disabled']) || !group.disabled,
    )
    const usergroups = found.map(({ users, disabled, ...group }) => ({
      ...group,
      team_id: workspace.teamId,
      is_usergroup: true,
      date_delete: disabled ? group.date_update : 0,
      user_count: users.length,
      ...(truthy(args['include_users']) ? { users } : {}),
    }))
    return { ok: true, usergroups }
  },
  'usergroups.users.list': (args, { workspace }) => {
    const group = workspace.groups.find(({ id }) => id === args['usergroup'])
    if (!group || (group.disabled && !truthy(args['include_disabled']))) {
      return refuse('no_such_subteam')
    }
    return { ok: true, users: group.users }
  },
  'files.getUploadURLExternal': async (args, { upstream, base }) => {
    const answer = await upstream.api('files.getUploadURLExternal', args)
    // The bytes go through us too, so that an outage is an outage for them.
    const url = str(answer['upload_url']).replace(upstream.url, base())
    return { ...answer, upload_url: url }
  },
  'views.open': (args, { views }) => views.open(args),
  'views.push': (args, { views }) => views.push(args),
  'views.update': (args, { views }) => views.update(args),
  'views.publish': (args, { views }) => views.publish(args),
}

/** Arguments name a person where a channel belongs, or a channel by its name: Slack allows both. */
export const withChannelId = async (args: Dict, context: MethodContext): Promise<Dict> => {
  const given = str(args['channel'])
  if (given === '' || channelOf(context.workspace, given)) return args
  const named = context.workspace.channels.find(({ name }) => name === given.replace(/^#/, ''))
  if (named) return { ...args, channel: named.id }
  if (!userOf(context.workspace, given)) return args
  const opened = await openDirect(given, context)
  const id = isDict(opened['channel']) ? str(opened['channel']['id']) : ''
  return { ...args, channel: id || given }
}
