import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'
import { beginningOf } from '../../domain/base/beginning-of.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { EndpointAnswer, EndpointQuestion, Endpoints } from '../../ports/endpoints.ts'
import { httpFault } from './faults.ts'

export type HttpCredentials = {
  readonly bearerToken?: string
  readonly username?: string
  readonly password?: string
}

const defaultMaxBytes = 64 * 1024
const maxRedirects = 3
/** How long a connection that nobody waits for any more may go on being made. */
const defaultConnectTimeoutMs = 5_000

/**
 * HTTP services over one pool of connections. A redirect is followed only by a GET and only within
 * the same origin; any other is returned as the answer it is, so credentials never leave the host
 * they were given for. `ca` is PEM text and replaces the system's authorities.
 */
export function httpEndpoints(options: {
  readonly credentials?: HttpCredentials
  /** Sent with every question, as the credentials are. */
  readonly headers?: Readonly<Record<string, string>>
  readonly ca?: string
  readonly dependency: string
  readonly connectTimeoutMs?: number
}): Endpoints {
  const trust = options.ca === undefined ? {} : { ca: options.ca }
  const { dependency, headers = {}, connectTimeoutMs: timeout = defaultConnectTimeoutMs } = options
  const dispatcher = new Agent({ connect: { ...trust, timeout } })

  const follow = async (question: EndpointQuestion, first: Address): Promise<EndpointAnswer> => {
    const { signal, maxBytes = defaultMaxBytes } = question
    let { url } = first
    for (let redirects = 0; ; redirects += 1) {
      const asked = { dispatcher, signal, ...message(question, first.authorization, headers) }
      const response = await request(url, asked)
      const next = redirects < maxRedirects ? redirectOf(question, url, response) : null
      if (next === null) {
        const answer = await answerOf(response, maxBytes)
        return url.pathname === first.url.pathname ? answer : { ...answer, endedAt: url.pathname }
      }
      await response.body.dump()
      url = next
    }
  }

  return {
    async ask(question) {
      const { signal } = question
      let where = ''
      try {
        // Whatever has credentials of its own may go to another host than the services.
        const ours = question.headers === undefined ? options.credentials : {}
        const address = addressOf(question.url, ours)
        where = address.url.host
        // undici looks at the signal only once it is connected, and a TLS handshake may never end.
        return await untilAborted(follow(question, address), signal)
      } catch (error) {
        throw httpFault(error, { dependency, where, aborted: signal.aborted })
      }
    },
  }
}

type Address = { readonly url: URL; readonly authorization: string | null }

/** User and password in the address are taken out of it, and used when nothing better was given. */
function addressOf(text: string, credentials: HttpCredentials = {}): Address {
  const url = new URL(text)
  const inAddress = {
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  }
  url.username = ''
  url.password = ''
  url.hash = ''
  return { url, authorization: authorizationOf(credentials) ?? authorizationOf(inAddress) }
}

function authorizationOf(credentials: HttpCredentials): string | null {
  if (credentials.bearerToken) return `Bearer ${credentials.bearerToken}`
  if (!credentials.username && !credentials.password) return null
  const pair = `${credentials.username ?? ''}:${credentials.password ?? ''}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

const FORM = 'application/x-www-form-urlencoded'

function message(
  question: EndpointQuestion,
  authorization: string | null,
  more: Readonly<Record<string, string>>,
) {
  const { content, form, headers: own = more } = question
  const headers: Record<string, string> = { 'user-agent': 'backout', accept: '*/*', ...own }
  if (authorization !== null) headers['authorization'] = authorization
  const sent = content ?? (form && { type: FORM, text: new URLSearchParams(form).toString() })
  const method = question.method ?? (sent ? 'POST' : 'GET')
  if (!sent) return { method, headers }
  headers['content-type'] = sent.type
  return { method, headers, body: sent.text }
}

function redirectOf(
  question: EndpointQuestion,
  from: URL,
  response: Dispatcher.ResponseData,
): URL | null {
  const { location } = response.headers
  if (question.redirects === 'answer') return null
  const isRead = [undefined, 'GET', 'HEAD'].includes(question.method)
  const sends = question.form !== undefined || question.content !== undefined
  if (!isRead || sends || typeof location !== 'string') return null
  if (![301, 302, 303, 307, 308].includes(response.statusCode)) return null
  const to = URL.parse(location, from.href)
  if (to === null || to.origin !== from.origin || to.username || to.password) return null
  return to
}

async function answerOf(
  response: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<EndpointAnswer> {
  const { body, truncated } = await beginningOf(response.body, maxBytes)
  const contentType = headerOf(response, 'content-type')?.split(';')[0]?.trim() ?? ''
  const retryAfter = headerOf(response, 'retry-after')
  return {
    status: response.statusCode,
    body,
    contentType,
    truncated,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const told = headers[name]
  return typeof told === 'string' ? told : told?.[0]
}
