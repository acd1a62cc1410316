import { Agent, request } from 'undici'
import { retryAfterMs } from '../../domain/base/retry-after.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { PagerName } from '../../domain/text/product-names.ts'
import { noAnswer, notItsAnswer, refusal } from './faults.ts'

export type Asked = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal: AbortSignal
}

/** Well below the deadline of a call, so that an address where nobody listens is told from a lost answer. */
const CONNECT_TIMEOUT_MS = 2_000
const LONGEST_ANSWER = 64 * 1024

/** Answers with the text of a 2xx, or throws a `Fault`. No redirect is followed: a credential goes where it belongs. */
export type Ask = <Result>(asked: Asked, read: (body: string) => Result | null) => Promise<Result>

/** What all pagers have in common. `secrets`: never in what is said of a failure, whoever repeats them. */
export function askingOver(options: {
  readonly pager: PagerName
  readonly secrets: readonly string[]
  /** The host is part of a failure's words. */
  readonly named: 'by-host' | 'not-at-all'
  /** Why it says that it refused, from its answer. */
  readonly reason: (body: string) => string | null
  readonly now: () => number
}): Ask {
  const { pager, secrets, named, reason, now } = options
  const dispatcher = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } })

  function withoutSecrets(text: string | null): string | null {
    return secrets
      .filter((secret) => secret !== '')
      .reduce((said, secret) => said?.replaceAll(secret, '***') ?? null, text)
  }

  return async (asked, read) => {
    const { method, signal, url } = asked
    const where = named === 'by-host' ? (URL.parse(url)?.host ?? '') : ''
    const about = { pager, where, writes: method === 'POST' }
    const answer = await untilAborted(answerTo(asked, dispatcher, now), signal).catch(
      (error: unknown) => {
        throw noAnswer(error, { ...about, aborted: signal.aborted })
      },
    )
    if (answer.status < 200 || answer.status > 299) {
      throw refusal(answer, about, withoutSecrets(reason(answer.body)))
    }
    const result = read(answer.body)
    if (result === null) throw notItsAnswer(about)
    return result
  }
}

async function answerTo(
  { method, url, headers, body, signal }: Asked,
  dispatcher: Agent,
  now: () => number,
) {
  const response = await request(url, {
    dispatcher,
    method,
    signal,
    headers: {
      'user-agent': 'backout',
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const { 'retry-after': wait } = response.headers
  const asked = typeof wait === 'string' ? wait : (wait?.[0] ?? null)
  return {
    status: response.statusCode,
    retryAfterMs: retryAfterMs(asked, now()),
    body: await beginningOf(response.body),
  }
}

/** Leaving the loop destroys the stream: the rest is never read. */
async function beginningOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    chunks.push(chunk)
    length += chunk.byteLength
    if (length >= LONGEST_ANSWER) break
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER).toString('utf8')
}

/** JSON of outside, for a schema to judge; `null`: it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
