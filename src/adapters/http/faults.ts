import { Fault } from '../../domain/fault.ts'

const untrusted = 'its certificate is not trusted (set the CA file)'

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const certificateTroubles: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (compare the clocks)',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  HOSTNAME_MISMATCH: 'its certificate is for another name',
}

const connectionTroubles: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  UND_ERR_SOCKET: 'the connection was closed before an answer came',
  HPE_INVALID_CONSTANT: 'the answer was not HTTP',
}

const timeouts = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

const invalid = new Set(['ERR_INVALID_URL', 'UND_ERR_INVALID_ARG'])

/** The first code on the way down the causes: undici and Node's happy eyeballs both wrap. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return codeOf(error.cause)
}

function troubleOf(code: string | null): { kind: 'retryable' | 'terminal'; words: string } {
  if (code === null) return { kind: 'retryable', words: 'the request failed' }
  if (timeouts.has(code)) return { kind: 'retryable', words: 'did not answer in time' }
  if (invalid.has(code)) return { kind: 'terminal', words: 'not an http or https address' }
  const certificate = certificateTroubles[code]
  if (certificate !== undefined) return { kind: 'terminal', words: certificate }
  if (code.startsWith('CERT_')) {
    return { kind: 'terminal', words: `its certificate was refused (${code})` }
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO') {
    return { kind: 'terminal', words: 'no TLS connection could be made (is it http, not https?)' }
  }
  if (code.startsWith('HPE_')) return { kind: 'retryable', words: 'the answer was not HTTP' }
  const words = connectionTroubles[code] ?? `the request failed (${code})`
  return { kind: 'retryable', words }
}

/**
 * Questions are reads: whatever happened, nothing was carried out, so no outcome is unknown.
 * `where` is the host and port, never the whole address: that may hold a secret.
 */
export function httpFault(
  error: unknown,
  context: { dependency: string; where: string; aborted: boolean },
): Fault {
  const code = context.aborted ? 'ETIMEDOUT' : codeOf(error)
  const { kind, words } = troubleOf(code)
  const at = context.where === '' ? '' : ` at ${context.where}`
  const { dependency } = context
  const reported = code !== null && timeouts.has(code) ? 'ETIMEDOUT' : code
  // The error of an address that cannot be parsed repeats it, with any password in it.
  const cause = code === 'ERR_INVALID_URL' ? undefined : error
  return new Fault({ kind, dependency, detail: `${words}${at}`, code: reported, cause })
}
