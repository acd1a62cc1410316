import { describe, expect, test } from 'vitest'
import type { Cache } from '../../../src/ports/cache.ts'
import { outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

type CacheFixture = {
  readonly cache: Cache
  /** A text that is no number, or a structure that is no text. */
  readonly store: (key: string, what: number | 'text' | 'structure') => Promise<void>
}

export type CacheSubject = Outside<Cache> & {
  readonly start: () => Promise<CacheFixture>
}

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

    outsideContract(subject, {
      'a ping': (cache, signal) => cache.ping(signal),
      'its status': (cache, signal) => cache.status(signal),
      'reading a number': (cache, signal) => cache.readNumber('contract:number', signal),
    })
  })
}
