import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { againAfter, dataDeed, ENDS, EVERY_DEED, wrongIn } from './data-deed.ts'

/** A write that arrived, and one that did not: nobody who waits for the reply can tell them apart. */
const HOWS = ['done-and-lost', 'not-done-and-lost'] as const

describe.each(EVERY_DEED)('%s, with the reply to each of its writes lost', async (deed) => {
  const unharmed = await dataDeed(deed)
  const cases = unharmed.made
    .filter(({ writes }) => writes)
    .flatMap((call) => HOWS.map((how) => ({ ...call, how })))

  test('there are replies to lose', () => {
    console.log(`lost replies of ${deed}: ${cases.length}`)
    expect(cases.length).toBeGreaterThan(3)
  })

  test.each(cases)('$name (call $nth) $how: looked up, and the same end (J4)', async (lost) => {
    const left = await dataDeed(deed, {
      ...againAfter(deed),
      async through(call, make) {
        if (call.nth !== lost.nth) return make()
        if (lost.how === 'done-and-lost') await make()
        const detail = 'the reply was lost'
        throw new Fault({ kind: 'unknown-outcome', dependency: 'mongodb', detail })
      },
    })
    expect(wrongIn(left)).toEqual([])
    expect(left).toMatchObject({ ...ENDS[deed], backend: 3, maintenance: null })
    const ended = left.outcomes.slice(-2).join()
    expect(ended).toMatch(deed === 'tidy-up' ? /succeeded/ : /succeeded$/)
  })
})
