import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { bound, closedNow, listening, timesOf } from '../../machine/bounded-server.ts'
import { HEADERS, type Answer } from './answer.ts'
import type { Desk } from './desk.ts'
import { paceOf } from './pace.ts'
import {
  addressOf,
  formOf,
  whyNotHeard,
  type Asked,
  type Refused,
  type Trusted,
} from './request.ts'
import { routes } from './routes.ts'
import { sessions } from './sessions.ts'

/** Whoever is here is a person with a browser. Anybody else within reach must not cost more. */
const LIMITS = { mostConnections: 64, headersMs: 5_000, requestMs: 10_000 } as const
const OPTIONS = { ...timesOf(LIMITS), maxHeaderSize: 8 * 1024, keepAliveTimeout: 5_000 } as const

export type SigningPage = {
  readonly port: number
  stop(): Promise<void>
}

/** The page on which people sign while Slack is down, on a port of its own. */
export async function signingPage(options: {
  readonly host: string
  readonly port: number
  /** As people open it, without a path. */
  readonly url: string
  /** What forms are sealed with; every process that people may come to has the same. */
  readonly key: string
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly proxies: readonly string[]
  readonly desk: Desk
  readonly now: () => number
}): Promise<SigningPage> {
  const { tls, desk, key, now, url, proxies } = options
  const trusted: Trusted = { url, proxies, isBehind: tls ? 'nothing' : 'proxy' }
  const answerTo = routes(desk, sessions({ key, kept: desk.sessions, now }))
  const pace = paceOf(now)

  async function answered(request: IncomingMessage): Promise<Answer | Refused> {
    const refused = whyNotHeard(request, trusted)
    if (refused) return refused
    const address = addressOf(request, trusted)
    const isSent = request.method === 'POST'
    if (!pace.allows(address, isSent ? 'send' : 'look')) {
      return { status: 429, says: 'too many from your address; wait a minute' }
    }
    const form = isSent ? await formOf(request) : {}
    if (isRefused(form)) return form
    const asked: Asked = {
      method: isSent ? 'POST' : 'GET',
      path: (request.url ?? '').split('?')[0] ?? '',
      cookies: request.headers.cookie,
      address,
      form,
    }
    return answerTo(asked)
  }

  function listen(request: IncomingMessage, response: ServerResponse): void {
    answered(request).then(
      (answer) => give(response, answer),
      (error: unknown) => {
        desk.log.error('the signing page failed', { error })
        give(response, { status: 503, says: 'Backout could not do that. Nothing was done.' })
      },
    )
  }

  const server = tls
    ? createTlsServer({ ...OPTIONS, ...tls, minVersion: 'TLSv1.2' }, listen)
    : createServer(OPTIONS, listen)
  bound(server, LIMITS)
  const { host, port } = options
  const settings = 'BACKOUT_SIGNING_HOST and BACKOUT_SIGNING_PORT'
  const of = { dependency: 'signing', settings }
  return { port: await listening(server, { host, port, of }), stop: () => closedNow(server) }
}

function isRefused(form: object): form is Refused {
  return 'status' in form && typeof form.status === 'number'
}

function give(response: ServerResponse, answer: Answer | Refused): void {
  if ('says' in answer) {
    // What was not read to its end is not read on.
    const headers = { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', connection: 'close' }
    const allow = answer.status === 405 ? { allow: 'GET, HEAD, POST' } : {}
    response.writeHead(answer.status, { ...headers, ...allow }).end(`${answer.says}\n`)
    return
  }
  const { status, body, type = 'text/html', location, setCookie } = answer
  response
    .writeHead(status, {
      ...HEADERS,
      'content-type': `${type}; charset=utf-8`,
      ...(location === undefined ? {} : { location }),
      ...(setCookie ? { 'set-cookie': setCookie } : {}),
    })
    .end(body)
}
