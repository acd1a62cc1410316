import type { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import { codeBehind, neverSent } from '../../domain/base/network-trouble.ts'
import { retryAfterMs } from '../../domain/base/retry-after.ts'
import { serviceUrl } from '../../domain/base/service-url.ts'
import { redact } from '../../domain/text/redact.ts'
import type { EndpointAnswer, Endpoints } from '../../ports/endpoints.ts'
import { Refused } from './schema.ts'

export const DEPENDENCY = 'unleash'

/** A flag with every strategy it may have is a tenth of that. */
const MOST_BYTES = 1024 * 1024
const LONGEST_WORDS = 300

export type Unleash = {
  /** What it answers, whatever that is. */
  get(path: string, asked: Asked): Promise<EndpointAnswer>
  /** Sent once. No answer is a `Fault` of kind `unknown-outcome`, unless it was certainly not sent. */
  post(path: string, asked: Asked): Promise<EndpointAnswer>
}

type Asked = { readonly token: string; readonly signal: AbortSignal }

/** Redirects are not followed, so that a token never leaves the address that it was given for. */
export function unleashAt(url: string, endpoints: Endpoints): Unleash {
  const ask = (method: 'GET' | 'POST', path: string, { token, signal }: Asked) =>
    endpoints.ask({
      method,
      url: serviceUrl(url, path),
      headers: { accept: 'application/json', authorization: token },
      redirects: 'answer',
      maxBytes: MOST_BYTES,
      signal,
    })
  return {
    get: (path, asked) => ask('GET', path, asked),
    async post(path, asked) {
      // Nothing of it has left this process.
      if (asked.signal.aborted) {
        const detail = 'there was no time left to ask it'
        throw new Fault({ kind: 'retryable', dependency: DEPENDENCY, detail, code: 'ETIMEDOUT' })
      }
      return ask('POST', path, asked).catch((error: unknown) => {
        throw writeFault(error)
      })
    },
  }
}

/** The client speaks of questions, which change nothing; this may have been carried out. */
function writeFault(error: unknown): unknown {
  if (!(error instanceof Fault) || error.kind === 'terminal') return error
  if (neverSent(codeBehind(error))) return error
  const { detail, code } = error
  return new Fault({ kind: 'unknown-outcome', dependency: DEPENDENCY, detail, code, cause: error })
}

/** What it says, where it is what was asked for. `variable`: whose value the token is. */
export function readAs<T>(
  schema: z.ZodType<T>,
  answer: EndpointAnswer,
  variable: TokenVariable = 'UNLEASH_TOKEN',
): T {
  if (answer.status !== 200) throw answerFault(answer, variable)
  if (answer.truncated) throw unusable('its answer is longer than 1 MiB')
  const read = schema.safeParse(jsonOf(answer.body))
  if (!read.success) throw unusable('its answer is not one of Unleash; is UNLEASH_URL its address?')
  return read.data
}

export type TokenVariable = 'UNLEASH_TOKEN' | 'UNLEASH_CLIENT_TOKEN'

function unusable(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail })
}

/** It answered something else than what was asked for. */
export function answerFault(answer: EndpointAnswer, variable: TokenVariable): Fault {
  const { status } = answer
  const of = { dependency: DEPENDENCY, code: String(status) }
  if (status === 429 || status >= 500) {
    const waited = retryAfterMs(answer.retryAfter ?? null, Date.now())
    const detail = `it answered HTTP ${status}${inItsWords(answer)}`
    return new Fault({ ...of, kind: 'retryable', detail, retryAfterMs: waited })
  }
  if (status === 401) {
    const detail = `it does not take ${variable} (HTTP 401)`
    return new Fault({ ...of, kind: 'terminal', detail })
  }
  if (status === 403) {
    const detail = `${variable} may not do this (HTTP 403)${inItsWords(answer)}`
    return new Fault({ ...of, kind: 'terminal', detail })
  }
  if (status >= 300 && status < 400) {
    const detail = `it redirects elsewhere (HTTP ${status}): is UNLEASH_URL its address?`
    return new Fault({ ...of, kind: 'terminal', detail })
  }
  const detail = `it answered HTTP ${status}${inItsWords(answer)}`
  return new Fault({ ...of, kind: 'terminal', detail })
}

/** In its own words where it has some, in one line. */
export function inItsWords({ body }: Pick<EndpointAnswer, 'body'>): string {
  const { data } = Refused.safeParse(jsonOf(body))
  if (!data) return ''
  const line = redact(data.message).replace(/\s+/g, ' ').trim()
  return `: ${line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line}`
}
