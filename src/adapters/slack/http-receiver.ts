import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { HTTPReceiver, type App, type Logger, type Receiver } from '@slack/bolt'
import { waitingRoom, type WaitingRoom } from '../../domain/base/waiting-room.ts'
import { timesOf } from '../../machine/bounded-server.ts'
import type { Log } from '../../ports/log.ts'
import { bodyOf, claimOf, isProved } from './request-proof.ts'
import { seenSignatures } from './seen-signatures.ts'

/** The one address that Slack calls: commands, events and interactions. */
const SLACK_PATH = '/slack/events'

/** How long open connections may finish when we stop, in milliseconds. */
const GRACE_MS = 2_000

/** Whoever fills the room must not fill the log too. */
const TELL_EVERY_MS = 60_000

export type HttpLimits = {
  /** Connections on which nothing was proved yet. */
  readonly mostUnproved: number
  readonly mostBodyBytes: number
  /** Of all bodies that are being read, together. */
  readonly mostUnprovedBytes: number
  /** From the connection until the headers, and until the whole request, are there. */
  readonly headersMs: number
  readonly requestMs: number
}

/**
 * Anybody may connect, so this is what strangers can cost. A message of 40,000 letters of Chinese,
 * the largest that Slack sends with a click, is 0.7 MB; a click arrives whole in milliseconds.
 */
const LIMITS: HttpLimits = {
  mostUnproved: 256,
  mostBodyBytes: 1024 * 1024,
  mostUnprovedBytes: 8 * 1024 * 1024,
  headersMs: 5_000,
  requestMs: 10_000,
}

type Options = {
  readonly signingSecret: string
  readonly port: number
  readonly log: Log
  readonly logger: Logger
  readonly now: () => number
  readonly limits?: HttpLimits
}

/**
 * Bolt's HTTP receiver behind a door of ours: a request reaches Bolt when it is whole, proved to be
 * Slack's, of now, and new. Until then it may take only so much room and time.
 */
export function signedHttpReceiver(options: Options): Receiver & { stop(): Promise<unknown> } {
  const { signingSecret, log, logger, now, limits = LIMITS } = options
  // It would let `ssl_check` through unsigned, so the signature is checked here and not there.
  const inner = new HTTPReceiver({ signingSecret, logger, signatureVerification: false })
  const crowded = atMostEvery(TELL_EVERY_MS, now, () =>
    log.warn('too many connections that prove nothing; those that waited longest are closed'),
  )
  const room = waitingRoom<Socket>({
    mostGuests: limits.mostUnproved,
    mostBytes: limits.mostUnprovedBytes,
    turnOut: (socket) => {
      crowded()
      socket.destroy()
    },
  })
  const server = boundedServer(limits, door({ ...options, limits }, room, inner))
  server.on('connection', (socket: Socket) => {
    room.enter(socket)
    socket.once('close', () => room.leave(socket))
  })
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

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Nothing of a request is looked at for what it says before its signature is. */
function door(
  { signingSecret, log, now, limits }: Options & { readonly limits: HttpLimits },
  room: WaitingRoom<Socket>,
  inner: Pick<InstanceType<typeof HTTPReceiver>, 'requestListener'>,
): Answer {
  const seen = seenSignatures(now)
  return async (request, response) => {
    const end = (status: number): void => {
      response.writeHead(status).end()
    }
    const refuse = (why: string, status = 401): void => {
      log.warn('a request in Slack’s name was refused', { why })
      end(status)
    }
    if (request.method !== 'POST' || request.url?.split('?')[0] !== SLACK_PATH) return end(404)
    const claim = claimOf(request.headers, now())
    if (typeof claim === 'string') return refuse(claim)
    const { socket } = request
    const body = await bodyOf(request, {
      mostBytes: limits.mostBodyBytes,
      holds: (moreBytes) => room.holds(socket, moreBytes),
    })
    if (body === 'cut off') return
    if (body === 'too large') return refuse('it is too large', 413)
    if (!isProved(claim, body, { signingSecret, nowMs: now() })) return refuse('not by Slack')
    room.leave(socket)
    if (!seen.isNew(claim.signature)) return refuse('seen before')
    try {
      // Bolt takes a body that was read already from here.
      inner.requestListener(Object.assign(request, { rawBody: body }), response)
    } catch (error) {
      log.error('a request could not be handed to Bolt', { error })
      end(500)
    }
  }
}

function boundedServer({ mostUnproved, headersMs, requestMs }: HttpLimits, answer: Answer): Server {
  const server = createServer(timesOf({ headersMs, requestMs }), (request, response) => {
    // A connection that stays open after its answer has proved nothing for the next request.
    response.setHeader('connection', 'close')
    void answer(request, response)
  })
  server.maxRequestsPerSocket = 1
  server.timeout = requestMs
  // Those that proved what they are count here too; Bolt answers them within three seconds.
  server.maxConnections = 2 * mostUnproved
  return server
}

function atMostEvery(everyMs: number, now: () => number, tell: () => void): () => void {
  let nextAtMs = Number.NEGATIVE_INFINITY
  return () => {
    if (now() < nextAtMs) return
    nextAtMs = now() + everyMs
    tell()
  }
}
