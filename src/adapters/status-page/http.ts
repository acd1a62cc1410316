import { Fault } from '../../domain/base/fault.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import { retryAfterMs } from '../../domain/base/retry-after.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import { connectionFault, type Doing } from './faults.ts'

/** Longer than any list of open incidents; more is not read. */
const MAX_BYTES = 2 * 1024 * 1024

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
 * Redirects are not followed, so that a key never leaves the host it was given for. Whatever is not an answer
 * is a `Fault`.
 */
export function asking(dependency: string, endpoints: Endpoints, now: () => number): Ask {
  return async ({ method, url, headers, body, signal }) => {
    const doing: Doing = method === 'GET' ? 'reading' : 'writing'
    // Nothing of it has left this process.
    if (signal.aborted) {
      throw new Fault({ kind: 'retryable', dependency, detail: 'there was no time left to ask it' })
    }
    const asked = {
      method,
      url,
      headers: { accept: 'application/json', ...headers },
      redirects: 'answer',
      maxBytes: MAX_BYTES,
      signal,
      ...(body === undefined
        ? {}
        : { content: { type: 'application/json', text: JSON.stringify(body) } }),
    } as const
    const answer = await endpoints.ask(asked).catch((error: unknown) => {
      throw connectionFault(error, { dependency, doing, aborted: signal.aborted, url })
    })
    const { status, body: text, truncated, retryAfter = null } = answer
    return {
      status,
      json: truncated ? undefined : jsonOf(text),
      retryAfterMs: retryAfterMs(retryAfter, now()),
    }
  }
}
