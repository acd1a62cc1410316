import { expect, test } from 'vitest'
import { breathing } from '../../../src/engine/breathing.ts'

/** As many pieces as were begun by now, of those that one wants to begin. */
function pieces(count: number, breathe: () => Promise<void>) {
  const begun: number[] = []
  const all = Promise.all(
    Array.from({ length: count }, async (_, piece) => {
      await breathe()
      begun.push(piece)
    }),
  )
  return { begun, all }
}

test('so many pieces begin in a turn, in their order, and the others in later ones', async () => {
  const turns: (() => void)[] = []
  const breathe = breathing(3, () => new Promise((next) => turns.push(next)))
  const { begun, all } = pieces(7, breathe)
  const settled = async () => {
    await new Promise((next) => setImmediate(next))
    return [...begun]
  }
  expect(await settled()).toEqual([0, 1, 2])
  turns.shift()?.()
  expect(await settled()).toEqual([0, 1, 2, 3, 4, 5])
  turns.shift()?.()
  expect(await settled()).toEqual([0, 1, 2, 3, 4, 5, 6])
  await all
})

test('whoever comes with few waits for nothing', async () => {
  const breathe = breathing(3, () => new Promise(() => undefined))
  const { begun, all } = pieces(3, breathe)
  await all
  expect(begun).toEqual([0, 1, 2])
})
