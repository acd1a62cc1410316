import { describe, expect, test } from 'vitest'
import { commonVersion } from '../../../src/adapters/docker/client/client.ts'
import { toFault } from '../../../src/adapters/docker/client/faults.ts'
import { answerIn } from '../../../src/adapters/docker/write/answers.ts'
import { faultOf } from '../../support/contracts/outside.ts'

const where = 'shop-1 (/run/docker.sock)'

const answered = (status: number, message: string | null = null, changes = false) =>
  toFault(
    {
      kind: 'answer',
      status,
      body: message === null ? '<html>' : JSON.stringify({ message }),
      changes,
    },
    where,
  )

const failed = (code: string, changes = false, signal = new AbortController().signal) =>
  toFault(
    { kind: 'no-answer', error: Object.assign(new Error(code), { code }), signal, changes },
    where,
  )

describe('an answer', () => {
  test.each([
    [400, 'terminal'],
    [401, 'terminal'],
    [403, 'terminal'],
    [404, 'terminal'],
    [409, 'terminal'],
    [429, 'retryable'],
    [500, 'retryable'],
    [501, 'terminal'],
    [502, 'retryable'],
    [503, 'retryable'],
  ])('of %d to a question is %s', (status, kind) => {
    expect(answered(status, 'words')).toMatchObject({ kind, code: String(status) })
    expect(answered(status, 'words').detail).toMatch(/shop-1.*: words$/)
  })

  test.each([500, 502, 503])('of %d to a write may have come after it was made', (status) => {
    expect(answered(status, null, true).kind).toBe('unknown-outcome')
  })

  test.each([400, 403, 404, 409])('of %d to a write came before it', (status) => {
    expect(answered(status, null, true).kind).toBe('terminal')
  })

  test('hides what looks like a secret, and is short', () => {
    const { detail } = answered(500, `DB_PASSWORD=hunter2hunter2 ${'x '.repeat(500)}`)
    expect(detail).not.toContain('hunter2')
    expect(detail.length).toBeLessThan(400)
  })
})

describe('no answer', () => {
  test.each([
    ['ECONNREFUSED', 'retryable', 'connection refused'],
    ['ECONNRESET', 'retryable', 'connection reset'],
    ['ENOENT', 'retryable', 'there is no socket'],
    ['EACCES', 'terminal', 'may not open the socket'],
    ['ENOTFOUND', 'retryable', 'name not found'],
    ['CERT_HAS_EXPIRED', 'terminal', 'certificate has expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'terminal', 'not trusted'],
    ['EWHATEVER', 'retryable', 'no answer'],
  ])('for %s is %s, in words', (code, kind, words) => {
    expect(failed(code)).toMatchObject({ kind, code, detail: expect.stringContaining(words) })
  })

  test('to a write that was sent leaves its outcome unknown', () => {
    expect(failed('ECONNRESET', true).kind).toBe('unknown-outcome')
    expect(failed('ABORT_ERR', true, AbortSignal.abort())).toMatchObject({
      kind: 'unknown-outcome',
      code: 'ETIMEDOUT',
    })
  })
})

describe('a write', () => {
  test.each([
    [404, 'No such container: x', 'changed-meanwhile'],
    [409, 'Conflict. The container name "/x" is already in use', 'changed-meanwhile'],
    [409, 'removal of container x is already in progress', 'changed-meanwhile'],
    [409, 'You cannot remove a running container x', 'refused'],
    [404, 'network shop_default not found', 'refused'],
    [404, 'No such image: shop/backend:v1', 'refused'],
    [400, 'invalid container name', 'refused'],
    [403, 'forbidden by administrative rules', 'refused'],
  ])('that is answered %d %s is %s', (status, message, kind) => {
    const answer = answerIn(answered(status, message, true))
    expect(answer).toMatchObject({ kind, because: expect.stringContaining(message.slice(0, 20)) })
  })

  test.each([401, 429, 500, 503])('that is answered %d is neither', (status) => {
    expect(answerIn(answered(status, 'words', true))).toBeNull()
  })
})

test('the newest API that both know is spoken', async () => {
  expect(commonVersion('1.41', where)).toBe('1.41')
  expect(commonVersion('1.56', where)).toBe('1.51')
  const asked = async (version: string) => commonVersion(version, where)
  const old = await faultOf(asked('1.24'))
  expect(old.detail).toContain('too old')
  const other = await faultOf(asked(''))
  expect(other.detail).toContain('no Docker Engine answers')
})
