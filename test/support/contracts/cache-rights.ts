import { expect, test } from 'vitest'
import { fresh, scope } from './cache-texts.ts'
import type { CacheSubject } from './cache-texts.ts'
import { faultOf, patience } from './outside.ts'

/** What is said of a clearing beforehand is what happens to it. */
export function rightContract(subject: CacheSubject): void {
  test('who may clear is told so, and nothing is removed by asking', async () => {
    const { cache, store } = await fresh(subject)
    await store('contract:a', 1)
    const asked = scope('contract:', 'contract:kept')
    expect(await cache.rightToClear(asked, patience())).toEqual({ kind: 'granted' })
    expect(await cache.readText('contract:a', patience())).toBe('1')
    expect(await cache.clear(asked, patience())).toEqual({ removed: 1 })
  })

  test('who may not is told what is refused, and then it is', async () => {
    await fresh(subject)
    const { cache, store } = await subject.mayNotClear()
    await store('contract:a', 1)
    const right = await cache.rightToClear(scope('contract:'), patience())
    expect(right).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/^user \w+ may not UNLINK keys that begin with contract:$/),
    })
    const fault = await faultOf(cache.clear(scope('contract:'), patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'NOPERM' })
    expect(await cache.readText('contract:a', patience())).toBe('1')
  })

  test('who is not told may still be able to: it is not known, and why is said (J10)', async () => {
    await fresh(subject)
    const { cache, store } = await subject.notTold()
    await store('contract:a', 1)
    const right = await cache.rightToClear(scope('contract:'), patience())
    expect(right).toEqual({
      kind: 'not-known',
      because: expect.stringContaining('may not run ACL'),
    })
    expect(await cache.clear(scope('contract:'), patience())).toEqual({ removed: 1 })
  })

  test('nobody needs a right to clear nothing, and an empty prefix is a mistake of the caller', async () => {
    const { cache } = await subject.mayNotClear()
    const none = { prefixes: [], protectedPrefixes: [] }
    expect(await cache.rightToClear(none, patience())).toEqual({ kind: 'granted' })
    await expect(cache.rightToClear(scope(''), patience())).rejects.toThrow(RangeError)
  })
}
