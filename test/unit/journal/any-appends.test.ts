import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import type { Append, Appended } from '../../../src/ports/journal.ts'
import { requested } from '../../support/builders.ts'
import { openJournal, temporaryFolder } from '../../support/journal.ts'

/** What must be in a journal, and what each append must say: in the plainest way there is. */
function model() {
  const lengths = new Map<string, number>()
  const deliveries = new Set<string>()
  const holders = new Map<string, string>()
  const lengthOf = (incident: string) => lengths.get(incident) ?? 0
  const isHeld = ({ incident, holds, releases }: Append) =>
    holds?.targets.some((target) => {
      const free = [undefined, `${incident} ${holds.plan}`, `${incident} ${releases}`]
      return !free.includes(holders.get(target))
    }) ?? false

  function append(one: Append): Appended['kind'] {
    const { incident, seen, events, delivery, holds, releases } = one
    if (delivery !== undefined && deliveries.has(delivery)) return 'duplicate'
    if (seen !== 'any' && seen !== lengthOf(incident)) return 'conflict'
    if (isHeld(one)) return 'held'
    for (const [target, holder] of holders) {
      if (holder === `${incident} ${releases}`) holders.delete(target)
    }
    for (const target of holds?.targets ?? []) holders.set(target, `${incident} ${holds?.plan}`)
    lengths.set(incident, lengthOf(incident) + events.length)
    if (delivery !== undefined) deliveries.add(delivery)
    return 'appended'
  }
  return { append, lengths, lengthOf }
}

const plan = fc.integer({ min: 1, max: 2 })
const Wish = fc.record(
  {
    incident: fc.constantFrom('i-1', 'i-2', 'i-3'),
    behind: fc.constantFrom(0, 0, 0, 1, 'any' as const),
    count: fc.integer({ min: 1, max: 3 }),
    delivery: fc.nat({ max: 6 }).map(String),
    holds: fc.record({
      plan,
      targets: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
    }),
    releases: plan,
  },
  { requiredKeys: ['incident', 'behind', 'count'] },
)
type Wish = typeof Wish extends fc.Arbitrary<infer One> ? One : never
const Turns = fc.array(fc.array(Wish, { minLength: 1, maxLength: 6 }), { maxLength: 8 })

/** Every run has incidents, deliveries and targets of its own in the one file. */
function asAppend(
  { incident: name, behind, count, delivery, holds, releases }: Wish,
  run: number,
  lengthOf: (incident: string) => number,
): Append {
  const own = (one: string) => `${run} ${one}`
  const incident = own(name)
  return {
    incident,
    seen: behind === 'any' ? behind : lengthOf(incident) - behind,
    events: Array.from({ length: count }, () => requested),
    ...(delivery !== undefined && { delivery: own(delivery) }),
    ...(holds && { holds: { plan: holds.plan, targets: holds.targets.map(own) } }),
    ...(releases !== undefined && { releases }),
  }
}

test('any appends in any turns, right and wrong, end as if made one after the other', async () => {
  const file = join(temporaryFolder(), 'journal.sqlite')
  const journal = openJournal(file)
  let run = 0
  await fc.assert(
    fc.asyncProperty(Turns, async (turns) => {
      run += 1
      const expected = model()
      for (const turn of turns) {
        const asked = turn.map((wish) => {
          const append = asAppend(wish, run, expected.lengthOf)
          return { kind: expected.append(append), told: journal.append(append) }
        })
        const told = await Promise.all(asked.map((one) => one.told))
        expect(told.map(({ kind }) => kind)).toEqual(asked.map(({ kind }) => kind))
      }
      for (const [incident, length] of expected.lengths) {
        const sequences = (await journal.read(incident)).map(({ sequence }) => sequence)
        expect(sequences).toEqual(Array.from({ length }, (_, index) => index + 1))
      }
    }),
    { numRuns: 60 },
  )
  expect(verifyJournal(file).kind).toBe('intact')
})
