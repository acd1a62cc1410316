import { blocksProblem } from './block-rules.ts'
import type { ApiCall } from './faults.ts'
import { channelOf } from './fixture.ts'
import type { Workspace } from './fixture.ts'
import { dict, dicts, isDict, str } from './json.ts'
import type { Dict } from './json.ts'

/** Everything Slack checks before it does anything: token, scope, channel, content. */

const NEEDS: Record<string, string> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'chat.delete': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'conversations.info': 'channels:read',
  'conversations.list': 'channels:read',
  'conversations.members': 'channels:read',
  'conversations.history': 'channels:history',
  'conversations.replies': 'channels:history',
  'conversations.open': 'im:write',
  'users.info': 'users:read',
  'users.list': 'users:read',
  'users.lookupByEmail': 'users:read.email',
  'usergroups.list': 'usergroups:read',
  'usergroups.users.list': 'usergroups:read',
  'files.getUploadURLExternal': 'files:write',
  'files.completeUploadExternal': 'files:write',
  'reactions.add': 'reactions:write',
  'reactions.remove': 'reactions:write',
  'pins.add': 'pins:write',
}

/** Reading or writing here needs the bot to be in the channel. */
const MEMBERS_ONLY = new Set([
  'chat.postMessage',
  'chat.update',
  'chat.delete',
  'chat.postEphemeral',
  'chat.getPermalink',
  'conversations.history',
  'conversations.replies',
  'files.completeUploadExternal',
  'reactions.add',
  'reactions.remove',
])

const POSTS = new Set(['chat.postMessage', 'chat.postEphemeral', 'chat.update'])
const MAX_UPDATE_TEXT = 4_000
const MAX_ATTACHMENTS = 100

export const refuse = (error: string, more: Dict = {}): Dict => ({ ok: false, error, ...more })

const tokenProblem = ({ method, token }: ApiCall, { app }: Workspace): Dict | undefined => {
  if (method === 'api.test' || method === 'blocks.validate') return undefined
  if (token === '') return refuse('not_authed')
  const forApp = method === 'apps.connections.open'
  const [right, wrongKind] = forApp ? [app.appToken, app.botToken] : [app.botToken, app.appToken]
  if (token === right) return undefined
  return refuse(token === wrongKind ? 'not_allowed_token_type' : 'invalid_auth')
}

const scopeProblem = (method: string, { scopes }: Workspace): Dict | undefined => {
  const needed = NEEDS[method]
  if (!needed || scopes.includes(needed)) return undefined
  return refuse('missing_scope', { needed, provided: scopes.join(',') })
}

const channelProblem = ({ method, body }: ApiCall, workspace: Workspace): Dict | undefined => {
  if (!MEMBERS_ONLY.has(method)) return undefined
  const id = str(body['channel']) || str(body['channel_id'])
  // A file may be completed without sharing it anywhere.
  if (id === '' && method === 'files.completeUploadExternal') return undefined
  const channel = channelOf(workspace, id)
  if (!channel) return refuse('channel_not_found')
  if (!channel.members.includes(workspace.app.botUserId)) return refuse('not_in_channel')
  if (channel.is_archived) return refuse('is_archived')
  if (method === 'chat.postEphemeral' && !channel.members.includes(str(body['user']))) {
    return refuse('user_not_in_channel')
  }
  return undefined
}

const metadataProblem = (value: unknown): Dict | undefined => {
  if (value === undefined || value === '') return undefined
  if (!isDict(value)) return refuse('invalid_metadata_format')
  if (Object.keys(value).length === 0) return undefined
  const whole = str(value['event_type']) !== '' && isDict(value['event_payload'])
  return whole ? undefined : refuse('invalid_metadata_schema')
}

const contentProblem = ({ method, body }: ApiCall): Dict | undefined => {
  if (!POSTS.has(method)) return undefined
  const text = str(body['text'])
  const attachments = dicts(body['attachments'])
  const blocks = dicts(body['blocks'])
  const nothing = text === '' && blocks.length === 0 && attachments.length === 0
  if (nothing && str(body['markdown_text']) === '') return refuse('no_text')
  if (method === 'chat.update' && text.length > MAX_UPDATE_TEXT) return refuse('msg_too_long')
  if (attachments.length > MAX_ATTACHMENTS) return refuse('too_many_attachments')
  const problem = blocksProblem(body['blocks'])
  if (problem) {
    const { error, messages } = problem
    return refuse(error, { errors: messages, response_metadata: { messages } })
  }
  return metadataProblem(body['metadata'])
}

export const guard = (call: ApiCall, workspace: Workspace): Dict | undefined =>
  tokenProblem(call, workspace) ??
  scopeProblem(call.method, workspace) ??
  channelProblem(call, workspace) ??
  contentProblem(call)

/** Only its own messages may a bot change, and an ephemeral one is not there to be changed. */
export const ownershipProblem = (
  method: 'chat.update' | 'chat.delete',
  message: Dict | undefined,
  workspace: Workspace,
): Dict | undefined => {
  const found = dict(message)
  if (!message || found['subtype'] === 'ephemeral') return refuse('message_not_found')
  if (found['user'] === workspace.app.botUserId) return undefined
  return refuse(method === 'chat.update' ? 'cant_update_message' : 'cant_delete_message')
}
