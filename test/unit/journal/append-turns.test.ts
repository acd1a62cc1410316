import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { appendTurns } from '../../../src/adapters/postgres/append-turns.ts'

/** Turns that are answered when the test says so. */
function stage() {
  const batches: { asked: readonly string[]; end: PromiseWithResolvers<readonly string[]> }[] = []
  const turns = appendTurns<string, string>(
    (asked) => {
      const end = Promise.withResolvers<readonly string[]>()
      batches.push({ asked, end })
      return end.promise
    },
    (error) => String(error).includes('final'),
  )
  const asked = () => batches.map((batch) => batch.asked.join(' '))
  const answer = async (index: number) => {
    batches[index]?.end.resolve(batches[index].asked.map((one) => one.toUpperCase()))
    await nextTurn()
  }
  const fail = async (index: number, why: string) => {
    batches[index]?.end.reject(new Error(why))
    await nextTurn()
  }
  const ask = (one: string) => {
    const answered = turns.ask(one)
    // Told at the end, by the test.
    answered.catch(() => undefined)
    return answered
  }
  return { turns: { ...turns, ask }, asked, answer, fail }
}

const outcomes = async (all: readonly Promise<string>[]) =>
  (await Promise.allSettled(all)).map((one) =>
    one.status === 'fulfilled' ? one.value : String(one.reason),
  )

test('what is asked for in one turn is answered together, in its order', async () => {
  const { turns, asked, answer } = stage()
  const all = ['a', 'b', 'c'].map((one) => turns.ask(one))
  await nextTurn()
  expect(asked()).toEqual(['a b c'])
  await answer(0)
  expect(await Promise.all(all)).toEqual(['A', 'B', 'C'])
})

test('turns that come while one is answered wait, and are answered together', async () => {
  const { turns, asked, answer } = stage()
  const all = [turns.ask('a')]
  await nextTurn()
  all.push(turns.ask('b'))
  await nextTurn()
  all.push(turns.ask('c'), turns.ask('d'))
  await nextTurn()
  expect(asked()).toEqual(['a'])
  await answer(0)
  expect(asked()).toEqual(['a', 'b c d'])
  await answer(1)
  expect(await Promise.all(all)).toEqual(['A', 'B', 'C', 'D'])
  await turns.settled()
})

test('a turn that fails for good takes no other turn with it, but all that was asked in it', async () => {
  const { turns, asked, answer, fail } = stage()
  const all = [turns.ask('a')]
  await nextTurn()
  all.push(turns.ask('b'), turns.ask('c'))
  await nextTurn()
  all.push(turns.ask('d'))
  await nextTurn()
  await answer(0)
  await fail(1, 'final')
  expect(asked()).toEqual(['a', 'b c d', 'b c'])
  await fail(2, 'final')
  await answer(3)
  expect(await outcomes(all)).toEqual(['A', 'Error: final', 'Error: final', 'D'])
})

test('a fault that passes is told to all that waited, and the next turn goes on', async () => {
  const { turns, asked, answer, fail } = stage()
  const all = [turns.ask('a'), turns.ask('b')]
  await nextTurn()
  await fail(0, 'away')
  all.push(turns.ask('c'))
  await nextTurn()
  expect(asked()).toEqual(['a b', 'c'])
  await answer(1)
  expect(await outcomes(all)).toEqual(['Error: away', 'Error: away', 'C'])
})

test('it has settled when the last one is answered', async () => {
  const { turns, answer } = stage()
  const asked = turns.ask('a')
  const settled = turns.settled().then(() => 'settled')
  expect(await Promise.race([settled, nextTurn('not yet')])).toBe('not yet')
  await answer(0)
  expect(await asked).toBe('A')
  expect(await settled).toBe('settled')
})
