import { channelOf, userOf } from './fixture.ts'
import type { Workspace } from './fixture.ts'
import { overTheWire, slackTime, str, uniqueId } from './json.ts'
import type { Dict } from './json.ts'
import { stateValues } from './modal-values.ts'

/** Interaction payloads field by field as real Slack sends them (bolt's types, and Slack's pages). */

const TOKEN = 'verification-token'

/** How a person looks from another place: a guest of Slack Connect, or a forged home team. */
export type Origin = { userTeamId?: string; teamId?: string; enterpriseId?: string }

const person = (workspace: Workspace, user: string, origin: Origin): Dict => {
  const known = userOf(workspace, user)
  const name = known?.name ?? user.toLowerCase()
  const home = origin.userTeamId ?? known?.team_id ?? workspace.teamId
  return { id: user, username: name, name, team_id: home }
}

const envelope = (workspace: Workspace, origin: Origin): Dict => ({
  token: TOKEN,
  team: { id: origin.teamId ?? workspace.teamId, domain: workspace.domain },
  enterprise: origin.enterpriseId ? { id: origin.enterpriseId, name: 'Enterprise' } : null,
  is_enterprise_install: false,
})

const place = (workspace: Workspace, channel: string): Dict => ({
  id: channel,
  name: channelName(workspace, channel),
})

const channelName = (workspace: Workspace, channel: string): string => {
  const known = channelOf(workspace, channel)
  return known?.is_im ? 'directmessage' : (known?.name ?? channel)
}

export const commandPayload = (
  workspace: Workspace,
  input: {
    user: string
    channel: string
    command: string
    text: string
    triggerId: string
    responseUrl: string
    origin?: Origin
  },
): Dict => {
  const { user, channel, command, text, triggerId, responseUrl, origin = {} } = input
  return {
    token: TOKEN,
    // A slash command carries one team only: where it was typed. For an outsider that is theirs.
    team_id: origin.userTeamId ?? origin.teamId ?? workspace.teamId,
    team_domain: workspace.domain,
    ...(origin.enterpriseId
      ? { enterprise_id: origin.enterpriseId, enterprise_name: 'Enterprise' }
      : {}),
    channel_id: channel,
    channel_name: channelName(workspace, channel),
    user_id: user,
    user_name: userOf(workspace, user)?.name ?? user.toLowerCase(),
    command,
    text,
    api_app_id: workspace.app.appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  }
}

/** A message as it is shown inside a payload: without what local-slack adds for its own page. */
const shownMessage = (workspace: Workspace, message: Dict): Dict => {
  const { channel: _channel, username: _username, ephemeral_to: _to, ...rest } = message
  return { team: workspace.teamId, ...rest }
}

export const blockActionsPayload = (
  workspace: Workspace,
  input: {
    user: string
    channel: string
    message: Dict
    action: Dict
    triggerId: string
    responseUrl: string
    origin?: Origin
  },
): Dict => {
  const { user, channel, message, action, triggerId, responseUrl, origin = {} } = input
  const hidden = message['subtype'] === 'ephemeral'
  const blocks = Array.isArray(message['blocks']) ? message['blocks'] : []
  return overTheWire({
    type: 'block_actions',
    user: person(workspace, user, origin),
    api_app_id: workspace.app.appId,
    ...envelope(workspace, origin),
    container: {
      type: 'message',
      message_ts: message['ts'],
      channel_id: channel,
      is_ephemeral: hidden,
      ...(message['thread_ts'] ? { thread_ts: message['thread_ts'] } : {}),
    },
    trigger_id: triggerId,
    channel: place(workspace, channel),
    // Slack keeps no ephemeral message, so it cannot send one back.
    message: hidden ? undefined : shownMessage(workspace, message),
    state: { values: stateValues(blocks, {}, false) },
    response_url: responseUrl,
    actions: [{ action_ts: slackTime(), ...action }],
  })
}

export const viewActionsPayload = (
  workspace: Workspace,
  input: { user: string; view: Dict; action: Dict; triggerId: string; origin?: Origin },
): Dict => {
  const { user, view, action, triggerId, origin = {} } = input
  return overTheWire({
    type: 'block_actions',
    user: person(workspace, user, origin),
    api_app_id: workspace.app.appId,
    ...envelope(workspace, origin),
    container: { type: 'view', view_id: view['id'] },
    trigger_id: triggerId,
    view,
    actions: [{ action_ts: slackTime(), ...action }],
  })
}

export const viewSubmissionPayload = (
  workspace: Workspace,
  input: { user: string; view: Dict; values: Dict; triggerId: string; origin?: Origin },
): Dict => {
  const { user, view, values, triggerId, origin = {} } = input
  return overTheWire({
    type: 'view_submission',
    ...envelope(workspace, origin),
    user: person(workspace, user, origin),
    api_app_id: workspace.app.appId,
    trigger_id: triggerId,
    view: { ...view, state: { values } },
    response_urls: [],
  })
}

export const viewClosedPayload = (workspace: Workspace, user: string, view: Dict): Dict =>
  overTheWire({
    type: 'view_closed',
    ...envelope(workspace, {}),
    user: person(workspace, user, {}),
    api_app_id: workspace.app.appId,
    view,
    is_cleared: false,
  })

/** A message shortcut. Slack's example of it has no `api_app_id`, so ours has none either. */
export const messageActionPayload = (
  workspace: Workspace,
  input: {
    user: string
    channel: string
    message: Dict
    callbackId: string
    triggerId: string
    responseUrl: string
    origin?: Origin
  },
): Dict => {
  const { user, channel, message, callbackId, triggerId, responseUrl, origin = {} } = input
  return overTheWire({
    type: 'message_action',
    ...envelope(workspace, origin),
    action_ts: slackTime(),
    user: person(workspace, user, origin),
    channel: place(workspace, channel),
    callback_id: callbackId,
    trigger_id: triggerId,
    response_url: responseUrl,
    message_ts: message['ts'],
    message: shownMessage(workspace, message),
  })
}

export const eventPayload = (workspace: Workspace, event: Dict): Dict => {
  const shared = channelOf(workspace, str(event['channel']))?.is_ext_shared === true
  return {
    token: TOKEN,
    team_id: workspace.teamId,
    api_app_id: workspace.app.appId,
    event,
    type: 'event_callback',
    event_id: uniqueId('Ev'),
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: workspace.teamId,
        user_id: workspace.app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: shared,
  }
}
