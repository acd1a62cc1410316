import { Fault } from './fault.ts'

/** Why a connection brought nothing. `terminal`: trying again changes nothing until a person acts. */
export type NetworkTrouble = { readonly kind: 'retryable' | 'terminal'; readonly words: string }

const CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'did not answer in time',
  UND_ERR_SOCKET: 'the connection was closed before an answer came',
  ENOTFOUND: 'name not found',
  ENODATA: 'name not found',
  ESERVFAIL: 'name could not be looked up',
  EAI_AGAIN: 'name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
}

/** Ours: undici gives none where it refuses a port by itself. https://fetch.spec.whatwg.org/#port-blocking */
const BAD_PORT = 'BAD_PORT'

/** With these nothing was ever sent: there was no connection to send it over. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'ENODATA',
  'ESERVFAIL',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  BAD_PORT,
])

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (compare the clocks)',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  HOSTNAME_MISMATCH: 'its certificate is for another name',
}
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_UNTRUSTED)$/
const NO_TLS = /^(ERR_SSL_|ERR_TLS_|EPROTO$)/

/** A code of Node, OpenSSL or undici, in words for a tired person; `null` when it is none of these. */
export function networkTrouble(code: string): NetworkTrouble | null {
  const connection = CONNECTION[code]
  if (connection !== undefined) return { kind: 'retryable', words: connection }
  const certificate = CERTIFICATE[code]
  if (certificate !== undefined) return { kind: 'terminal', words: certificate }
  if (UNTRUSTED.test(code)) {
    return { kind: 'terminal', words: 'its certificate is not trusted (set the CA file)' }
  }
  if (code.startsWith('CERT_')) {
    return { kind: 'terminal', words: `its certificate was refused (${code})` }
  }
  if (code === BAD_PORT) {
    return { kind: 'terminal', words: 'Node.js connects to no such port, as browsers do not' }
  }
  if (NO_TLS.test(code)) return { kind: 'terminal', words: 'no TLS connection could be made' }
  return null
}

/** Whether this code says that nothing was sent. Any other may have come after it was. */
export function neverSent(code: string | null): boolean {
  return code !== null && NOT_CONNECTED.has(code)
}

/** The first code on the way down the causes: clients and Node's happy eyeballs all wrap errors. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error.message === 'bad port') return BAD_PORT
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return codeOf(error.cause)
}

/** The same of a question that ended in a `Fault`, which may name it in fewer words. */
export function codeBehind(error: unknown): string | null {
  return error instanceof Fault ? (codeOf(error.cause) ?? error.code) : codeOf(error)
}
