import { expect, test } from 'vitest'
import { openedOnce } from '../../src/compose/opened-once.ts'

test('is opened once however many need it, and again only where that failed', async () => {
  let times = 0
  const open = openedOnce(async () => {
    times += 1
    if (times === 1) throw new Error('it is away')
    return times
  })
  const [first, second] = await Promise.allSettled([open(), open()])
  expect([first.status, second.status, times]).toEqual(['rejected', 'rejected', 1])
  expect(await Promise.all([open(), open()])).toEqual([2, 2])
  expect(await open()).toBe(2)
})
