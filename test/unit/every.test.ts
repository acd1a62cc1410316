import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { every } from '../../src/adapters/cron/every.ts'

const START = Date.UTC(2026, 10, 22, 3, 12, 5)
const log = { info() {}, warn: vi.fn(), error() {} }

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
  log.warn.mockClear()
})

test.each([
  ['is left alone', 0],
  ['is set back by an hour', -60 * 60_000],
  ['is set forward by an hour', 60 * 60_000],
])('a schedule goes on when the clock %s', async (_what, byMs) => {
  let runs = 0
  const schedule = every(10, 'test', () => void (runs += 1), log)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(runs).toBe(3)
  vi.setSystemTime(Date.now() + byMs)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(runs).toBeGreaterThanOrEqual(3 + 4)
  expect(runs).toBeLessThanOrEqual(3 + 8)
  await schedule.stop()
  const over = runs
  await vi.advanceTimersByTimeAsync(60_000)
  expect(runs).toBe(over)
})

test.each([
  [60, 42, [42, 102, 162]],
  [30, 42, [12, 42, 72]],
  [10, 42, [12, 22, 32]],
  [10, 0, [10, 20, 30]],
])('every %i s, %i s after the whole one', async (seconds, after, at) => {
  const ran: number[] = []
  const run = () => void ran.push(Math.round((Date.now() - START) / 1_000) + 5)
  const schedule = every(seconds, 'test', run, log, after)
  await vi.advanceTimersByTimeAsync(200_000)
  expect(ran.slice(0, 3)).toEqual(at)
  await schedule.stop()
})
