import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { existsAt, isReadyAt, rolled, rolloutMs } from '../../src/sandbox/kubernetes/rolling.ts'
import type { SimulatedPod } from '../../src/sandbox/kubernetes/rolling.ts'

const wanted = (nowMs: number, revision: string, replicas: number, starts = true) => ({
  nowMs,
  revision,
  version: revision,
  replicas,
  starts,
  nameOf: (serial: number) => `${revision}-${serial}`,
})

const settledMs = 1_000_000
const at = (pods: readonly SimulatedPod[], atMs: number) =>
  pods.filter((pod) => existsAt(pod, atMs))
const ready = (pods: readonly SimulatedPod[], atMs: number) =>
  pods.filter((pod) => isReadyAt(pod, atMs))

const Wish = fc.record({
  afterMs: fc.integer({ min: 0, max: 12_000 }),
  revision: fc.constantFrom('a', 'b', 'c'),
  replicas: fc.integer({ min: 0, max: 4 }),
})

describe('whatever was wanted, and however often it changed on the way', () => {
  const played = (wishes: readonly { afterMs: number; revision: string; replicas: number }[]) => {
    let nowMs = 0
    let pods: readonly SimulatedPod[] = []
    for (const { afterMs, revision, replicas } of wishes) {
      nowMs += afterMs
      pods = rolled(pods, wanted(nowMs, revision, replicas))
    }
    return { pods, nowMs }
  }

  test('in the end there is exactly what was wanted last', () => {
    fc.assert(
      fc.property(fc.array(Wish, { minLength: 1, maxLength: 8 }), (wishes) => {
        const { pods } = played(wishes)
        const { revision, replicas } = wishes.at(-1)!
        const left = at(pods, settledMs)
        expect(left.map((pod) => pod.revision)).toEqual(Array(replicas).fill(revision))
        expect(ready(pods, settledMs)).toEqual(left)
        expect(new Set(left.map(({ name }) => name)).size).toBe(replicas)
      }),
    )
  })

  test('what has been seen already does not change any more', () => {
    fc.assert(
      fc.property(fc.array(Wish, { minLength: 2, maxLength: 8 }), fc.nat(), (wishes, earlier) => {
        const before = played(wishes.slice(0, -1))
        const after = played(wishes)
        const seenMs = Math.min(before.nowMs + earlier, after.nowMs - 1)
        const names = (pods: readonly SimulatedPod[]) => at(pods, seenMs).map(({ name }) => name)
        expect(names(after.pods).toSorted()).toEqual(names(before.pods).toSorted())
      }),
    )
  })
})

test('one after another is replaced, and never are fewer ready than wanted', () => {
  const settled = rolled([], wanted(0, 'a', 3))
  const rolling = rolled(settled, wanted(60_000, 'b', 3))
  let newOnes = 0
  for (let ms = 60_000; ms <= 60_000 + rolloutMs; ms += 50) {
    expect(ready(rolling, ms).length).toBeGreaterThanOrEqual(3)
    const now = ready(rolling, ms).filter(({ revision }) => revision === 'b').length
    expect(now - newOnes).toBeLessThanOrEqual(1)
    newOnes = now
  }
  expect(at(rolling, 60_000 + rolloutMs - 100)).toHaveLength(4)
  expect(at(rolling, 60_000 + rolloutMs).map(({ revision }) => revision)).toEqual(['b', 'b', 'b'])
})

test('of what never starts one is tried, and the old ones stay', () => {
  const settled = rolled([], wanted(0, 'a', 3))
  const stuck = rolled(settled, wanted(60_000, 'b', 3, false))
  expect(at(stuck, settledMs).map(({ revision }) => revision)).toEqual(['a', 'a', 'a', 'b'])
  expect(ready(stuck, settledMs)).toHaveLength(3)
})
