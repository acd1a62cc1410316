import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AlertGroup } from '../../domain/alert/alert.ts'
import type { Log } from '../../ports/log.ts'
import { readNotification } from './alertmanager-schema.ts'
import { byToken } from './by-token.ts'

export const ALERTS_PATH = '/hooks/alertmanager'

/** Who takes the alerts of one environment. */
export type AlertHook = {
  /** Whoever sends has to have it, and it says whose alerts they are. */
  readonly token: string
  /** Resolves when it is durable; says in words why it is not taken now. May reject. */
  readonly receive: (group: AlertGroup) => Promise<'taken' | { readonly notNow: string }>
}

export type AlertsPage = {
  readonly hooks: readonly AlertHook[]
  /** How each request was answered, for whoever counts them. */
  readonly answered: (status: number) => void
  readonly log: Log
}

type HookAnswer = { readonly status: number; readonly body: string }

const BUSY: HookAnswer = { status: 503, body: 'busy; send it again' }

/**
 * A notification of 10,000 alerts. Alertmanager never sends again what was refused for its size, and it is
 * largest in the largest outage; only whoever has the token can make us read it.
 */
const MOST_BYTES = 8 * 1024 * 1024

/** So many, and so much of them, is read and written at once; the others are sent again. Fewer than there may be connections. */
const MOST_AT_ONCE = 32
const MOST_BYTES_AT_ONCE = 2 * MOST_BYTES

/** Whoever has no token must not fill the log. */
const TELL_EVERY_MS = 60_000

/**
 * `POST /hooks/alertmanager`. Alertmanager repeats what is answered with 5xx, and nothing else: so 2xx only
 * when it is durable (J8), 503 when it could not be written, and 4xx only for what would be as wrong again.
 */
export function alertmanagerPage(
  { hooks, answered, log }: AlertsPage,
  now: () => number,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const hookOf = byToken(hooks)
  let underWay = 0
  const room = roomFor(MOST_BYTES_AT_ONCE)
  let toldAtMs = Number.NEGATIVE_INFINITY

  function unknownSender(): HookAnswer {
    if (now() - toldAtMs >= TELL_EVERY_MS) {
      toldAtMs = now()
      log.warn(
        'a notification without the right token was refused; compare BACKOUT_ALERTMANAGER_TOKEN',
      )
    }
    return { status: 401, body: 'send Authorization: Bearer with the token of this environment' }
  }

  function refuse(status: number, why: string): HookAnswer {
    log.warn('a notification of Alertmanager was refused, and is lost', { status, why })
    return { status, body: why }
  }

  async function answer(request: IncomingMessage): Promise<HookAnswer> {
    const { method, headers } = request
    if (method !== 'POST') return { status: 405, body: 'only POST' }
    const hook = hookOf(request)
    if (!hook) return unknownSender()
    if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
      return refuse(415, 'the content type is not application/json')
    }
    if (underWay >= MOST_AT_ONCE) return BUSY
    underWay += 1
    try {
      return await take(request, hook)
    } finally {
      underWay -= 1
    }
  }

  async function take(request: IncomingMessage, hook: AlertHook): Promise<HookAnswer> {
    const body = await bodyOf(request, room)
    if (body === 'busy') return BUSY
    if (body === 'cut off') return { status: 400, body: 'the request was cut off' }
    if (body === 'too large') {
      return refuse(413, `it is larger than ${MOST_BYTES} bytes; set max_alerts`)
    }
    const group = readNotification(body.toString())
    if (typeof group === 'string') return refuse(400, group)
    try {
      const receipt = await hook.receive(group)
      return receipt === 'taken'
        ? { status: 200, body: 'taken' }
        : { status: 503, body: receipt.notNow }
    } catch (error) {
      log.error('a notification of Alertmanager could not be written, and is to be sent again', {
        error,
      })
      return { status: 503, body: 'it could not be written; send it again' }
    }
  }

  return async (request, response) => {
    const { status, body } = await answer(request)
    answered(status)
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(status === 405 ? { allow: 'POST' } : {}),
    }
    response.writeHead(status, headers).end(`${body}\n`)
  }
}

/** How much of all bodies is held now. */
type Room = { takes(bytes: number): boolean; gives(bytes: number): void }

function roomFor(mostBytes: number): Room {
  let held = 0
  return {
    takes(bytes) {
      if (held + bytes > mostBytes) return false
      held += bytes
      return true
    },
    gives: (bytes) => void (held -= bytes),
  }
}

/**
 * The whole body. What finds no room is heard to its end and not kept: who is cut off while they still send
 * hears no answer, and sends the same again. The server's own limit of time ends what does not end.
 */
function bodyOf(
  request: IncomingMessage,
  room: Room,
): Promise<Buffer | 'too large' | 'busy' | 'cut off'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let held = 0
    let trouble: 'too large' | 'busy' | null = null
    const letGo = (): void => {
      chunks.length = 0
      room.gives(held)
      held = 0
    }
    request.on('data', (chunk: Buffer) => {
      if (trouble) return
      if (held + chunk.length > MOST_BYTES) trouble = 'too large'
      else if (!room.takes(chunk.length)) trouble = 'busy'
      if (trouble) return letGo()
      held += chunk.length
      chunks.push(chunk)
    })
    const settle = (outcome: Buffer | 'too large' | 'busy' | 'cut off'): void => {
      letGo()
      resolve(outcome)
    }
    request.once('end', () => settle(trouble ?? Buffer.concat(chunks)))
    request.once('error', () => settle('cut off'))
    request.once('close', () => settle('cut off'))
  })
}
