import { expect, test } from 'vitest'
import { atOnce } from '../../../src/engine/batch-per-tick.ts'

test('what is asked for in one turn is answered at once, each with its own answer', async () => {
  const turns: (readonly number[])[] = []
  const double = atOnce((asked: readonly number[]) => {
    turns.push(asked)
    return asked.map((one) => 2 * one)
  })
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6])
  expect(await double(4)).toBe(8)
  expect(turns).toEqual([[1, 2, 3], [4]])
})

test('what is thrown reaches everybody, and the next turn is asked anew', async () => {
  let broken = true
  const ask = atOnce((asked: readonly string[]) => {
    if (broken) throw new Error('no room')
    return asked
  })
  const outcomes = await Promise.allSettled([ask('a'), ask('b')])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  broken = false
  expect(await ask('c')).toBe('c')
})
