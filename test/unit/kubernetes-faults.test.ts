import { describe, expect, test } from 'vitest'
import { toFault } from '../../src/adapters/kubernetes/client/faults.ts'
import { Fault } from '../../src/domain/base/fault.ts'

const server = 'https://10.0.0.1:6443'

const answered = (status: number, message = '', reason = '', retryAfter: string | null = null) =>
  toFault(
    {
      kind: 'answer',
      status,
      body: JSON.stringify({ kind: 'Status', reason, message }),
      retryAfter,
    },
    server,
  )

/** As fetch rejects: what happened is the cause. */
const failed = (code: string, signal = new AbortController().signal) =>
  toFault(
    {
      kind: 'no-answer',
      error: new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }),
      signal,
    },
    server,
  )

describe('an answer', () => {
  test.each([
    [401, 'terminal'],
    [403, 'terminal'],
    [404, 'terminal'],
    [409, 'retryable'],
    [410, 'retryable'],
    [422, 'terminal'],
    [429, 'retryable'],
    [400, 'terminal'],
    [302, 'terminal'],
    [500, 'retryable'],
    [503, 'retryable'],
    [504, 'retryable'],
  ])('of %d is %s, and its code the number', (status, kind) => {
    expect(answered(status)).toMatchObject({ kind, code: String(status), dependency: 'kubernetes' })
  })

  test('401 says what is the likely reason', () => {
    expect(answered(401).detail).toBe('credentials were refused (expired token?)')
  })

  test('403 names who, the verb, the resource, which one, and the namespace', () => {
    const message =
      'deployments.apps is forbidden: User "system:serviceaccount:backout:backout" cannot list resource "deployments" in API group "apps" in the namespace "production"'
    expect(answered(403, message).detail).toBe(
      'system:serviceaccount:backout:backout is not allowed to list deployments.apps in namespace production',
    )
    const named =
      'configmaps "general" is forbidden: User "backout" cannot patch resource "configmaps" in API group "" in the namespace "production"'
    expect(answered(403, named).detail).toBe(
      'backout is not allowed to patch configmaps general in namespace production',
    )
    expect(answered(403, 'denied by a webhook').detail).toBe('not allowed: denied by a webhook')
  })

  test('409 for something that exists is not to be tried again', () => {
    expect(answered(409, 'it is there', 'AlreadyExists').kind).toBe('terminal')
  })

  test('429 carries how long to wait, and nonsense there is no number', () => {
    expect(answered(429, '', '', '7').retryAfterMs).toBe(7_000)
    expect(answered(429, '', '', 'soon').retryAfterMs).toBeNull()
    expect(answered(429).retryAfterMs).toBeNull()
  })

  test('of something else than Kubernetes is told by its number only', () => {
    const fault = toFault(
      { kind: 'answer', status: 502, body: '<html>Bad gateway</html>', retryAfter: null },
      server,
    )
    expect(fault).toMatchObject({ kind: 'retryable', detail: 'HTTP 502' })
  })

  test('does not quote the whole object that is refused', () => {
    const object = JSON.stringify({ env: [{ name: 'GREETING', value: 'say "hello" \\' }] })
    const message = `patch: Invalid value: ${JSON.stringify(object)}: unknown field "spec.odd"`
    expect(answered(422, message).detail).toBe(
      'rejected as invalid: patch: Invalid value: "{…}": unknown field "spec.odd"',
    )
  })

  test('shows no secret', () => {
    expect(answered(500, 'dial https://bot:hunter2@proxy failed').detail).not.toContain('hunter2')
  })
})

describe('no answer', () => {
  test('because no client of HTTP connects to that port is said, and not tried again', async () => {
    const error = await fetch('http://127.0.0.1:6000/').catch((thrown: unknown) => thrown)
    const signal = new AbortController().signal
    const fault = toFault({ kind: 'no-answer', error, signal }, server)
    expect(fault).toMatchObject({
      kind: 'terminal',
      detail: `${server}: Node.js connects to no such port, as browsers do not`,
    })
  })

  test.each([
    ['ECONNREFUSED', `connection refused at ${server}`],
    ['ENOTFOUND', `unknown host in ${server}`],
    ['ECONNRESET', `connection lost to ${server}`],
    ['UND_ERR_SOCKET', `connection lost to ${server}`],
    ['UND_ERR_CONNECT_TIMEOUT', `connection timed out to ${server}`],
    ['UND_ERR_HEADERS_TIMEOUT', `no answer came in time from ${server}`],
    ['EWHATEVER', `no answer from ${server} (EWHATEVER)`],
  ])('%s may be tried again', (code, detail) => {
    expect(failed(code)).toMatchObject({ kind: 'retryable', code, detail })
  })

  test.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'EPROTO',
  ])('%s needs a person', (code) => {
    expect(failed(code)).toMatchObject({ kind: 'terminal', code })
  })

  test('because the signal was over is a deadline, whatever fetch said', () => {
    expect(failed('anything', AbortSignal.abort())).toMatchObject({
      kind: 'retryable',
      code: 'ETIMEDOUT',
      detail: `${server} did not answer in time`,
    })
  })

  test('a fault on the way there is passed on as it is', () => {
    const fault = new Fault({ kind: 'terminal', dependency: 'kubernetes', detail: 'no token' })
    const { signal } = new AbortController()
    expect(toFault({ kind: 'no-answer', error: fault, signal }, server)).toBe(fault)
  })
})

describe('of what would have changed something', () => {
  const { signal } = new AbortController()
  const answeredPatch = (status: number) =>
    toFault({ kind: 'answer', status, body: '', retryAfter: null, changes: true }, server)

  test.each([
    [401, 'terminal'],
    [403, 'terminal'],
    [409, 'retryable'],
    [422, 'terminal'],
    [429, 'retryable'],
    [500, 'unknown-outcome'],
    [503, 'unknown-outcome'],
    [504, 'unknown-outcome'],
  ])('an answer of %d is %s', (status, kind) => {
    expect(answeredPatch(status)).toMatchObject({ kind, code: String(status) })
  })

  test.each([signal, AbortSignal.abort()])('no answer leaves the outcome unknown', (over) => {
    const error = Object.assign(new Error('lost'), { code: 'ECONNRESET' })
    const fault = toFault({ kind: 'no-answer', error, signal: over, changes: true }, server)
    expect(fault.kind).toBe('unknown-outcome')
  })
})
