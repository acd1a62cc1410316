import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** A form of ours is a few hundred bytes. */
const MOST_BYTES = 8 * 1024

/** What came, as far as it is ours to read. */
export type Asked = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly cookies: string | undefined
  readonly address: string
  readonly form: Form
}

export type Form = Readonly<Record<string, string>>

export type Trusted = {
  /** As people open it. */
  readonly url: string
  readonly proxies: readonly string[]
  readonly isBehind: 'proxy' | 'nothing'
}

/** What keeps a request from being looked at; `null`: nothing. */
export function whyNotHeard(request: IncomingMessage, trusted: Trusted): Refused | null {
  const { headers, method } = request
  if (!isFromTrusted(request, trusted)) return { status: 403, says: 'not from here' }
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    return { status: 405, says: 'only GET and POST' }
  }
  // Whoever leads a browser here by another name wants its cookies to go with it.
  if (headers.host !== new URL(trusted.url).host) {
    return { status: 421, says: 'this is not the address of BACKOUT_SIGNING_URL' }
  }
  if (method !== 'POST') return null
  const site = headers['sec-fetch-site'] ?? 'same-origin'
  const origin = headers.origin ?? trusted.url
  if (site !== 'same-origin' || origin !== trusted.url) {
    return { status: 403, says: 'sent by another page' }
  }
  const type = headers['content-type'] ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return { status: 415, says: 'not a form' }
  }
  if (Number(headers['content-length'] ?? 0) > MOST_BYTES) return TOO_LARGE
  return null
}

export type Refused = { readonly status: number; readonly says: string }

const TOO_LARGE: Refused = { status: 413, says: 'too large' }

/** The fields of a form, each once. What is larger than any of ours is not read to its end. */
export function formOf(request: IncomingMessage): Promise<Form | Refused> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MOST_BYTES) {
        request.pause()
        resolve(TOO_LARGE)
      } else chunks.push(chunk)
    })
    request.once('end', () => {
      const fields = [...new URLSearchParams(Buffer.concat(chunks).toString())]
      const names = fields.map(([name]) => name)
      const isTwice = names.length > new Set(names).size
      resolve(isTwice ? { status: 400, says: 'a field twice' } : Object.fromEntries(fields))
    })
    request.once('error', () => resolve({ status: 400, says: 'cut off' }))
    request.once('close', () => resolve({ status: 400, says: 'cut off' }))
  })
}

/** Whose request it is. What a proxy says counts only where it is one that is named, or on this machine. */
export function addressOf(request: IncomingMessage, trusted: Trusted): string {
  const remote = remoteOf(request)
  if (trusted.isBehind === 'nothing') return remote
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',')
  // The last one is what the proxy itself has seen; those before it anybody may have written.
  const last = forwarded.split(',').at(-1)?.trim() ?? ''
  return isIP(last) === 0 ? remote : last
}

function isFromTrusted(request: IncomingMessage, { proxies }: Trusted): boolean {
  const remote = remoteOf(request)
  return proxies.length === 0 || proxies.includes(remote) || /^(127\.|::1$)/.test(remote)
}

function remoteOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}
