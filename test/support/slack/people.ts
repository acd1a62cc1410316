import type { Ephemeral } from './chat.ts'
import { findElement } from './elements.ts'
import type { Target } from './elements.ts'
import type { Delivery, EnvelopeType } from './envelopes.ts'
import { channelOf } from './fixture.ts'
import { dict, dicts, slackTime, str } from './json.ts'
import type { Dict } from './json.ts'
import { stateValues } from './modal-values.ts'
import type { Filled } from './modal-values.ts'
import { showAck } from './page-clicks.ts'
import {
  blockActionsPayload,
  commandPayload,
  eventPayload,
  messageActionPayload,
  viewActionsPayload,
  viewClosedPayload,
  viewSubmissionPayload,
} from './payloads.ts'
import type { Origin } from './payloads.ts'
import type { SlackProxy } from './proxy.ts'
import { until } from './waiting.ts'

/** Where they come from, and which of the bot's sockets gets it: nothing of this is needed often. */
type Circumstances = Origin & { to?: number }

type ClickOptions = Circumstances & {
  /** Clicks in this older rendering of the message, as a client does that has not updated yet. */
  seen?: Dict
  /** For selects: the option picked, by value or label. */
  pick?: string
}

type Submission = Delivery & {
  /** Field errors the bot answered with: the modal is still open. */
  errors?: Dict
}

/** One person using Slack. Each act resolves when the bot has answered, or Slack has given up. */
export type Person = {
  id: string
  /** `/rollback assess`, typed in a channel. */
  command: (channel: string, line: string, options?: Circumstances) => Promise<Delivery>
  say: (channel: string, text: string, thread?: string) => Promise<Dict>
  /** Says `@bot …`. The bot hears of it where it is a member. */
  mention: (channel: string, text: string, thread?: string) => Promise<Dict>
  click: (channel: string, ts: string, target: Target, options?: ClickOptions) => Promise<Delivery>
  /** The modal in front of this person, waited for. */
  modal: (timeoutMs?: number) => Promise<Dict>
  modalClick: (target: Target, options?: { pick?: string }) => Promise<Delivery>
  submit: (filled?: Filled, options?: Circumstances) => Promise<Submission>
  closeModal: () => Promise<void>
  shortcut: (callbackId: string, message: { channel: string; ts: string }) => Promise<Delivery>
  openHome: () => Promise<Delivery>
  home: (when?: (view: Dict) => boolean, timeoutMs?: number) => Promise<Dict>
  homeClick: (target: Target, options?: { pick?: string }) => Promise<Delivery>
  /** Sends a payload exactly as given: nothing is checked and nothing is added. */
  forge: (payload: Dict, type?: EnvelopeType) => Promise<Delivery>
  /** What this person sees there: nobody else's ephemeral messages. With `thread`, that thread. */
  messages: (channel: string, options?: { thread?: string }) => Promise<Dict[]>
  waitForMessage: (
    channel: string,
    when: (message: Dict) => boolean,
    timeoutMs?: number,
  ) => Promise<Dict>
  ephemerals: () => Ephemeral[]
  waitForEphemeral: (
    when: (message: Ephemeral) => boolean,
    timeoutMs?: number,
  ) => Promise<Ephemeral>
}

export const people = (slack: SlackProxy): { as: (user: string) => Person } => ({
  as: (user) => person(slack, user),
})

