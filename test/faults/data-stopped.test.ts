import { describe, expect, test } from 'vitest'
import { dataDeed, DEEDS, ENDS, stoppedAt, wrongIn } from './data-deed.ts'

/** Somebody stops it right before that call of it; `more`: and asks for it once more. */
async function stopped(deed: 'salvage' | 'tidy-up' | 'full', nth: number, more: 'once' | 'again') {
  return dataDeed(deed, {
    through: stoppedAt(nth),
    ...(more === 'again' ? { more: [DEEDS[deed].request] } : {}),
  })
}

describe.each(['salvage', 'tidy-up'] as const)('%s, stopped by somebody', async (deed) => {
  const { made } = await stopped(deed, 0, 'once')
  const points = made.filter(({ writes }) => writes)

  test.each(points)(
    'before $name ($nth): it says what it leaves, and is done when it is asked for again',
    async ({ nth }) => {
      const left = await stopped(deed, nth, 'once')
      expect(wrongIn(left)).toEqual([])
      expect(left.live).toBe(ENDS[deed].live)
      const ended = left.outcomes.at(-1)
      expect(['aborted', 'succeeded']).toContain(ended)
      if (ended === 'aborted') expect(left.says).toMatch(/^stopped/)
      const again = await stopped(deed, nth, 'again')
      // What people have deleted since the switch is only in what was set aside, and comes back as it was there.
      expect(wrongIn(again).filter((one) => !one.startsWith('live is'))).toEqual([])
      expect(again).toMatchObject({ kept: ENDS[deed].kept, backend: 3, maintenance: null })
      if (deed === 'salvage') expect(again.told).toMatch(/copied back/)
    },
  )
})

describe('full, stopped by somebody', async () => {
  const { made } = await stopped('full', 0, 'once')
  const points = made.filter(({ writes }) => writes)

  test.each(points)(
    'before $name ($nth): it says what is left so, and planned again it brings everything to its end',
    async ({ nth }) => {
      const left = await stopped('full', nth, 'once')
      expect(left).toMatchObject({ lost: 0, fence: false, proof: 'intact' })
      const isGivenBack = left.backend === 3 && left.maintenance === null
      if (!isGivenBack) expect(left.said).toMatch(/Left so until _Undo_/)
      const again = await stopped('full', nth, 'again')
      expect(again).toMatchObject({ lost: 0, fence: false, backend: 3, maintenance: null })
      expect(again.live).toBe('restored')
    },
  )
})
