import { describe, expect, test } from 'vitest'
import { deathsAt } from '../support/mortal.ts'
import { againAfter, dataDeed, ENDS, EVERY_DEED, wrongIn } from './data-deed.ts'
import { distinct } from './outward.ts'

/** These read for long. */
const LONG = ['contents', 'compare', 'quiet']

describe.each(EVERY_DEED)('%s, killed at each call that it makes to the database', async (deed) => {
  const unharmed = await dataDeed(deed)
  const asked = new Set(distinct(unharmed.made).map(({ nth }) => nth))
  const deaths = unharmed.made.flatMap(({ nth, name, at, writes }) => {
    const hows = writes
      ? deathsAt([at])
      : asked.has(nth) && LONG.includes(name)
        ? [{ at, when: 'before' as const }]
        : []
    return hows.map((death) => ({ ...death, name }))
  })
  const whole = { ...ENDS[deed], backend: 3, maintenance: null }

  test('without a death', () => {
    console.log(`crash points of ${deed}: ${deaths.length}`)
    expect(deaths.length).toBeGreaterThan(2)
    expect(unharmed).toMatchObject({ ...whole, died: false })
    expect(unharmed.outcomes.at(-1)).toBe('succeeded')
    expect(wrongIn(unharmed)).toEqual([])
  })

  test.each(deaths)(
    '$name, $when: the second process comes to the same end (J4, J5)',
    async (death) => {
      const left = await dataDeed(deed, { death, ...againAfter(deed) })
      expect(wrongIn(left)).toEqual([])
      expect(left).toMatchObject({ ...whole, died: true })
      const ended = left.outcomes.slice(-2).join()
      expect(ended).toMatch(deed === 'tidy-up' ? /succeeded/ : /succeeded$/)
    },
  )
})
