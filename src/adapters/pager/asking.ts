import { retryAfterMs } from '../../domain/base/retry-after.ts'
import type { PagerName } from '../../domain/text/product-names.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import { noAnswer, notItsAnswer, refusal } from './faults.ts'

export type Asked = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal: AbortSignal
}

/** How a pager is reached, and the clock by which it is told how long to wait. */
export type Reached = {
  readonly endpoints: Endpoints
  readonly now: () => number
}

/** Answers with the text of a 2xx, or throws a `Fault`. No redirect is followed: a credential goes where it belongs. */
export type Ask = <Result>(asked: Asked, read: (body: string) => Result | null) => Promise<Result>

/** What all pagers have in common. `secrets`: never in what is said of a failure, whoever repeats them. */
export function askingOver(
  { endpoints, now }: Reached,
  options: {
    readonly pager: PagerName
    readonly secrets: readonly string[]
    /** The host is part of a failure's words. */
    readonly named: 'by-host' | 'not-at-all'
    /** Why it says that it refused, from its answer. */
    readonly reason: (body: string) => string | null
  },
): Ask {
  const { pager, secrets, named, reason } = options

  function withoutSecrets(text: string | null): string | null {
    return secrets
      .filter((secret) => secret !== '')
      .reduce((said, secret) => said?.replaceAll(secret, '***') ?? null, text)
  }

  return async ({ method, url, headers, body, signal }, read) => {
    const where = named === 'by-host' ? (URL.parse(url)?.host ?? '') : ''
    const about = { pager, where, writes: method === 'POST' }
    const asked = {
      method,
      url,
      headers: { accept: 'application/json', ...headers },
      redirects: 'answer',
      signal,
      ...(body === undefined
        ? {}
        : { content: { type: 'application/json', text: JSON.stringify(body) } }),
    } as const
    const answer = await endpoints.ask(asked).catch((error: unknown) => {
      throw noAnswer(error, { ...about, aborted: signal.aborted })
    })
    const { status, body: text, retryAfter = null } = answer
    if (status < 200 || status > 299) {
      const refused = { status, retryAfterMs: retryAfterMs(retryAfter, now()) }
      throw refusal(refused, about, withoutSecrets(reason(text)))
    }
    const result = read(text)
    if (result === null) throw notItsAnswer(about)
    return result
  }
}
