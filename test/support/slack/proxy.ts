import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { createCalls } from './calls.ts'
import type { Exchange } from './calls.ts'
import { createChat } from './chat.ts'
import type { Chat, Ephemeral } from './chat.ts'
import type { Envelope, EnvelopeType } from './envelopes.ts'
import { createFaults } from './faults.ts'
import type { ApiCall, Faults } from './faults.ts'
import type { Workspace } from './fixture.ts'
import { cut, passOn, readBody, sendJson } from './http.ts'
import type { Dict } from './json.ts'
import { deliverFromPage } from './page-clicks.ts'
import { createResponses } from './responses.ts'
import type { Responses } from './responses.ts'
import { createSockets } from './sockets.ts'
import type { Sockets } from './sockets.ts'
import { createTriggers } from './triggers.ts'
import type { Triggers } from './triggers.ts'
import { connectUpstream } from './upstream.ts'
import type { Upstream } from './upstream.ts'
import { createViews } from './views.ts'
import type { Views } from './views.ts'
import { until } from './waiting.ts'

/** `cut`: connections end at once. `unavailable`: HTTP 503. `silent`: accepted, never answered. */
type OutageMode = 'cut' | 'unavailable' | 'silent'

export type ProxySettings = {
  /** Real Slack: 3 s. */
  triggerLifetimeMs: number
  /** After this a person sees that the click or command failed. Real Slack: 3 s. */
  ackTimeoutMs: number
  /** Waits before each redelivery of an event nobody acknowledged. Real Slack: 0, 1 and 5 min. */
  eventRetriesMs: number[]
}

export type SlackProxy = {
  url: string
  /** The bot's `SLACK_API_URL`. */
  apiUrl: string
  workspace: Workspace
  settings: ProxySettings
  faults: Faults
  outage: {
    begin: (mode?: OutageMode) => void
    end: () => void
    /** How many requests have met one so far. */
    met: () => number
  }
  sockets: Sockets
  /** What the bot called, in order; `response_url` is a method here. */
  calls: (method?: string) => ApiCall[]
  waitForCall: (
    method: string,
    when?: (call: ApiCall) => boolean,
    timeoutMs?: number,
  ) => Promise<ApiCall>
  envelopes: (type?: EnvelopeType) => Envelope[]
  ephemerals: (user: string) => Ephemeral[]
  home: (user: string) => Dict | undefined
  chat: Chat
  views: Views
  triggers: Triggers
  responses: Responses
  upstream: Upstream
  stop: () => Promise<void>
}

export const startSlackProxy = async (
  localSlackUrl: string,
  workspace: Workspace,
  given: Partial<ProxySettings> = {},
): Promise<SlackProxy> => {
  const settings: ProxySettings = {
    triggerLifetimeMs: 3_000,
    ackTimeoutMs: 3_000,
    eventRetriesMs: [],
    ...given,
  }
  let url = ''
  let outage: OutageMode | undefined
  let met = 0
  const faults = createFaults()
  const triggers = createTriggers(() => settings.triggerLifetimeMs)
  const sockets = createSockets({
    appId: workspace.app.appId,
    teamId: workspace.teamId,
    ackTimeoutMs: () => settings.ackTimeoutMs,
    eventRetriesMs: () => settings.eventRetriesMs,
  })
  const upstream = await connectUpstream(localSlackUrl, workspace.app, (type, payload) =>
    deliverFromPage(type, payload, { workspace, chat, responses, triggers, views, sockets }),
  )
  const chat = createChat(upstream)
  const responses = createResponses(chat, () => url)
  const views = createViews(workspace, upstream, triggers)
  const calls = createCalls(
    { workspace, upstream, chat, views, sockets, base: () => url },
    faults,
    responses,
  )

  const suffersOutage = (response: ServerResponse): boolean => {
    if (outage !== undefined) met += 1
    if (outage === 'cut') cut(response)
    if (outage === 'unavailable') sendJson(response, 503, { ok: false, error: 'unavailable' })
    return outage !== undefined
  }

  const dispatch = async (exchange: Exchange): Promise<void> => {
    const { pathname } = new URL(exchange.request.url ?? '/', 'http://proxy')
    const [, area, name] = pathname.split('/')
    if (area === 'api') return calls.web(name ?? '', exchange)
    if (area === 'response') return calls.responseUrl(name ?? '', exchange)
    return passOn(exchange.request, exchange.response, upstream.url, exchange.raw)
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const raw = await readBody(request)
      if (!suffersOutage(response)) await dispatch({ request, response, raw })
    } catch (error) {
      // A defect of the proxy must not look like a fault that a test asked for.
      if (!response.headersSent) sendJson(response, 599, { ok: false, error: String(error) })
    }
  }

  const server = createServer((request, response) => void serve(request, response))
  server.on('upgrade', (request, socket, head) => {
    if (outage) socket.destroy()
    else sockets.upgrade(request, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`

  const called = (method?: string) =>
    calls.log.filter((call) => method === undefined || call.method === method)

  return {
    url,
    apiUrl: `${url}/api/`,
    workspace,
    settings,
    faults,
    sockets,
    chat,
    views,
    triggers,
    responses,
    upstream,
    outage: {
      begin: (mode = 'cut') => {
        outage = mode
        sockets.kill()
        if (mode === 'cut') server.closeAllConnections()
      },
      end: () => {
        // Calls left hanging fail now: the other side of a silent network does not come back.
        if (outage === 'silent') server.closeAllConnections()
        outage = undefined
      },
      met: () => met,
    },
    calls: called,
    waitForCall: (method, when = () => true, timeoutMs = 20_000) =>
      until(() => called(method).find(when), `a call of ${method}`, timeoutMs),
    envelopes: (type) =>
      sockets.log.filter((envelope) => type === undefined || envelope.type === type),
    ephemerals: chat.ephemerals,
    home: views.home,
    stop: async () => {
      sockets.close()
      upstream.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
