import { expect, onTestFinished, test } from 'vitest'
import type { Cache, KeyScope, TextChange } from '../../../src/ports/cache.ts'
import { faultOf, patience } from './outside.ts'
import type { Outside } from './outside.ts'

type CacheFixture = {
  readonly cache: Cache
  /** A text that is no number, or a structure that is no text. */
  readonly store: (key: string, what: number | 'text' | 'structure') => Promise<void>
}

export type CacheSubject = Outside<Cache> & {
  readonly start: () => Promise<CacheFixture>
  /** The same cache, for a user who may read it and not clear it. */
  readonly mayNotClear: () => Promise<CacheFixture>
  /** For one who may clear it, and is not told so. */
  readonly notTold: () => Promise<CacheFixture>
}

export const scope = (prefix: string, ...protectedPrefixes: string[]): KeyScope => ({
  prefixes: [prefix],
  protectedPrefixes,
})

export const created = (key: string, to = 'x'): TextChange => ({ key, from: null, to })

/** A cache that is left as it was found. */
export async function fresh(subject: CacheSubject): Promise<CacheFixture> {
  const fixture = await subject.start()
  onTestFinished(async () => {
    await fixture.cache.clear(scope('contract:'), patience())
  })
  return fixture
}

export function textsContract(subject: CacheSubject): void {
  test('a text is read as it was written, and an absent one is not an empty one', async () => {
    const { cache } = await fresh(subject)
    const text = '{"by":"ana","note":"Grüße\\r\\n"}\n'
    const changes = [created('contract:a', text), created('contract:b', '')]
    expect(await cache.changeTexts(changes, patience())).toBe('changed')
    expect(await cache.readText('contract:a', patience())).toBe(text)
    expect(await cache.readText('contract:b', patience())).toBe('')
    expect(await cache.readText('contract:c', patience())).toBeNull()
    expect(await cache.readNumber('contract:a', patience())).toMatchObject({ kind: 'not-a-number' })
  })

  test('a number is a text too, and the other way round', async () => {
    const { cache, store } = await fresh(subject)
    await store('contract:number', 42)
    expect(await cache.readText('contract:number', patience())).toBe('42')
    const changes = [{ key: 'contract:number', from: '42', to: '43' }]
    expect(await cache.changeTexts(changes, patience())).toBe('changed')
    const number = { kind: 'number', value: 43 }
    expect(await cache.readNumber('contract:number', patience())).toEqual(number)
  })

  test('texts are created, changed and removed together', async () => {
    const { cache } = await fresh(subject)
    await cache.changeTexts([created('contract:a'), created('contract:b')], patience())
    const changes = [
      { key: 'contract:a', from: 'x', to: null },
      { key: 'contract:b', from: 'x', to: 'y' },
      { key: 'contract:c', from: null, to: 'z' },
    ]
    expect(await cache.changeTexts(changes, patience())).toBe('changed')
    const found = ['a', 'b', 'c'].map((key) => cache.readText(`contract:${key}`, patience()))
    expect(await Promise.all(found)).toEqual([null, 'y', 'z'])
    expect(await cache.changeTexts([], patience())).toBe('changed')
  })

  test.each([
    ['holds another text', { key: 'contract:b', from: 'other', to: 'y' }],
    ['is not there', { key: 'contract:c', from: 'x', to: 'y' }],
    ['is there, and should not be', { key: 'contract:b', from: null, to: 'y' }],
    [
      'holds another text, and would not have been changed',
      { key: 'contract:b', from: 'z', to: 'z' },
    ],
  ])('when one key %s, none is changed', async (_what, change) => {
    const { cache } = await fresh(subject)
    await cache.changeTexts([created('contract:a'), created('contract:b')], patience())
    const changes = [{ key: 'contract:a', from: 'x', to: null }, change]
    expect(await cache.changeTexts(changes, patience())).toBe('changed-meanwhile')
    expect(await cache.readText('contract:a', patience())).toBe('x')
    expect(await cache.readText('contract:b', patience())).toBe('x')
    expect(await cache.readText('contract:c', patience())).toBeNull()
  })

  test('a structure is no text: reading and changing it is for a person to mend', async () => {
    const { cache, store } = await fresh(subject)
    await store('contract:structure', 'structure')
    const changes = [created('contract:a'), created('contract:structure')]
    const asked = [
      cache.readText('contract:structure', patience()),
      cache.changeTexts(changes, patience()),
    ]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'redis', code: 'WRONGTYPE' })
      expect(fault.detail).toContain('contract:structure cannot be read as a text')
    }
    expect(await cache.readText('contract:a', patience())).toBeNull()
  })

  test('of many who change the same texts, each change is made once', async () => {
    const { cache } = await fresh(subject)
    const keys = ['contract:a', 'contract:b']
    await cache.changeTexts(
      keys.map((key) => created(key, '0')),
      patience(),
    )
    const add = async (): Promise<void> => {
      const from = (await cache.readText('contract:a', patience())) ?? ''
      const to = String(Number(from) + 1)
      const changes = keys.map((key) => ({ key, from, to }))
      if ((await cache.changeTexts(changes, patience())) === 'changed-meanwhile') await add()
    }
    await Promise.all(Array.from({ length: 12 }, add))
    expect(await cache.readText('contract:a', patience())).toBe('12')
    expect(await cache.readText('contract:b', patience())).toBe('12')
  })

  test('two changes of one key are a mistake of the caller', async () => {
    const { cache } = await fresh(subject)
    const twice = [created('contract:a'), created('contract:a', 'y')]
    await expect(cache.changeTexts(twice, patience())).rejects.toThrow(RangeError)
  })
}
