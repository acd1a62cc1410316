import { expect, test } from 'vitest'
import { NoAnswer, serverFault } from '../../../src/adapters/postgres/faults.ts'

const at = 'db-1:5432'

/** As the client throws what the server has answered. */
function answered(code: string, severity = 'ERROR', message = 'as the server says it'): Error {
  return Object.assign(new Error(message), { code, severity })
}

test.each([
  ['08006', 'retryable', 'lost'],
  ['25006', 'retryable', 'read-only'],
  ['28P01', 'terminal', 'password'],
  ['28000', 'terminal', 'password'],
  ['3D000', 'terminal', 'no database'],
  ['40001', 'retryable', 'undone'],
  ['40P01', 'retryable', 'undone'],
  ['42501', 'terminal', 'may not'],
  ['42P01', 'terminal', 'no journal'],
  ['53100', 'retryable', 'disk is full'],
  ['53300', 'retryable', 'no more connections'],
  ['55P03', 'retryable', 'another one holds'],
  ['57014', 'retryable', 'too long'],
  ['57P01', 'retryable', 'ended the connection'],
  ['57P03', 'retryable', 'starting'],
  ['XX001', 'terminal', 'damaged'],
  ['XX000', 'terminal', 'as the server says it'],
])('%s is %s: %s', (code, kind, words) => {
  const fault = serverFault(answered(code), { at })
  expect(fault).toMatchObject({ kind, code, dependency: 'journal' })
  expect(fault.detail).toContain(`the journal on ${at}: `)
  expect(fault.detail).toContain(words)
})

test.each([
  [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'nobody listens'],
  [new Error('Connection terminated unexpectedly'), 'connection was lost'],
  [new Error('Connection terminated due to connection timeout'), 'does not answer'],
  [new Error('timeout exceeded when trying to connect'), 'in use'],
  [new NoAnswer(), 'does not answer'],
])('%s passes', (error, words) => {
  const fault = serverFault(error, { at })
  expect(fault.kind).toBe('retryable')
  expect(fault.detail).toContain(words)
})

test('a certificate that nobody vouches for, and no TLS at all, wait for a person', () => {
  const certificate = Object.assign(new Error(''), { code: 'SELF_SIGNED_CERT_IN_CHAIN' })
  expect(serverFault(certificate, { at })).toMatchObject({ kind: 'terminal' })
  const none = new Error('The server does not support SSL connections')
  expect(serverFault(none, { at })).toMatchObject({ kind: 'terminal' })
})

test('once a commit is sent only an answer tells, and none that ends the connection', () => {
  const committing = { at, committing: true }
  expect(serverFault(new Error('Connection terminated unexpectedly'), committing).kind).toBe(
    'unknown-outcome',
  )
  expect(serverFault(new NoAnswer(), committing).kind).toBe('unknown-outcome')
  expect(serverFault(answered('57P01', 'FATAL'), committing).kind).toBe('unknown-outcome')
  expect(serverFault(answered('40001'), committing).kind).toBe('retryable')
})
