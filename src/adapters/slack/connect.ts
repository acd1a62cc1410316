import { App, type Receiver, type SocketModeReceiver } from '@slack/bolt'
import { WebClient, type WebClientOptions } from '@slack/web-api'
import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { Sleep } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { CALL_TIMEOUT_MS } from './call-timeout.ts'
import { slackFault } from './faults.ts'
import { signedHttpReceiver } from './http-receiver.ts'
import { quietLogger } from './quiet-logger.ts'
import { socketReceiver } from './socket-receiver.ts'
import { underWay, type UnderWay } from './under-way.ts'

/**
 * The engine and the publisher decide when to try again; the client must not do so behind their
 * back. It would also wait for as long as an answer asks it to, and no signal wakes it then.
 */
const NO_RETRIES: Pick<WebClientOptions, 'retryConfig' | 'rejectRateLimitedCalls'> = {
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
}

export type SlackOptions = {
  readonly botToken: string
  /** `null` talks to Slack itself. */
  readonly apiUrl: string | null
  readonly mode:
    | { readonly kind: 'socket'; readonly appToken: string }
    | { readonly kind: 'http'; readonly signingSecret: string; readonly port: number }
  readonly log: Log
  readonly now: () => number
}

/** Who we are in Slack. */
type Identity = {
  readonly team: string
  /** The organisation of an Enterprise Grid that our workspace is in; `null`: it is in none. */
  readonly enterprise: string | null
  readonly botUser: string
  readonly bot: string
}

export type SlackConnection = {
  readonly app: App
  /** For messages: a limit on one of them must not delay the rest. */
  readonly messages: WebClient
  /** For questions about people and channels, and for what a waiting person sees. */
  readonly questions: WebClient
  /** Who we are, once Slack has said it. */
  readonly identified: Promise<Identity>
  /** In words why Slack cannot reach us now; `null` when it can. */
  trouble(): string | null
  /**
   * Connects, and keeps trying while Slack is away. Rejects when Slack refuses us for good. What Slack delivers
   * waits until `takeDeliveries`.
   */
  start(sleep: Sleep, signal: AbortSignal): Promise<void>
  /** Everything that listens is there: from now on it is handed what Slack delivers, and has delivered. */
  takeDeliveries(): void
  stop(): Promise<void>
}

export function connectSlack(options: SlackOptions): SlackConnection {
  const { botToken, apiUrl, mode, log } = options
  const address = apiUrl ? { slackApiUrl: apiUrl } : {}
  const newClient = () =>
    new WebClient(botToken, {
      ...address,
      timeout: CALL_TIMEOUT_MS,
      ...NO_RETRIES,
      logger: quietLogger(log),
    })
  const messages = newClient()
  const questions = newClient()
  let identity: Identity | null = null
  const identified = Promise.withResolvers<Identity>()
  const listening = Promise.withResolvers<void>()
  let socketTrouble: string | null = 'not connected yet'

  let sent: UnderWay | null = null
  const receiver: Receiver & { stop(): Promise<unknown> } =
    mode.kind === 'socket'
      ? watched(socketReceiver(mode.appToken, { address, log }))
      : signedHttpReceiver({ ...mode, log, logger: quietLogger(log), now: options.now })

  const app = new App({
    receiver,
    logger: quietLogger(log),
    convoStore: false,
    authorize: async (source) => {
      // Bolt asks this before it looks for who listens.
      await listening.promise
      // Until Slack has said which workspace is ours, nobody can be told from a stranger; later checks ask.
      if (identity && !isOurs(identity, source)) throw new Error('a payload of another workspace')
      return {
        botToken,
        botId: identity?.bot ?? '',
        botUserId: identity?.botUser ?? '',
        teamId: identity?.team ?? '',
      }
    },
    clientOptions: { ...address, timeout: CALL_TIMEOUT_MS, ...NO_RETRIES },
  })

  function watched(socket: SocketModeReceiver): SocketModeReceiver {
    socket.client.on('connected', () => {
      socketTrouble = null
      log.info('connected to Slack')
    })
    for (const event of ['reconnecting', 'disconnected', 'close'] as const) {
      socket.client.on(event, () => {
        socketTrouble ??= 'the connection is lost; connecting again'
      })
    }
    sent = underWay(socket)
    return socket
  }

  async function identify(sleep: Sleep, signal: AbortSignal): Promise<void> {
    for (let waitMs = 1_000; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
      try {
        identity = Self.parse(await questions.auth.test())
        identified.resolve(identity)
        return
      } catch (error) {
        const fault = slackFault(error)
        if (fault.kind === 'terminal') throw fault
        socketTrouble = fault.detail
        log.warn('Slack cannot be reached; trying again', { error: fault })
        await sleep(fault.retryAfterMs ?? waitMs, signal)
      }
    }
  }

  return {
    app,
    messages,
    questions,
    identified: identified.promise,
    trouble: () => socketTrouble,
    takeDeliveries: listening.resolve,
    async start(sleep, signal) {
      await identify(sleep, signal)
      if (signal.aborted) return
      try {
        await (mode.kind === 'socket' ? app.start() : app.start(mode.port))
      } catch (error) {
        throw portFault(error) ?? slackFault(error)
      }
      if (mode.kind === 'http') socketTrouble = null
    },
    async stop() {
      await sent?.over()
      await app.stop()
    },
  }
}

/**
 * A channel may be shared within an Enterprise Grid, and a press there names the workspace that the
 * person had open. Whether they are in ours as well is asked with everything else about them.
 */
export function isOurs(
  { team, enterprise }: Pick<Identity, 'team' | 'enterprise'>,
  source: { readonly teamId?: string | undefined; readonly enterpriseId?: string | undefined },
): boolean {
  return source.teamId === team || (enterprise !== null && source.enterpriseId === enterprise)
}

const Self = z
  .object({
    team_id: z.string(),
    enterprise_id: z.string().min(1).nullish(),
    user_id: z.string(),
    bot_id: z.string().default(''),
  })
  .transform(({ team_id, enterprise_id, user_id, bot_id }) => {
    return { team: team_id, enterprise: enterprise_id ?? null, botUser: user_id, bot: bot_id }
  })

function portFault(error: unknown): Fault | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return null
  const detail =
    code === 'EADDRINUSE' ? 'SLACK_HTTP_PORT is in use' : 'SLACK_HTTP_PORT may not be used'
  return new Fault({ kind: 'terminal', dependency: 'slack', code, detail, cause: error })
}
