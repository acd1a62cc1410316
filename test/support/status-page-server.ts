import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { portOf } from './contracts/outside.ts'

/*
 * Atlassian Statuspage v1 and a webhook, as far as they are used, written down from the documentation
 * (https://developer.statuspage.io). Whatever that does not allow is refused as the service refuses it.
 */

const Status = z.enum(['investigating', 'identified', 'monitoring', 'resolved'])
const ComponentState = z.enum([
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
])
const IncidentWrite = z.strictObject({
  name: z.string().min(1).max(255).optional(),
  status: Status,
  body: z.string().max(25_000),
  impact_override: z.enum(['none', 'minor', 'major', 'critical']).optional(),
  component_ids: z.array(z.string()).optional(),
  components: z.record(z.string(), ComponentState).optional(),
  deliver_notifications: z.boolean().optional(),
  // All top-level values in the object must also be objects.
  metadata: z.record(z.string(), z.record(z.string(), z.json())).optional(),
})
const Write = z.strictObject({ incident: IncidentWrite })

const Message = z.strictObject({
  schema: z.literal(1),
  incident: z.string(),
  key: z.string(),
  stage: z.string(),
  status: Status,
  title: z.string().min(1),
  body: z.string().min(1),
  impact: z.string().nullable(),
  components: z.array(
    z.strictObject({ service: z.string(), id: z.string(), state: ComponentState }),
  ),
})

export type OnPage = {
  readonly id: string
  readonly name: string
  status: string
  impact: string
  readonly shortlink: string
  metadata: unknown
  /** The newest first, as the service lists them. */
  incident_updates: { readonly id: string; readonly status: string; readonly body: string }[]
}

/** What becomes of the next requests of a kind, one after the other. */
export type Trouble =
  | { readonly answer: number; readonly retryAfter?: string; readonly error?: string }
  /** It does not act, and the connection ends. */
  | 'away'
  /** It acts, and the connection ends before it answers. */
  | 'lost'
  /** It acts, and what it answers is no JSON. */
  | 'garbage'
  /** It acts, and answers after so many milliseconds. */
  | { readonly actsAndAnswersAfterMs: number }
  /** It acts only after so many milliseconds, whether or not anybody still waits. */
  | { readonly actsAfterMs: number }

type Kind = 'read' | 'write'

/** One request in a second, counted over so many of them. */
const WINDOW = 60

export type StatusPageServer = Awaited<ReturnType<typeof statusPageServer>>

