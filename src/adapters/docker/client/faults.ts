import { jsonOf } from '../../../domain/base/json-of.ts'
import { Fault } from '../../../domain/base/fault.ts'
import type { FaultKind } from '../../../domain/base/fault.ts'
import { codeOf, networkTrouble } from '../../../domain/base/network-trouble.ts'
import { retryAfterMs } from '../../../domain/base/retry-after.ts'
import { z } from 'zod'
import { shortLine } from '../read/short-line.ts'

/** What became of a request that brought nothing. */
export type Failure = (
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body: string
      readonly retryAfter?: string | undefined
    }
  | { readonly kind: 'no-answer'; readonly error: unknown; readonly signal: AbortSignal }
) & {
  /** It would have changed something, and there was a connection to send it over. */
  readonly changes?: boolean
}

type Told = Pick<Fault, 'kind' | 'detail' | 'code'>

/** One place for every way a request to an Engine fails. `where` is its name and its address. */
export function toFault(failure: Failure, where: string): Fault {
  const { changes = false } = failure
  const outcome = changes ? ({ kind: 'unknown-outcome' } as const) : {}
  if (failure.kind === 'no-answer') {
    const cause = failure.error
    if (cause instanceof Fault) return cause
    return new Fault({ dependency: 'docker', ...withoutAnswer(failure, where), ...outcome, cause })
  }
  return new Fault({
    dependency: 'docker',
    ...withAnswer(failure.status, failure.body, where),
    // It may have failed after the change was made.
    ...(failure.status >= 500 ? outcome : {}),
    retryAfterMs: retryAfterMs(failure.retryAfter ?? null, Date.now()),
  })
}

const Message = z.object({ message: z.string() })

/** What the Engine says of a request that it refused; `null`: somebody else has answered, a proxy perhaps. */
function messageIn(body: string): string | null {
  return Message.safeParse(jsonOf(body)).data?.message ?? null
}

function withAnswer(status: number, body: string, where: string): Told {
  const message = messageIn(body)
  const said = message === null ? '' : `: ${shortLine(message)}`
  const told = (kind: FaultKind, detail: string): Told => ({ kind, detail, code: String(status) })
  switch (status) {
    case 401:
      return told('terminal', `credentials were refused by ${where}${said}`)
    case 403:
      return told('terminal', `not allowed at ${where}${said}`)
    case 404:
      return told('terminal', `not found at ${where}${said}`)
    case 409:
      return told('terminal', `conflict at ${where}${said}`)
    case 429:
      return told('retryable', `too many requests to ${where}${said}`)
    default:
      return told(
        status >= 500 && status !== 501 ? 'retryable' : 'terminal',
        `${where} answers HTTP ${status}${said}`,
      )
  }
}

const SOCKET: Readonly<Record<string, { readonly kind: FaultKind; readonly words: string }>> = {
  ENOENT: { kind: 'retryable', words: 'there is no socket' },
  EACCES: { kind: 'terminal', words: 'this process may not open the socket' },
  EPERM: { kind: 'terminal', words: 'this process may not open the socket' },
}

function withoutAnswer(
  { error, signal }: Extract<Failure, { kind: 'no-answer' }>,
  where: string,
): Told {
  if (signal.aborted) {
    return { kind: 'retryable', code: 'ETIMEDOUT', detail: `${where} did not answer in time` }
  }
  const code = codeOf(error)
  const trouble = code === null ? null : (SOCKET[code] ?? networkTrouble(code))
  if (trouble) return { kind: trouble.kind, code, detail: `${trouble.words} at ${where}` }
  const detail = `no answer from ${where} (${code ?? 'unknown error'})`
  return { kind: 'retryable', code, detail }
}
