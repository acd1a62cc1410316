import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  beginning,
  fingerprint,
  MOVES,
  moved,
  violations,
  type Moment,
} from '../support/gate-model.ts'

const RANDOM_RUNS = 10_000

/** Signing and starting are tried more often than what ends everything. */
const LIKELY = MOVES.filter(({ kind }) => kind === 'approve' || kind === 'run')
const WEIGHTED = [...MOVES, ...LIKELY, ...LIKELY, ...LIKELY]

test('every state of the gate that people, clock and world can reach: no first write without it (J7)', async () => {
  const seen = new Map<string, Moment>()
  const queue: Moment[] = [beginning()]
  let transitions = 0
  let writes = 0
  for (let moment = queue.shift(); moment; moment = queue.shift()) {
    for (const move of MOVES) {
      const { moment: next, began } = await moved(moment, move)
      transitions += 1
      if (began) {
        writes += 1
        expect(violations(next, began), JSON.stringify(move)).toEqual([])
      }
      // At most one plan of an incident ever has two runs, and a run begins once.
      const running = next.incident.plans.filter(({ run }) => run && !run.ended)
      expect(running.length).toBeLessThanOrEqual(1)
      const key = fingerprint(next)
      if (seen.has(key)) continue
      seen.set(key, next)
      queue.push(next)
    }
  }
  console.log(`gate: ${seen.size} states, ${transitions} transitions, ${writes} first writes`)
  expect(seen.size).toBeGreaterThan(1_000)
  expect(writes).toBeGreaterThan(10)
}, 120_000)

test(`${RANDOM_RUNS} random histories: what ended stays ended, and no write breaks the gate (J7)`, async () => {
  let writes = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...WEIGHTED), { maxLength: 25 }), async (moves) => {
      let moment = beginning()
      for (const move of [{ kind: 'ask' } as const, ...moves]) {
        const before = moment.incident.plans
        const { moment: next, began } = await moved(moment, move)
        if (began) {
          writes += 1
          expect(violations(next, began)).toEqual([])
        }
        for (const state of before.filter(({ ended }) => ended)) {
          expect(next.incident.plans[state.number - 1]?.ended).toEqual(state.ended)
        }
        moment = next
      }
    }),
    { numRuns: RANDOM_RUNS },
  )
  expect(writes).toBeGreaterThan(100)
}, 120_000)