export async function statusPageServer({ everyMs = 1_000 }: { readonly everyMs?: number } = {}) {
  const apiKey = 'key-of-the-page'
  const page = 'abcd1234efgh'
  const token = 'token-of-the-webhook'
  const components = ['c-backend', 'c-frontend']
  const states: Record<string, string> = {}
  const incidents: OnPage[] = []
  const messages = new Map<string, z.infer<typeof Message>>()
  const requests: {
    readonly method: string
    readonly path: string
    readonly key: string | null
  }[] = []
  const troubles: Record<Kind, Trouble[]> = { read: [], write: [] }
  let isAway = false
  /** When each request came. */
  const arrivedMs: number[] = []

  type Answer = { readonly status: number; readonly json: unknown; readonly retryAfter?: string }

  function statuspage(method: string, path: string, body: unknown, keyed: string): Answer {
    if (keyed !== `OAuth ${apiKey}`)
      return { status: 401, json: { error: 'Could not authenticate' } }
    const root = `/v1/pages/${page}`
    if (!path.startsWith(root)) return { status: 404, json: { error: 'Not found' } }
    const rest = path.slice(root.length)
    if (method === 'GET') return read(rest)
    const parsed = Write.safeParse(body)
    if (!parsed.success) return { status: 422, json: { error: parsed.error.issues.map(String) } }
    const { incident: written } = parsed.data
    const strange = [
      ...(written.component_ids ?? []),
      ...Object.keys(written.components ?? {}),
    ].find((id) => !components.includes(id))
    if (strange) return { status: 422, json: { error: ['Component ids are not of this page'] } }
    if (method === 'POST' && rest === '/incidents') return create(written)
    const id = /^\/incidents\/([\w-]+)$/.exec(rest)?.[1]
    return method === 'PATCH' && id
      ? update(id, written)
      : { status: 404, json: { error: 'Not found' } }
  }

  function read(rest: string): Answer {
    const url = new URL(rest, 'http://x')
    if (rest === '') return { status: 200, json: { id: page, name: 'Pipeshub status' } }
    if (url.pathname === '/incidents/unresolved') {
      return { status: 200, json: incidents.filter(({ status }) => status !== 'resolved') }
    }
    if (url.pathname === '/incidents') return { status: 200, json: incidents }
    if (url.pathname === '/components') {
      const json = components.map((id) => ({ id, name: id.slice(2), status: 'operational' }))
      return { status: 200, json: url.searchParams.get('page') === '1' ? json : [] }
    }
    const found = incidents.find(({ id }) => url.pathname === `/incidents/${id}`)
    return found ? { status: 200, json: found } : { status: 404, json: { error: 'Not found' } }
  }

  function create(written: z.infer<typeof IncidentWrite>): Answer {
    if (written.name === undefined) return { status: 422, json: { error: ["Name can't be blank"] } }
    const id = `p${incidents.length + 1}`
    const created: OnPage = {
      id,
      name: written.name,
      status: '',
      impact: 'none',
      shortlink: `https://stspg.example/${id}`,
      metadata: {},
      incident_updates: [],
    }
    incidents.unshift(created)
    apply(created, written)
    return { status: 201, json: created }
  }

  function update(id: string, written: z.infer<typeof IncidentWrite>): Answer {
    const found = incidents.find((one) => one.id === id)
    if (!found) return { status: 404, json: { error: 'Not found' } }
    apply(found, written)
    return { status: 200, json: found }
  }

  function apply(incident: OnPage, written: z.infer<typeof IncidentWrite>): void {
    incident.status = written.status
    incident.impact = written.impact_override ?? incident.impact
    incident.metadata = written.metadata ?? incident.metadata
    Object.assign(states, written.components)
    const id = `u${incident.incident_updates.length + 1}`
    incident.incident_updates.unshift({ id, status: written.status, body: written.body })
  }

  function webhook(method: string, path: string, body: unknown, request: IncomingMessage): Answer {
    if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, json: {} }
    const link = 'https://status.example/now'
    if (method === 'GET') {
      const url = new URL(path, 'http://x')
      const key = `backout-${url.searchParams.get('incident')}-${url.searchParams.get('key')}`
      return messages.has(key)
        ? { status: 200, json: { id: key, link } }
        : { status: 404, json: {} }
    }
    const key = String(request.headers['idempotency-key'])
    const parsed = Message.safeParse(body)
    if (!parsed.success) return { status: 422, json: { error: parsed.error.issues.map(String) } }
    if (key !== `backout-${parsed.data.incident}-${parsed.data.key}`)
      return { status: 400, json: {} }
    messages.set(key, parsed.data)
    return { status: 202, json: { id: key, link } }
  }

  function answerTo(request: IncomingMessage, text: string): Answer {
    const { method = 'GET', url: path = '/' } = request
    const body: unknown = text === '' ? null : JSON.parse(text)
    if (path.startsWith('/hook')) return webhook(method, path, body, request)
    return statuspage(method, path, body, request.headers.authorization ?? '')
  }

  async function listener(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request
    if (isAway) return void request.socket.destroy()
    const text = await textOf(request)
    const trouble = troubles[method === 'GET' ? 'read' : 'write'].shift()
    requests.push({ method, path, key: request.headers['idempotency-key']?.toString() ?? null })
    const atMs = performance.now()
    if (path.startsWith('/v1')) arrivedMs.push(atMs)
    const early = arrivedMs.filter((one) => one > atMs - WINDOW * everyMs).length > WINDOW
    if (early) return send(response, { status: 420, json: { error: 'slow down' }, retryAfter: '1' })
    if (trouble === 'away') return void request.socket.destroy()
    if (typeof trouble === 'object' && 'answer' in trouble) {
      const { answer: status, error = 'no', retryAfter } = trouble
      return send(response, { status, json: { error }, ...(retryAfter ? { retryAfter } : {}) })
    }
    if (typeof trouble === 'object' && 'actsAfterMs' in trouble) await pause(trouble.actsAfterMs)
    const answer = answerTo(request, text)
    if (trouble === 'lost') return void request.socket.destroy()
    if (trouble === 'garbage') return void response.writeHead(answer.status).end('<html>{"id":')
    if (typeof trouble === 'object' && 'actsAndAnswersAfterMs' in trouble) {
      await pause(trouble.actsAndAnswersAfterMs)
    }
    send(response, answer)
  }

  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${portOf(server.address())}`
  return {
    url,
    apiKey,
    page,
    token,
    incidents,
    states,
    messages,
    requests,
    arrivedMs,
    /** Of requests that write, or that read, the next ones come to this. */
    next(kind: Kind, ...these: readonly Trouble[]): void {
      troubles[kind].push(...these)
    },
    /** Every connection ends at once. */
    goAway: () => void (isAway = true),
    comeBack: () => void (isAway = false),
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(
  response: ServerResponse,
  { status, json, retryAfter }: { status: number; json: unknown; retryAfter?: string },
): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    })
    .end(JSON.stringify(json))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
