import { WebAPIRateLimitedError } from '@slack/web-api'
import { describe, expect, test } from 'vitest'
import { toFault } from '../../../src/adapters/kubernetes/client/faults.ts'
import { slackWriteFault } from '../../../src/adapters/slack/faults.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { LONGEST_WAIT_MS, retryAfterMs } from '../../../src/domain/base/retry-after.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')

const HEADERS: readonly (readonly [header: string | null, obeyedMs: number | null])[] = [
  ['7', 7_000],
  [' 7 ', 7_000],
  ['60', 60_000],
  ['61', LONGEST_WAIT_MS],
  ['1000000000', LONGEST_WAIT_MS],
  ['9'.repeat(400), LONGEST_WAIT_MS],
  ['Sun, 22 Nov 2026 10:00:09 GMT', 9_000],
  ['Sunday, 22-Nov-26 10:00:09 GMT', 9_000],
  ['Sun, 22 Nov 2099 10:00:09 GMT', LONGEST_WAIT_MS],
  ['Sun, 22 Nov 2026 09:00:00 GMT', null],
  ['Sun, 99 Nov 2026', null],
  ['0', null],
  ['-5', null],
  ['1.5', null],
  ['0x10', null],
  ['1e9', null],
  ['soon', null],
  ['Infinity', null],
  ['', null],
  [null, null],
]

test.each(HEADERS)('a Retry-After of %j is obeyed for %j ms', (header, obeyedMs) => {
  expect(retryAfterMs(header, NOW)).toBe(obeyedMs)
})

describe('no adapter hands on a wait that is too long, or none', () => {
  const ofSlack = (seconds: number) => slackWriteFault(new WebAPIRateLimitedError(seconds))
  const ofKubernetes = (seconds: number) =>
    toFault({ kind: 'answer', status: 429, body: '', retryAfter: String(seconds) }, 'https://k')
  const made = (seconds: number) =>
    new Fault({ kind: 'retryable', dependency: 'x', detail: 'x', retryAfterMs: seconds * 1_000 })

  test.each([
    [2, 2_000],
    [1e9, LONGEST_WAIT_MS],
    [Number.POSITIVE_INFINITY, LONGEST_WAIT_MS],
    [0, null],
    [-5, null],
    [Number.NaN, null],
  ])('of %d seconds, %j ms are left', (seconds, obeyedMs) => {
    expect(ofSlack(seconds).retryAfterMs).toBe(obeyedMs)
    expect(made(seconds).retryAfterMs).toBe(obeyedMs)
    if (Number.isSafeInteger(seconds)) expect(ofKubernetes(seconds).retryAfterMs).toBe(obeyedMs)
  })

  test('a 429 of Slack that names no time can be tried again, and was not carried out', () => {
    const error = new Error('Retry header did not contain a valid timeout (url: u, header: soon)')
    const fault = slackWriteFault(error)
    expect(fault).toMatchObject({ kind: 'retryable', code: '429', retryAfterMs: null })
    expect(fault.detail).not.toContain('url')
  })
})