const person = (slack: SlackProxy, user: string): Person => {
  const { workspace, chat, views, responses, triggers, sockets } = slack

  const interact = (payload: Dict, to?: number) =>
    sockets.deliver({ type: 'interactive', payload, ...(to === undefined ? {} : { to }) })

  const seen = async (channel: string): Promise<Dict[]> =>
    (await chat.all(channel)).filter(
      (message) => message['subtype'] !== 'ephemeral' || message['ephemeral_to'] === user,
    )

  const messageAt = async (channel: string, ts: string): Promise<Dict> => {
    const message = (await seen(channel)).find((candidate) => candidate['ts'] === ts)
    if (message) return message
    throw new Error(`${user} sees no message ${ts} in ${channel}`)
  }

  const say = async (channel: string, text: string, thread?: string): Promise<Dict> => {
    const more = thread ? { thread_ts: thread } : {}
    const answer = await slack.upstream.control('message', { channel, user, text, ...more })
    return dict(answer['message'])
  }

  const actOn = (view: Dict, target: Target, pick?: string): Promise<Delivery> => {
    const action = findElement(dicts(view['blocks']), target, pick)
    const triggerId = triggers.mint(user)
    return interact(viewActionsPayload(workspace, { user, view, action, triggerId }))
  }

  const openModal = (): Dict => {
    const open = views.top(user)
    if (!open) throw new Error(`${user} has no modal open`)
    return open.view
  }

  return {
    id: user,
    say,
    mention: (channel, text, thread) =>
      say(channel, `<@${workspace.app.botUserId}> ${text}`, thread),

    command: async (channel, line, options = {}) => {
      const [command, ...words] = line.split(' ')
      if (!command?.startsWith('/')) throw new Error(`not a slash command: ${line}`)
      const target = { user, channel }
      const payload = commandPayload(workspace, {
        ...target,
        command,
        text: words.join(' '),
        triggerId: triggers.mint(user),
        responseUrl: responses.mint(target),
        origin: options,
      })
      const { to } = options
      const delivery = await sockets.deliver({
        type: 'slash_commands',
        payload,
        ...(to === undefined ? {} : { to }),
      })
      await showAck(delivery, target, responses)
      return delivery
    },

    click: async (channel, ts, target, options = {}) => {
      const message = options.seen ?? (await messageAt(channel, ts))
      const action = findElement(dicts(message['blocks']), target, options.pick)
      const payload = blockActionsPayload(workspace, {
        user,
        channel,
        message,
        action,
        triggerId: triggers.mint(user),
        responseUrl: responses.mint({ user, channel, messageTs: ts }),
        origin: options,
      })
      return interact(payload, options.to)
    },

    modal: (timeoutMs) => until(() => views.top(user)?.view, `a modal for ${user}`, timeoutMs),
    modalClick: async (target, options = {}) => actOn(openModal(), target, options.pick),

    submit: async (filled = {}, options = {}) => {
      const view = openModal()
      const values = stateValues(dicts(view['blocks']), filled)
      const payload = viewSubmissionPayload(workspace, {
        user,
        view,
        values,
        triggerId: triggers.mint(user),
        origin: options,
      })
      const delivery = await interact(payload, options.to)
      const errors = delivery.acked ? views.respond(user, delivery.response) : undefined
      return errors ? { ...delivery, errors } : delivery
    },

    closeModal: async () => {
      const view = openModal()
      views.close(user)
      if (view['notify_on_close'] === true) await interact(viewClosedPayload(workspace, user, view))
    },

    shortcut: async (callbackId, { channel, ts }) => {
      const payload = messageActionPayload(workspace, {
        user,
        channel,
        message: await messageAt(channel, ts),
        callbackId,
        triggerId: triggers.mint(user),
        responseUrl: responses.mint({ user, channel, messageTs: ts }),
      })
      return interact(payload)
    },

    openHome: () => {
      const direct = workspace.channels.find(
        (channel) => channel.is_im && channel.members.includes(user),
      )
      const view = views.home(user)
      const event = {
        type: 'app_home_opened',
        user,
        channel: direct?.id ?? `D${user.slice(1)}`,
        tab: 'home',
        event_ts: slackTime(),
        ...(view ? { view } : {}),
      }
      return sockets.deliver({ type: 'events_api', payload: eventPayload(workspace, event) })
    },
    home: (when = () => true, timeoutMs = 20_000) =>
      until(
        () => [views.home(user)].find((view) => view !== undefined && when(view)),
        `the Home of ${user}`,
        timeoutMs,
      ),
    homeClick: async (target, options = {}) => {
      const view = views.home(user)
      if (!view) throw new Error(`${user} has no Home published`)
      return actOn(view, target, options.pick)
    },

    forge: (payload, type = 'interactive') => sockets.deliver({ type, payload }),

    messages: async (channel, { thread } = {}) => {
      if (!channelOf(workspace, channel)) throw new Error(`there is no channel ${channel}`)
      const all = await seen(channel)
      if (!thread) return all.filter((message) => str(message['thread_ts']) === '')
      return all.filter(({ ts, thread_ts: parent }) => ts === thread || parent === thread)
    },
    waitForMessage: (channel, when, timeoutMs) =>
      until(
        async () => (await seen(channel)).find(when),
        `a message in ${channel} for ${user}`,
        timeoutMs,
      ),
    ephemerals: () => chat.ephemerals(user),
    waitForEphemeral: (when, timeoutMs) =>
      until(() => chat.ephemerals(user).find(when), `an ephemeral message for ${user}`, timeoutMs),
  }
}
