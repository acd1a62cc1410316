import { Agent, request } from 'undici'
import { Fault } from '../../domain/base/fault.ts'
import { retryAfterMs } from '../../domain/base/retry-after.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import { connectionFault, type Doing } from './faults.ts'

/** Longer than any list of open incidents; more is not read. */
const MAX_BYTES = 2 * 1024 * 1024
const CONNECT_TIMEOUT_MS = 4_000

export type Asked = {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal: AbortSignal
}

export type Answer = {
  readonly status: number
  /** What it says, where that is JSON and not too long; else `undefined`. */
  readonly json: unknown
  readonly retryAfterMs: number | null
}

export type Ask = (asked: Asked) => Promise<Answer>

/**
 * Asks over one pool of connections. Redirects are not followed, so that a key never leaves the host it
 * was given for. Whatever is not an answer is a `Fault`.
 */
export function asking(dependency: string, now: () => number): Ask {
  const dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } })
  return async ({ method, url, headers, body, signal }) => {
    const doing: Doing = method === 'GET' ? 'reading' : 'writing'
    // Nothing of it has left this process.
    if (signal.aborted) {
      throw new Fault({ kind: 'retryable', dependency, detail: 'there was no time left to ask it' })
    }
    const asked = {
      dispatcher,
      signal,
      method,
      headers: {
        'user-agent': 'backout',
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    try {
      return await untilAborted(answered(url, asked, now), signal)
    } catch (error) {
      throw connectionFault(error, { dependency, doing, aborted: signal.aborted, url })
    }
  }
}

async function answered(
  url: string,
  asked: Parameters<typeof request>[1],
  now: () => number,
): Promise<Answer> {
  const { statusCode: status, headers, body } = await request(url, asked)
  const after = headers['retry-after']
  return {
    status,
    json: await jsonOf(body),
    retryAfterMs: retryAfterMs(typeof after === 'string' ? after : null, now()),
  }
}

/** Leaving the loop destroys the stream: the rest is never read. */
async function jsonOf(stream: AsyncIterable<unknown>): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return json
  } catch {
    return undefined
  }
}
