import { Fault } from '../../domain/base/fault.ts'
import type { KeyScope, StoredNumber, TextChange } from '../../ports/cache.ts'

/** What a key holds: a text, or something that has none, in the words `it holds …`. */
type Held = { readonly text: string } | { readonly because: string }

const structure: Held = { because: 'it holds a list, a set or another structure' }

const numbered = (
  count: number,
  prefix: string,
  held: (number: number) => Held,
): [key: string, held: Held][] =>
  Array.from({ length: count }, (_, index) => [`${prefix}${index + 1}`, held(index + 1)])

/** What the simulated services keep in their Redis: a cache, sessions and a queue. */
const kept: ReadonlyMap<string, Held> = new Map([
  ...numbered(180, 'cache:user:', (id) => ({ text: `{"id":${id},"release":"v2.0.0"}` })),
  ...numbered(90, 'cache:page:', (id) => ({ text: `<article id="${id}"></article>` })),
  ...numbered(12, 'cache:tags:', () => structure),
  ...numbered(60, 'sess:', (id) => ({ text: `{"user":${id}}` })),
  ...numbered(20, 'bull:mail:', () => structure),
  ['bull:mail:id', { text: '20' }],
  ['bull:mail:wait', structure],
])

export type CacheKeys = {
  readonly number: (key: string) => StoredNumber
  /** `null`: it is not there. */
  readonly text: (key: string) => string | null
  readonly among: (scope: KeyScope) => readonly string[]
  readonly remove: (keys: readonly string[]) => void
  readonly change: (changes: readonly TextChange[]) => 'changed' | 'changed-meanwhile'
}

/**
 * Three layers: what the services keep, over it `told`, what a scenario or a test says of a key, and
 * over both what was written since. To say something new of a key replaces what was written.
 */
export function cacheKeys(
  counted: { readonly key: string; readonly now: () => number },
  told: () => Readonly<Record<string, StoredNumber>>,
): CacheKeys {
  const written = new Map<string, { readonly held: Held | null; readonly over: unknown }>()
  const toldOf = (key: string): StoredNumber | undefined =>
    Object.hasOwn(told(), key) ? told()[key] : undefined

  const read = (key: string): Held | null => {
    const now = toldOf(key)
    const change = written.get(key)
    if (change !== undefined && change.over === now) return change.held
    if (now !== undefined) return heldBy(now)
    return key === counted.key ? { text: String(counted.now()) } : (kept.get(key) ?? null)
  }
  const write = (key: string, held: Held | null): void => {
    written.set(key, { held, over: toldOf(key) })
  }
  const text = (key: string): string | null => {
    const held = read(key)
    if (held === null || 'text' in held) return held && held.text
    const detail = `the key ${key} cannot be read as a text: ${held.because}`
    throw new Fault({ kind: 'terminal', dependency: 'redis', detail, code: 'WRONGTYPE' })
  }

  return {
    number(key) {
      const held = read(key)
      if (held === null) return { kind: 'absent' }
      return 'text' in held ? numberOf(held.text) : { kind: 'not-a-number', because: held.because }
    },
    text,
    among(scope) {
      const names = [...kept.keys(), counted.key, ...Object.keys(told()), ...written.keys()]
      return [...new Set(names)].filter((key) => includes(scope, key) && read(key) !== null)
    },
    remove(keys) {
      for (const key of keys) write(key, null)
    },
    change(changes) {
      const found = changes.map(({ key }) => text(key))
      if (changes.some(({ from }, index) => found[index] !== from)) return 'changed-meanwhile'
      for (const { key, to } of changes) write(key, to === null ? null : { text: to })
      return 'changed'
    },
  }
}

function heldBy(told: StoredNumber): Held | null {
  switch (told.kind) {
    case 'number':
      return { text: String(told.value) }
    case 'absent':
      return null
    case 'not-a-number':
      return { because: told.because }
    default:
      return told satisfies never
  }
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

const numberOf = (text: string): StoredNumber =>
  decimal.test(text)
    ? { kind: 'number', value: Number(text) }
    : { kind: 'not-a-number', because: 'it holds a text that is not a number' }

const includes = ({ prefixes, protectedPrefixes }: KeyScope, key: string): boolean =>
  prefixes.some((prefix) => key.startsWith(prefix)) &&
  !protectedPrefixes.some((prefix) => key.startsWith(prefix))
