import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { withTampering } from './envelopes.ts'
import type { Delivery, Envelope, Post, Tampering, ToDeliver } from './envelopes.ts'
import { dict, parseDict, str, uniqueId } from './json.ts'
import type { Dict } from './json.ts'
import { until } from './waiting.ts'

/** Real Slack refuses an eleventh. */
const MAX_SOCKETS = 10

export type Sockets = Tampering & {
  /** Ids of the connected sockets that may be given work, oldest first. */
  open: () => number[]
  waitFor: (count: number, timeoutMs?: number) => Promise<number[]>
  /** Cuts the TCP connection, without a close frame. All of them, or one. */
  kill: (id?: number) => void
  /** What Slack sends every few hours. No new work goes to the socket after it. */
  disconnect: (reason?: 'warning' | 'refresh_requested' | 'link_disabled', id?: number) => void
  /** Sends any frame as it is. */
  frame: (frame: Dict, id?: number) => void
  appRateLimited: (id?: number) => void
  /** `one` is Slack: each envelope goes to one socket, in turn. `all` is local-slack. */
  route: (to: 'one' | 'all') => void
  deliver: (item: ToDeliver) => Promise<Delivery>
  log: Envelope[]
}

export type SocketsInternal = Sockets & {
  ticket: () => string | undefined
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  close: () => void
}

type Link = { id: number; ws: WebSocket; draining: boolean }
type Waiting = { links: number[]; resolve: (payload: Dict | undefined) => void }

export const createSockets = (options: {
  appId: string
  teamId: string
  ackTimeoutMs: () => number
  eventRetriesMs: () => number[]
}): SocketsInternal => {
  const server = new WebSocketServer({ noServer: true })
  const tickets = new Set<string>()
  const links: Link[] = []
  const waiting = new Map<string, Waiting[]>()
  const log: Envelope[] = []
  let opened = 0
  let turn = 0
  let route: 'one' | 'all' = 'one'

  const usable = () => links.filter((link) => !link.draining)
  const chosen = (id?: number) => links.filter((link) => id === undefined || link.id === id)

  const settle = (id: string, link: number, payload: Dict | undefined) => {
    const list = waiting.get(id) ?? []
    const index = list.findIndex((entry) => entry.links.includes(link))
    const [entry] = index === -1 ? [] : list.splice(index, 1)
    if (list.length === 0) waiting.delete(id)
    entry?.resolve(payload)
  }

  const onAck = (link: Link, text: string) => {
    const frame = parseDict(text)
    const id = str(frame['envelope_id'])
    const payload = dict(frame['payload'])
    // A duplicate shares the id: each ack belongs to the earliest one still without.
    const sent = log.filter((envelope) => envelope.id === id && envelope.sockets.includes(link.id))
    const open = sent.find((envelope) => !envelope.acks.some((ack) => ack.socket === link.id))
    const acked = open ?? sent.at(-1)
    acked?.acks.push({ at: Date.now(), socket: link.id, payload })
    settle(id, link.id, payload)
  }

  const forget = (link: Link) => {
    const index = links.indexOf(link)
    if (index !== -1) links.splice(index, 1)
    for (const [id, list] of waiting) {
      if (list.some((entry) => entry.links.includes(link.id))) settle(id, link.id, undefined)
    }
  }

  const accept = (ws: WebSocket) => {
    opened += 1
    const link: Link = { id: opened, ws, draining: false }
    links.push(link)
    ws.on('message', (data: Buffer) => onAck(link, data.toString()))
    ws.on('close', () => forget(link))
    ws.on('error', () => ws.terminate())
    ws.send(
      JSON.stringify({
        type: 'hello',
        num_connections: links.length,
        connection_info: { app_id: options.appId },
        debug_info: { host: 'proxy', build_number: 1, approximate_connection_time: 18_060 },
      }),
    )
  }

  const pick = (to?: number): Link[] => {
    const open = usable()
    if (to !== undefined) return open.filter((link) => link.id === to)
    if (route === 'all' || open.length === 0) return open
    turn += 1
    return open.slice(turn % open.length).slice(0, 1)
  }

  const post: Post = async (item) => {
    const id = item.envelopeId ?? uniqueId('env-')
    const to = pick(item.to)
    const { type, payload, attempt } = item
    const envelope: Envelope = {
      id,
      type,
      payload,
      at: Date.now(),
      ...(attempt === undefined ? {} : { attempt }),
      sockets: to.map((link) => link.id),
      acks: [],
    }
    log.push(envelope)
    const [first] = to
    if (!first)
      return { envelope, acked: false, afterMs: 0, response: {}, problem: 'dispatch_failed' }
    const retry = attempt === undefined ? {} : { retry_attempt: attempt, retry_reason: 'timeout' }
    const text = JSON.stringify({
      envelope_id: id,
      type,
      payload,
      accepts_response_payload: type !== 'events_api',
      ...retry,
    })
    const answer = new Promise<Dict | undefined>((resolve) => {
      const timer = setTimeout(() => settle(id, first.id, undefined), options.ackTimeoutMs())
      const entry = {
        links: envelope.sockets,
        resolve: (response: Dict | undefined) => {
          clearTimeout(timer)
          resolve(response)
        },
      }
      waiting.set(id, [...(waiting.get(id) ?? []), entry])
    })
    for (const link of to) link.ws.send(text)
    const response = await answer
    const afterMs = Date.now() - envelope.at
    if (response) return { envelope, acked: true, afterMs, response }
    return { envelope, acked: false, afterMs, response: {}, problem: 'operation_timeout' }
  }

  const frame = (content: Dict, id?: number) => {
    for (const link of chosen(id)) link.ws.send(JSON.stringify(content))
  }

  return {
    ...withTampering(post, log, options.eventRetriesMs),
    log,
    frame,
    open: () => usable().map((link) => link.id),
    waitFor: (count, timeoutMs) =>
      until(
        () => usable().length === count && usable().map((link) => link.id),
        `${count} sockets of the bot`,
        timeoutMs,
      ),
    kill: (id) => {
      for (const link of chosen(id)) link.ws.terminate()
    },
    disconnect: (reason = 'refresh_requested', id) => {
      for (const link of chosen(id)) link.draining = true
      frame({ type: 'disconnect', reason, debug_info: { host: 'proxy' } }, id)
    },
    appRateLimited: (id) =>
      frame(
        {
          envelope_id: uniqueId('env-'),
          type: 'events_api',
          accepts_response_payload: false,
          payload: {
            type: 'app_rate_limited',
            token: 'verification-token',
            team_id: options.teamId,
            api_app_id: options.appId,
            minute_rate_limited: Math.floor(Date.now() / 60_000) * 60,
          },
        },
        id,
      ),
    route: (to) => {
      route = to
    },
    ticket: () => {
      if (links.length >= MAX_SOCKETS) return undefined
      const ticket = uniqueId('ticket-')
      tickets.add(ticket)
      return ticket
    },
    upgrade: (request, socket, head) => {
      const ticket = new URL(request.url ?? '/', 'http://proxy').searchParams.get('ticket') ?? ''
      // Slack hands out each URL for one connection.
      if (!tickets.delete(ticket)) socket.destroy()
      else server.handleUpgrade(request, socket, head, accept)
    },
    close: () => {
      for (const link of links) link.ws.terminate()
      server.close()
    },
  }
}
