import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  AlertmanagerWebhook,
  JiraAction,
  JiraAlert,
  PAGERDUTY_BYTES,
  PagerDutyEvent,
} from './pager-schemas.ts'

/** How the next request is met, before or after it has had its effect. */
export type Meeting =
  | 'well'
  /** It is carried out, and the connection ends without an answer. */
  | 'lost'
  /** It is carried out, and a gateway says that it had no answer. */
  | 'gateway'
  /** It is carried out, and a page of somebody else's comes back. */
  | 'garbage'
  /** Nothing is done, and nothing is ever said. */
  | 'silent'
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }

type Service = 'pagerduty' | 'jira-service-management' | 'webhook'

export type Alert = {
  readonly service: Service
  readonly key: string
  state: 'open' | 'acknowledged' | 'closed'
  summary: string
  by: string | null
  at: string
}

export const CREDENTIALS = {
  routingKey: 'R0UTINGKEY-0123456789abcdefghijk',
  apiToken: 'pd-api-token-u+Secret',
  apiKey: 'jsm-genie-key-Secret',
  token: 'webhook-bearer-Secret',
  path: 'webhook-path-Secret',
} as const

export type PagerServer = AsyncDisposable & {
  readonly url: string
  /** Where each service is. */
  readonly at: {
    readonly events: string
    readonly rest: string
    readonly jira: string
    /** Rings with every request. */
    readonly webhook: string
    /** Rings once for one `Idempotency-Key`. */
    readonly idempotent: string
  }
  /** Each time that a phone rang, by the key of what it rang for. */
  readonly rings: readonly string[]
  /** Everything that came, in words: `trigger 1:declared`. */
  readonly requests: readonly string[]
  /** What was posted, as it came. */
  readonly bodies: readonly string[]
  /** What was wrong with a request by the documentation. */
  readonly objections: readonly string[]
  readonly alerts: readonly Alert[]
  /** The newest one of that key. */
  readonly alert: (key: string) => Alert | undefined
  /** The next requests, one after the other; after them all is well. */
  readonly meet: (...next: readonly Meeting[]) => void
  /** Every request from now on, until it is said anew; `null`: all is well again. */
  readonly meetAll: (meeting: Meeting | null) => void
  /** Somebody takes the call in the service itself. */
  readonly answer: (key: string, by: string, at: string) => void
}

type Reply = { readonly status: number; readonly body: unknown }

