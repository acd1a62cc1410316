// oxlint-disable unicorn/require-post-message-target-origin -- chat.postMessage is not the window's
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt'
import type { Logger } from '@slack/bolt'
import type { SlackProxy } from './proxy.ts'

/**
 * The smallest bot built the way the real one must be: a receiver of its own, so that Web API calls
 * and the socket never share client options. It proves the harness, and nothing about `src/`.
 */
export type TinyBot = {
  app: App
  /** What its listeners were called with, in order: `command:…`, `click:…`, with the envelope id. */
  heard: { what: string; envelopeId: string; retry?: number }[]
  stop: () => Promise<void>
}

/** The SDK waits this long, times the failures in a row, before it reconnects. */
const PING_TIMEOUT_MS = 600

/** Faults are the point of these tests: what the SDK says about each of them would bury a failure. */
export const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  setName: () => {},
  getLevel: () => LogLevel.ERROR,
}

const plain = (text: string) => ({ type: 'plain_text', text }) as const

const card = (state: string, open: boolean) => [
  {
    type: 'section' as const,
    block_id: 'state',
    text: { type: 'mrkdwn' as const, text: `*Roll back?* ${state}` },
  },
  ...(open
    ? [
        {
          type: 'actions' as const,
          block_id: 'decide',
          elements: [
            {
              type: 'button' as const,
              action_id: 'approve',
              text: plain('Approve'),
              value: 'card-1',
            },
            { type: 'button' as const, action_id: 'deny', text: plain('Deny'), value: 'card-1' },
          ],
        },
      ]
    : []),
]

const declareModal = () => ({
  type: 'modal' as const,
  callback_id: 'declare',
  title: plain('Declare incident'),
  submit: plain('Declare'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'title',
      label: plain('Title'),
      element: {
        type: 'plain_text_input' as const,
        action_id: 'text',
        initial_value: 'Errors after 4.2.0',
        max_length: 60,
      },
    },
    {
      type: 'input' as const,
      block_id: 'severity',
      label: plain('Severity'),
      element: {
        type: 'static_select' as const,
        action_id: 'pick',
        options: ['high', 'critical'].map((value) => ({ text: plain(value), value })),
      },
    },
  ],
})

export const startTinyBot = async (slack: SlackProxy): Promise<TinyBot> => {
  const slackApiUrl = slack.apiUrl
  const { appToken, botToken } = slack.workspace.app
  const receiver = new SocketModeReceiver({
    appToken,
    logger: silent,
    clientPingTimeout: PING_TIMEOUT_MS,
    customPropertiesExtractor: ({ envelope_id }: { envelope_id: string }) => ({
      envelopeId: envelope_id,
    }),
    installerOptions: {
      clientOptions: {
        slackApiUrl,
        retryConfig: { forever: true, factor: 1.5, minTimeout: 50, maxTimeout: 300 },
      },
    },
  })
  const app = new App({
    token: botToken,
    receiver,
    logger: silent,
    convoStore: false,
    clientOptions: {
      slackApiUrl,
      timeout: 5_000,
      retryConfig: { retries: 2, minTimeout: 50, maxTimeout: 200 },
    },
  })
  const heard: TinyBot['heard'] = []
  const hear = (what: string, context: { [key: string]: unknown; retryNum?: number }) => {
    const { retryNum } = context
    const retry = retryNum === undefined ? {} : { retry: retryNum }
    heard.push({ what, envelopeId: String(context['envelopeId']), ...retry })
  }

  app.command('/rollback', async ({ command, ack, respond, client, context }) => {
    hear(`command:${command.text}`, context)
    await ack(command.text === 'help' ? { text: 'Say /rollback card' } : undefined)
    if (command.text === 'modal') {
      await client.views.open({ trigger_id: command.trigger_id, view: declareModal() })
    }
    if (command.text === 'whisper') await respond('Only for you')
    if (command.text === 'card') {
      await client.chat.postMessage({
        channel: command.channel_id,
        text: 'Roll back? waiting',
        blocks: card('waiting', true),
      })
    }
  })
  app.action('approve', async ({ ack, body, client, context }) => {
    hear(`click:${body.user.id}`, context)
    await ack()
    if (body.type !== 'block_actions' || !body.channel || !body.message) return
    await client.chat.update({
      channel: body.channel.id,
      ts: body.message.ts,
      text: `Approved by ${body.user.id}`,
      blocks: card(`approved by <@${body.user.id}>`, false),
    })
  })
  app.action('refresh', async ({ ack, body, client, context }) => {
    hear(`home-click:${body.user.id}`, context)
    await ack()
    await publishHome(client, body.user.id, 'refreshed')
  })
  app.view('declare', async ({ ack, view, body, client, context }) => {
    hear('submit', context)
    const title = view.state.values['title']?.['text']?.value ?? ''
    if (title.includes('\n')) {
      await ack({ response_action: 'errors', errors: { title: 'One line, please' } })
      return
    }
    await ack()
    await client.chat.postMessage({ channel: body.user.id, text: `Declared: ${title}` })
  })
  app.shortcut('declare_incident', async ({ ack, shortcut, client, context }) => {
    hear(`shortcut:${shortcut.type}`, context)
    await ack()
    await client.views.open({ trigger_id: shortcut.trigger_id, view: declareModal() })
  })
  app.event('app_mention', async ({ event, client, context }) => {
    hear(`mention:${event.text}`, context)
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: event.thread_ts ?? event.ts,
      text: 'Yes?',
    })
  })
  app.event('app_home_opened', async ({ event, client, context }) => {
    hear(`home:${event.user}`, context)
    await publishHome(client, event.user, 'calm')
  })
  await app.start()
  return { app, heard, stop: async () => void (await app.stop()) }
}

const publishHome = (client: App['client'], user: string, state: string) =>
  client.views.publish({
    user_id: user,
    view: {
      type: 'home',
      blocks: [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: `All is ${state}` },
          accessory: { type: 'button', action_id: 'refresh', text: plain('Refresh') },
        },
      ],
    },
  })
