import type { Chat } from './chat.ts'
import type { Delivery } from './envelopes.ts'
import { userOf } from './fixture.ts'
import type { Workspace } from './fixture.ts'
import { dict, dicts, str } from './json.ts'
import type { Dict } from './json.ts'
import { withInitials } from './modal-values.ts'
import {
  blockActionsPayload,
  commandPayload,
  eventPayload,
  viewActionsPayload,
  viewClosedPayload,
  viewSubmissionPayload,
} from './payloads.ts'
import type { Responses } from './responses.ts'
import type { Sockets } from './sockets.ts'
import type { Triggers } from './triggers.ts'
import type { Views } from './views.ts'

/**
 * What people do on local-slack's own web page (a browser test) arrives as local-slack's envelopes.
 * They are rewritten here to what Slack would send, and delivered like any other.
 */
export type PageContext = {
  workspace: Workspace
  chat: Chat
  responses: Responses
  triggers: Triggers
  views: Views
  sockets: Sockets
}

const NOTHING: Dict = {}

const command = async (sent: Dict, context: PageContext): Promise<Dict> => {
  const { workspace, responses, triggers, sockets } = context
  const [user, channel] = [str(sent['user_id']), str(sent['channel_id'])]
  const triggerId = str(sent['trigger_id'])
  triggers.adopt(triggerId, user)
  const target = { user, channel }
  const payload = commandPayload(workspace, {
    ...target,
    command: str(sent['command']),
    text: str(sent['text']),
    triggerId,
    responseUrl: responses.mint(target),
  })
  const delivery = await sockets.deliver({ type: 'slash_commands', payload })
  await showAck(delivery, target, responses)
  return NOTHING
}

/** Slack shows the text of an ack to the one who typed, unless told otherwise. */
export const showAck = async (
  { acked, response }: Delivery,
  target: { user: string; channel: string },
  responses: Responses,
): Promise<void> => {
  if (!acked || (!str(response['text']) && !Array.isArray(response['blocks']))) return
  await responses.show(target, response, 'ack')
}

const blockAction = async (sent: Dict, context: PageContext): Promise<Dict> => {
  const { workspace, chat, responses, triggers, views, sockets } = context
  const user = str(dict(sent['user'])['id'])
  const channel = str(dict(sent['channel'])['id'])
  const triggerId = str(sent['trigger_id'])
  triggers.adopt(triggerId, user)
  const action = dicts(sent['actions'])[0] ?? {}
  const home = views.home(user)
  if (channel === '' && home) {
    const payload = viewActionsPayload(workspace, { user, view: home, action, triggerId })
    await sockets.deliver({ type: 'interactive', payload })
    return NOTHING
  }
  const ts = str(dict(sent['container'])['message_ts'])
  const message = (await chat.find(channel, ts)) ?? { ts }
  const responseUrl = responses.mint({ user, channel, messageTs: ts })
  const payload = blockActionsPayload(workspace, {
    user,
    channel,
    message,
    action,
    triggerId,
    responseUrl,
  })
  await sockets.deliver({ type: 'interactive', payload })
  return NOTHING
}

const submission = async (sent: Dict, context: PageContext): Promise<Dict> => {
  const { workspace, triggers, views, sockets } = context
  const user = str(dict(sent['user'])['id'])
  const triggerId = str(sent['trigger_id'])
  triggers.adopt(triggerId, user)
  const shown = dict(sent['view'])
  const view = views.fromUpstream(user, str(shown['id']))?.view ?? shown
  const submitted = dict(dict(shown['state'])['values'])
  const values = withInitials(dicts(view['blocks']), submitted)
  const payload = viewSubmissionPayload(workspace, { user, view, values, triggerId })
  const { acked, response } = await sockets.deliver({ type: 'interactive', payload })
  if (acked) views.respond(user, response)
  // local-slack closes a modal on an empty answer; an unanswered one stays open in Slack.
  return acked ? response : { response_action: 'errors', errors: {} }
}

const closed = async (sent: Dict, { workspace, views, sockets }: PageContext): Promise<Dict> => {
  const user = str(dict(sent['user'])['id'])
  const shown = dict(sent['view'])
  const view = views.fromUpstream(user, str(shown['id']))?.view ?? shown
  views.close(user)
  const payload = viewClosedPayload(workspace, user, view)
  await sockets.deliver({ type: 'interactive', payload })
  return NOTHING
}

const event = async (sent: Dict, { workspace, views, sockets }: PageContext): Promise<Dict> => {
  const original = dict(sent['event'])
  const kind = str(original['type'])
  if (!workspace.events.includes(kind)) return NOTHING
  const user = str(original['user'])
  const home = kind === 'app_home_opened' ? views.home(user) : undefined
  const detail = {
    ...original,
    ...(kind === 'app_mention'
      ? { team: userOf(workspace, user)?.team_id ?? workspace.teamId }
      : {}),
    ...(home ? { view: home } : {}),
  }
  await sockets.deliver({ type: 'events_api', payload: eventPayload(workspace, detail) })
  return NOTHING
}

export const deliverFromPage = (
  type: string,
  payload: Dict,
  context: PageContext,
): Promise<Dict> => {
  if (type === 'slash_commands') return command(payload, context)
  if (type === 'events_api') return event(payload, context)
  if (payload['type'] === 'view_submission') return submission(payload, context)
  if (payload['type'] === 'view_closed') return closed(payload, context)
  return blockAction(payload, context)
}