/** PagerDuty, Jira Service Management and a webhook as their documentation describes them, and phones that ring. */
export async function startPagerServer(): Promise<PagerServer> {
  const book = alertBook()
  const requests: string[] = []
  const objections: string[] = []
  const bodies: string[] = []
  const next: Meeting[] = []
  let all: Meeting | null = null

  function object(status: number, what: unknown): Reply {
    objections.push(String(what))
    return {
      status,
      body: { status: 'invalid event', message: 'Event object is invalid', errors: [String(what)] },
    }
  }

  const services = { ...book, requests, object, known: new Set<string>() }
  const server = createServer((request, response) => {
    void (async () => {
      const meeting = next.shift() ?? all ?? 'well'
      const text = await textOf(request)
      if (request.method === 'POST') bodies.push(text)
      if (meeting === 'silent') return
      if (typeof meeting === 'object') {
        const { status, retryAfter, body = '' } = meeting
        response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
        response.end(body)
        return
      }
      const reply = replyTo(request, text, services)
      if (meeting === 'lost') request.socket.destroy()
      else if (meeting === 'gateway') response.writeHead(502).end('Bad Gateway')
      else if (meeting === 'garbage') response.writeHead(200).end('<html>Please log in</html>')
      else send(response, reply)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    at: {
      events: `${url}/pagerduty`,
      rest: `${url}/pagerduty-rest`,
      jira: `${url}/jsm`,
      webhook: `${url}/${CREDENTIALS.path}`,
      idempotent: `${url}/${CREDENTIALS.path}/idempotent`,
    },
    rings: book.rings,
    requests,
    bodies,
    objections,
    alerts: book.alerts,
    alert: book.newest,
    meet: (...meetings) => void next.push(...meetings),
    meetAll: (meeting) => {
      all = meeting
    },
    answer(key, by, at) {
      const alert = book.newest(key)
      if (!alert) throw new Error(`nobody was called for ${key}`)
      Object.assign(alert, { state: 'acknowledged', by, at })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What is open, and when a phone rings for it. */
function alertBook() {
  const alerts: Alert[] = []
  const rings: string[] = []
  const newest = (key: string) => alerts.findLast((alert) => alert.key === key)

  /** Under the key of an open alert a trigger calls nobody: it only replaces the text. */
  function trigger(service: Service, key: string, summary: string): void {
    const alert = newest(key)
    if (alert && alert.state !== 'closed' && alert.service === service) {
      alert.summary = summary
      return
    }
    rings.push(key)
    alerts.push({ service, key, summary, state: 'open', by: null, at: new Date().toISOString() })
  }

  /** Of an unknown or closed one nothing is said, and nothing is done. */
  function change(key: string, state: 'acknowledged' | 'closed', by: string): void {
    const alert = newest(key)
    if (!alert || alert.state === 'closed') return
    Object.assign(alert, { state, by, at: new Date().toISOString() })
  }

  return { alerts, rings, newest, trigger, change }
}

type Services = ReturnType<typeof alertBook> & {
  /** Each `Idempotency-Key` that has come. */
  readonly known: Set<string>
  readonly requests: string[]
  readonly object: (status: number, what: unknown) => Reply
}

function replyTo(request: IncomingMessage, text: string, services: Services): Reply {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://here')
  const body = json(text)
  const { authorization } = request.headers
  if (pathname === '/pagerduty/v2/enqueue') return pagerDuty(text, body, services)
  if (pathname === '/pagerduty-rest/incidents') {
    return authorization === `Token token=${CREDENTIALS.apiToken}`
      ? incidents(searchParams.get('incident_key'), services)
      : { status: 401, body: { error: { message: 'Invalid credentials provided' } } }
  }
  if (pathname.startsWith('/jsm/v2/alerts')) {
    return authorization === `GenieKey ${CREDENTIALS.apiKey}`
      ? jira(
          request.method ?? '',
          { pathname, body, identifier: searchParams.get('identifierType') },
          services,
        )
      : { status: 401, body: { message: `Key format is not valid: ${authorization}`, took: 0.1 } }
  }
  if (pathname.startsWith(`/${CREDENTIALS.path}`)) {
    return authorization === `Bearer ${CREDENTIALS.token}`
      ? webhook(request, body, services)
      : { status: 401, body: { error: `unauthorized: ${authorization}` } }
  }
  return { status: 404, body: {} }
}

function pagerDuty(text: string, body: unknown, services: Services): Reply {
  if (Buffer.byteLength(text) > PAGERDUTY_BYTES) return services.object(413, 'too large')
  const { data: event, error } = PagerDutyEvent.safeParse(body)
  if (!event) return services.object(400, error)
  if (event.routing_key !== CREDENTIALS.routingKey) {
    return services.object(400, `'routing_key' is invalid: ${event.routing_key}`)
  }
  const key = event.dedup_key ?? crypto.randomUUID()
  services.requests.push(`${event.event_action} ${key}`)
  if (event.event_action === 'trigger') services.trigger('pagerduty', key, event.payload.summary)
  else {
    services.change(
      key,
      event.event_action === 'resolve' ? 'closed' : 'acknowledged',
      'an integration',
    )
  }
  return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } }
}

function incidents(key: string | null, { alerts }: Services): Reply {
  const wanted = alerts.filter(
    (alert) => alert.service === 'pagerduty' && (key === null || alert.key === key),
  )
  const STATUS = { open: 'triggered', acknowledged: 'acknowledged', closed: 'resolved' } as const
  return {
    status: 200,
    body: {
      limit: 25,
      incidents: wanted.toReversed().map(({ key: incident_key, state, by, at }, index) => ({
        id: `PT${index}`,
        type: 'incident',
        incident_key,
        status: STATUS[state],
        html_url: `https://shop.pagerduty.com/incidents/PT${index}`,
        acknowledgements:
          state === 'acknowledged'
            ? [{ at, acknowledger: { type: 'user_reference', summary: by } }]
            : [],
        last_status_change_at: at,
        last_status_change_by: { summary: by ?? 'an integration' },
      })),
    },
  }
}

function jira(
  method: string,
  { pathname, body, identifier }: { pathname: string; body: unknown; identifier: string | null },
  services: Services,
): Reply {
  const taken = (): Reply => ({
    status: 202,
    body: { result: 'Request will be processed', took: 0.1, requestId: crypto.randomUUID() },
  })
  const [alias = '', action] = pathname
    .slice('/jsm/v2/alerts'.length)
    .split('/')
    .slice(1)
    .map(decodeURIComponent)
  if (alias === 'requests') return { status: 404, body: { message: 'Request not found' } }
  if (method === 'POST' && alias === '') {
    const { data: alert, error } = JiraAlert.safeParse(body)
    if (!alert) return services.object(422, error)
    const key = alert.alias ?? crypto.randomUUID()
    services.requests.push(`trigger ${key}`)
    services.trigger('jira-service-management', key, alert.message)
    return taken()
  }
  // Without the word it would be the id of an alert.
  if (identifier !== 'alias') return { status: 404, body: { message: 'Alert not found' } }
  if (method === 'GET' && action === undefined) return alertOf(services.newest(alias))
  const state = action === 'close' ? 'closed' : 'acknowledged'
  const { error } = JiraAction.safeParse(body)
  if (error) return services.object(422, error)
  if (action !== 'close' && action !== 'acknowledge') return { status: 404, body: {} }
  services.requests.push(`${action === 'close' ? 'resolve' : action} ${alias}`)
  services.change(alias, state, 'Backout')
  return taken()
}

function alertOf(alert: Alert | undefined): Reply {
  if (!alert) return { status: 404, body: { message: 'Alert not found' } }
  const { state, by, at, key } = alert
  return {
    status: 200,
    body: {
      data: {
        alias: key,
        status: state === 'closed' ? 'closed' : 'open',
        acknowledged: state === 'acknowledged',
        owner: by ?? '',
        updatedAt: at,
        report: state === 'acknowledged' ? { acknowledgedBy: by } : {},
      },
    },
  }
}

/** Like a script: it rings whenever it is told, and forgets. */
function webhook(request: IncomingMessage, body: unknown, services: Services): Reply {
  const { data, error } = AlertmanagerWebhook.safeParse(body)
  if (!data) return services.object(400, error)
  const once = request.headers['idempotency-key']
  if (typeof once !== 'string') return services.object(400, 'no Idempotency-Key')
  const isKnown = request.url?.endsWith('/idempotent') && services.known.has(once)
  services.known.add(once)
  if (isKnown) return { status: 200, body: '' }
  const key = data.groupKey.replace('backout:', '')
  services.requests.push(`${data.status === 'firing' ? 'trigger' : 'resolve'} ${key}`)
  if (data.status === 'resolved') services.change(key, 'closed', 'Backout')
  else {
    services.change(key, 'closed', 'a script that forgets')
    services.trigger('webhook', key, data.commonAnnotations['summary'] ?? '')
  }
  return { status: 200, body: '' }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
