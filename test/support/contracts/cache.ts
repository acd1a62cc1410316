import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cache } from '../../../src/ports/cache.ts'
import { rightContract } from './cache-rights.ts'
import { created, fresh, scope, textsContract } from './cache-texts.ts'
import type { CacheSubject } from './cache-texts.ts'
import { outsideContract, patience } from './outside.ts'

export function cacheContract(name: string, subject: CacheSubject): void {
  describe(`${name} keeps the promises of Cache`, () => {
    test('a ping tells how many milliseconds it took', async () => {
      const { cache } = await subject.start()
      const ms = await cache.ping(patience())
      expect(ms).toBeGreaterThan(0)
      expect(ms).toBeLessThan(1_000)
    })

    test('its status tells version, role and memory', async () => {
      const { cache } = await subject.start()
      const status = await cache.status(patience())
      expect(status).toMatchObject({ role: 'master', loading: false })
      expect(status.version).toMatch(/^\d+\.\d+/)
      expect(status.usedMemoryBytes).toBeGreaterThan(100_000)
      if (status.maxMemoryBytes !== null) expect(status.maxMemoryBytes).toBeGreaterThan(0)
    })

    test.each([0, 42, -1.5, 1e21])('a stored %d is that number', async (value) => {
      const { cache, store } = await subject.start()
      await store('contract:number', value)
      expect(await cache.readNumber('contract:number', patience())).toEqual({
        kind: 'number',
        value,
      })
    })

    test('a key that is not there is absent, and not zero', async () => {
      const { cache } = await subject.start()
      expect(await cache.readNumber('contract:absent', patience())).toEqual({ kind: 'absent' })
    })

    test.each(['text', 'structure'] as const)(
      'a stored %s is not a number, and not zero',
      async (what) => {
        const { cache, store } = await subject.start()
        await store(`contract:${what}`, what)
        expect(await cache.readNumber(`contract:${what}`, patience())).toEqual({
          kind: 'not-a-number',
          because: expect.stringContaining('it holds'),
        })
      },
    )

    describe('which keys', () => keysContract(subject))
    describe('the right to clear', () => rightContract(subject))
    describe('texts', () => textsContract(subject))

    test('its identity is one word, and the same whoever asks', async () => {
      const { cache } = await subject.start()
      const identity = await cache.identity(patience())
      expect(identity).toMatch(/^\S+:\d+\/\d+$/)
      expect(await cache.identity(patience())).toBe(identity)
      const other = await subject.start()
      expect(await other.cache.identity(patience())).toBe(identity)
    })

    test('its report has its version and its memory', async () => {
      const { cache } = await subject.start()
      const report = await cache.report(patience())
      const { version } = await cache.status(patience())
      expect(report).toContain(`redis_version:${version}\r\n`)
      expect(report).toMatch(/^used_memory:\d+/m)
    })

    outsideContract(subject, {
      'a ping': (cache, signal) => cache.ping(signal),
      'its status': (cache, signal) => cache.status(signal),
      'reading a number': (cache, signal) => cache.readNumber('contract:number', signal),
      'its identity': (cache, signal) => cache.identity(signal),
      'counting keys': (cache, signal) => cache.count(scope('contract:'), signal),
      'clearing keys': (cache, signal) => cache.clear(scope('contract:'), signal),
      'asking for the right to clear': (cache, signal) =>
        cache.rightToClear(scope('contract:'), signal),
      'reading a text': (cache, signal) => cache.readText('contract:text', signal),
      'changing texts': (cache, signal) => cache.changeTexts([created('contract:a')], signal),
      'its report': (cache, signal) => cache.report(signal),
    })
  })
}

/** Every character that means something in a pattern of Redis, and some that mean none. */
const tricks = ['a', 'b', 'é', '*', '?', '[', ']', '\\', '^', '-']
const tricky = fc.string({ unit: fc.constantFrom(...tricks), maxLength: 4 })
const named = tricky.map((end) => `contract:${end}`)

