import { expect, test } from 'vitest'
import { untilAborted } from '../../../src/domain/base/until-aborted.ts'

const never = new Promise<never>(() => {})

test('what the work says, good or bad', async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(Promise.resolve(7), signal)).toBe(7)
  await expect(untilAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
})

test('work that never ends does so with the signal, also one given before', async () => {
  const aborting = new AbortController()
  const waiting = untilAborted(never, aborting.signal)
  aborting.abort(new Error('given up'))
  await expect(waiting).rejects.toThrow('given up')
  await expect(untilAborted(never, aborting.signal)).rejects.toThrow('given up')
})
