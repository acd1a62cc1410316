import { Fault } from '../../../domain/base/fault.ts'
import type { FaultKind } from '../../../domain/base/fault.ts'
import { codeOf as outermostCode, networkTrouble } from '../../../domain/base/network-trouble.ts'
import { retryAfterMs } from '../../../domain/base/retry-after.ts'
import { redact } from '../../../domain/text/redact.ts'
import { Status } from '../read/schema.ts'

/** What became of a call that brought nothing. */
export type Failure = (
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body: string
      readonly retryAfter: string | null
    }
  | { readonly kind: 'no-answer'; readonly error: unknown; readonly signal: AbortSignal }
) & {
  /** It would have changed something, and at least a part of it was sent. */
  readonly changes?: boolean
}

type Told = Pick<Fault, 'kind' | 'detail' | 'code'>

/** One place for every way a call of the Kubernetes API fails. `server` is its address. */
export function toFault(failure: Failure, server: string): Fault {
  const { changes = false } = failure
  const outcome = changes ? ({ kind: 'unknown-outcome' } as const) : {}
  if (failure.kind === 'no-answer') {
    const cause = failure.error
    if (cause instanceof Fault) return cause
    const told = withoutAnswer(failure, server)
    return new Fault({ dependency: 'kubernetes', ...told, ...outcome, cause })
  }
  return new Fault({
    dependency: 'kubernetes',
    ...withAnswer(failure.status, failure.body),
    // It may have failed after the change was made.
    ...(failure.status >= 500 ? outcome : {}),
    retryAfterMs: retryAfterMs(failure.retryAfter, Date.now()),
  })
}

function withAnswer(status: number, body: string): Told {
  const { reason, message } = statusOf(body)
  const said = message === '' ? '' : `: ${message}`
  const told = (kind: FaultKind, detail: string): Told => ({ kind, detail, code: String(status) })
  switch (status) {
    case 401:
      return told('terminal', 'credentials were refused (expired token?)')
    case 403:
      return told('terminal', forbidden(message))
    case 404:
      return told('terminal', `not found${said}`)
    case 409:
      return told(reason === 'AlreadyExists' ? 'terminal' : 'retryable', `conflict${said}`)
    case 410:
      return told('retryable', `the answer is no longer complete${said}`)
    case 422:
      return told('terminal', `rejected as invalid${said}`)
    case 429:
      return told('retryable', `too many requests${said}`)
    default:
      return told(status >= 500 ? 'retryable' : 'terminal', `HTTP ${status}${said}`)
  }
}

/** Of what it refuses the API server may quote the whole object, with the values of its variables. */
const quotedObject = /"\{(?:\\.|[^"\\])*"/gs

function statusOf(body: string): { reason: string; message: string } {
  try {
    const { reason, message } = Status.parse(JSON.parse(body))
    return { reason, message: redact(message.replace(quotedObject, '"{…}"')).slice(0, 300) }
  } catch {
    return { reason: '', message: '' }
  }
}

/** `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "y"` */
const cannot =
  /(?:^\S+ "([^"]*)" is forbidden: )?User "([^"]*)" cannot (\S+) (?:resource|path) "([^"]*)"(?: in API group "([^"]*)")?(?: in the namespace "([^"]*)")?/

function forbidden(message: string): string {
  const [, name, user, verb, resource, group, namespace] = cannot.exec(message) ?? []
  if (verb === undefined) return `not allowed${message === '' ? '' : `: ${message}`}`
  const kind = group ? `${resource}.${group}` : resource
  const what = name === undefined ? kind : `${kind} ${name}`
  const where = namespace ? ` in namespace ${namespace}` : ''
  return `${user} is not allowed to ${verb} ${what}${where}`
}

const certificateCode =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_)/

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused at',
  ECONNRESET: 'connection lost to',
  EHOSTUNREACH: 'no route to',
  ENOTFOUND: 'unknown host in',
  EAI_AGAIN: 'name not resolved in',
  ETIMEDOUT: 'connection timed out to',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out to',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time from',
  UND_ERR_BODY_TIMEOUT: 'answer stopped half-way from',
  UND_ERR_SOCKET: 'connection lost to',
}

function withoutAnswer(
  { error, signal }: Extract<Failure, { kind: 'no-answer' }>,
  server: string,
): Told {
  if (signal.aborted) {
    return { kind: 'retryable', code: 'ETIMEDOUT', detail: `${server} did not answer in time` }
  }
  const code = codeOf(error)
  if (code !== null && certificateCode.test(code)) {
    const detail = `no trusted TLS connection to ${server} (${code})`
    return { kind: 'terminal', code, detail }
  }
  const said = code === null ? undefined : words[code]
  if (said !== undefined) return { kind: 'retryable', code, detail: `${said} ${server}` }
  const trouble = networkTrouble(outermostCode(error) ?? '')
  if (trouble) return { kind: trouble.kind, code, detail: `${server}: ${trouble.words}` }
  return {
    kind: 'retryable',
    code,
    detail: `no answer from ${server} (${code ?? 'unknown error'})`,
  }
}

/** fetch wraps what happened: the code is the innermost one. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const inner = codeOf(error.cause)
  if (inner !== null) return inner
  return 'code' in error && typeof error.code === 'string' ? error.code : null
}