function keysContract(subject: CacheSubject): void {
  const survivors = async (cache: Cache, keys: readonly string[]): Promise<readonly string[]> => {
    const texts = await Promise.all(keys.map((key) => cache.readText(key, patience())))
    return keys.filter((_, index) => texts[index] !== null)
  }

  test('counting tells how many and names some, and removes none', async () => {
    const { cache } = await fresh(subject)
    const keys = Array.from({ length: 700 }, (_, index) => `contract:c:${index}`)
    await cache.changeTexts(
      [...keys, 'contract:d'].map((key) => created(key)),
      patience(),
    )
    const first = await cache.count(scope('contract:c'), patience())
    expect(first.keys).toBe(700)
    expect(first.examples.length).toBeGreaterThan(0)
    expect(keys).toEqual(expect.arrayContaining([...first.examples]))
    expect(await cache.count(scope('contract:c'), patience())).toMatchObject({ keys: 700 })
  })

  test('clearing removes keys of every type, tells how many, and finds none the next time', async () => {
    const { cache, store } = await fresh(subject)
    await store('contract:structure', 'structure')
    const keys = Array.from({ length: 1_200 }, (_, index) => `contract:${index}`)
    await cache.changeTexts(
      keys.map((key) => created(key)),
      patience(),
    )
    expect(await cache.clear(scope('contract:'), patience())).toEqual({ removed: 1_201 })
    expect(await cache.count(scope('contract:'), patience())).toEqual({ keys: 0, examples: [] })
    expect(await cache.clear(scope('contract:'), patience())).toEqual({ removed: 0 })
    expect(await cache.readNumber('contract:structure', patience())).toEqual({ kind: 'absent' })
  })

  test('what is protected stays, though it begins with what is cleared', async () => {
    const { cache } = await fresh(subject)
    const keys = ['contract:cache:1', 'contract:cache', 'contract:cached-sessions:1', 'contract:c']
    await cache.changeTexts(
      keys.map((key) => created(key)),
      patience(),
    )
    const asked = scope('contract:cache', 'contract:cached-sessions')
    expect(await cache.count(asked, patience())).toMatchObject({ keys: 2 })
    expect(await cache.clear(asked, patience())).toEqual({ removed: 2 })
    expect(await survivors(cache, keys)).toEqual(keys.slice(2))
  })

  test('a prefix is text and no pattern, a protected one wins, and no key is counted twice', async () => {
    const { cache } = await fresh(subject)
    const anything = fc.uniqueArray(named, { minLength: 1, maxLength: 12 }).chain((keys) => {
      // Of keys that are there: of two texts drawn by lot hardly ever is one the other's beginning.
      const beginning = fc
        .record({ key: fc.constantFrom(...keys), length: fc.integer({ min: 1, max: 4 }) })
        .map(({ key, length }) => key.slice(0, 'contract:'.length + length))
      return fc.record({
        keys: fc.constant(keys),
        prefixes: fc.array(beginning, { minLength: 1, maxLength: 3 }),
        protectedPrefixes: fc.array(beginning, { maxLength: 2 }),
      })
    })
    await fc.assert(
      fc.asyncProperty(anything, async ({ keys, prefixes, protectedPrefixes }) => {
        await cache.clear(scope('contract:'), patience())
        await cache.changeTexts(
          keys.map((key) => created(key)),
          patience(),
        )
        const begins = (key: string, one: readonly string[]) =>
          one.some((prefix) => key.startsWith(prefix))
        const stay = keys.filter((key) => !begins(key, prefixes) || begins(key, protectedPrefixes))
        const asked = { prefixes, protectedPrefixes }
        const { keys: counted } = await cache.count(asked, patience())
        expect(counted).toBe(keys.length - stay.length)
        expect(await cache.clear(asked, patience())).toEqual({ removed: counted })
        expect(await survivors(cache, keys)).toEqual(stay)
      }),
      { numRuns: 60 },
    )
  })

  test('no prefix means no key', async () => {
    const { cache } = await fresh(subject)
    await cache.changeTexts([created('contract:a')], patience())
    const none = { prefixes: [], protectedPrefixes: [] }
    expect(await cache.count(none, patience())).toEqual({ keys: 0, examples: [] })
    expect(await cache.clear(none, patience())).toEqual({ removed: 0 })
    expect(await cache.readText('contract:a', patience())).toBe('x')
  })

  test.each([
    ['cleared', { prefixes: ['contract:a', ''], protectedPrefixes: [] }],
    ['protected', { prefixes: ['contract:a'], protectedPrefixes: [''] }],
  ])('an empty prefix among the %s ones is a mistake of the caller', async (_which, asked) => {
    const { cache } = await fresh(subject)
    await cache.changeTexts([created('contract:a')], patience())
    await expect(cache.clear(asked, patience())).rejects.toThrow(RangeError)
    await expect(cache.count(asked, patience())).rejects.toThrow(RangeError)
    expect(await cache.readText('contract:a', patience())).toBe('x')
  })
}
