import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import bolt, { type App, type Logger, type Receiver } from '@slack/bolt'
import type { Log } from '../../ports/log.ts'

const { HTTPReceiver } = bolt

/** The one address that Slack calls: commands, events and interactions. */
const SLACK_PATH = '/slack/events'

/** Bolt refuses requests older than five minutes, and accepts those from the future. */
const FUTURE_SECONDS = 60

/** A signature stays valid for five minutes on either side; afterwards it need not be remembered. */
const REMEMBERED_MS = 10 * 60_000

/** Slack writes no other. What looks different, Bolt refuses. */
const SIGNATURE = /^v0=[0-9a-f]{64}$/

/** How long open connections may finish when we stop, in milliseconds. */
const GRACE_MS = 2_000

/**
 * Bolt's HTTP receiver with its signature check, and what that check lacks: requests from the future
 * and requests seen before are refused.
 */
export function signedHttpReceiver(options: {
  readonly signingSecret: string
  readonly port: number
  readonly log: Log
  readonly logger: Logger
  readonly now: () => number
}): Receiver & { stop(): Promise<unknown> } {
  const { log, now } = options
  const inner = new HTTPReceiver({ signingSecret: options.signingSecret, logger: options.logger })
  const seen = new Map<string, number>()

  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== SLACK_PATH) {
      response.writeHead(404).end()
      return
    }
    const refusal = reasonToRefuse(request)
    if (refusal) {
      log.warn('a request in Slack’s name was refused', { why: refusal })
      response.writeHead(401).end()
      return
    }
    try {
      inner.requestListener(request, response)
    } catch (error) {
      log.error('a request could not be handed to Bolt', { error })
      response.writeHead(500).end()
      return
    }
    rememberIfAccepted(request, response)
  })

  function reasonToRefuse({ headers }: IncomingMessage): string | null {
    const timestamp = Number(headers['x-slack-request-timestamp'])
    if (timestamp > now() / 1000 + FUTURE_SECONDS) return 'its time lies in the future'
    const signature = headers['x-slack-signature']
    if (typeof signature === 'string' && (seen.get(signature) ?? 0) > now()) return 'seen before'
    return null
  }

  /** Only what Bolt found to be signed: nobody else may fill this memory. */
  function rememberIfAccepted({ headers }: IncomingMessage, response: ServerResponse): void {
    const signature = headers['x-slack-signature']
    if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return
    const untilMs = now() + REMEMBERED_MS
    seen.set(signature, untilMs)
    // And not "finish": a request that was cut off comes to no end, and Bolt judged nothing.
    response.on('close', () => {
      if (!response.writableFinished || response.statusCode === 401) seen.delete(signature)
    })
    for (const [old, oldUntilMs] of seen) {
      if (oldUntilMs > now()) break
      seen.delete(old)
    }
  }

  return {
    init: (app: App) => inner.init(app),
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(options.port, () => resolve(server))
      }),
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS)
        server.close(() => {
          clearTimeout(timer)
          resolve(undefined)
        })
        server.closeIdleConnections()
      }),
  }
}
