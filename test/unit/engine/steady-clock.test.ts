import { describe, expect, test } from 'vitest'
import { steadyClock } from '../../../src/engine/steady-clock.ts'

const HOUR = 60 * 60_000
const START = Date.UTC(2026, 10, 22, 3, 12)

/** A machine whose clock can be set, and that can be put to sleep. */
function machine() {
  let wall = START
  let monotonic = 5_000
  return {
    clock: steadyClock({ wall: () => wall, monotonic: () => monotonic }),
    pass(ms: number) {
      wall += ms
      monotonic += ms
    },
    set(byMs: number) {
      wall += byMs
    },
    sleep(ms: number) {
      wall += ms
    },
  }
}

describe('the time that the engine counts', () => {
  test('is that of the wall clock while nobody sets it', () => {
    const { clock, pass } = machine()
    pass(7_000)
    expect(clock.now()).toBe(START + 7_000)
  })

  test.each([15_000, HOUR])('goes on when the clock is set back by %i ms', (ms) => {
    const { clock, pass, set } = machine()
    set(-ms)
    expect(clock.now()).toBe(START)
    for (let second = 1; second <= 60; second += 1) {
      pass(1_000)
      expect(clock.now()).toBe(START + second * 1_000)
    }
  })

  test('goes along when the clock is set forward, and does not come back with it', () => {
    const { clock, pass, set } = machine()
    set(HOUR)
    expect(clock.now()).toBe(START + HOUR)
    set(-HOUR)
    pass(1_000)
    expect(clock.now()).toBe(START + HOUR + 1_000)
  })

  test('holds the time that the machine slept', () => {
    const { clock, sleep, pass } = machine()
    sleep(8 * HOUR)
    pass(1_000)
    expect(clock.now()).toBe(START + 8 * HOUR + 1_000)
  })

  test('is told in whole milliseconds, however finely the machine counts', () => {
    const { clock, set, pass } = machine()
    set(-HOUR)
    pass(0.4)
    expect(clock.now()).toBe(START)
    pass(0.7)
    expect(clock.now()).toBe(START + 1)
  })

  test('is never earlier than a moment that is known to have been', () => {
    const { clock, pass } = machine()
    clock.reach(START + HOUR)
    pass(2_000)
    expect(clock.now()).toBe(START + HOUR + 2_000)
    clock.reach(START)
    expect(clock.now()).toBe(START + HOUR + 2_000)
  })
})
