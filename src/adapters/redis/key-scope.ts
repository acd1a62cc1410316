import type { KeyScope } from '../../ports/cache.ts'

/** A scope over keys as Redis has them: bytes, which need not be a text. */
export type Keys = {
  /** Patterns for SCAN, no two of which match the same key. */
  readonly patterns: readonly string[]
  /** The prefixes that these patterns stand for. */
  readonly begins: readonly string[]
  readonly include: (key: Buffer) => boolean
}

/** Throws when a prefix is empty: it would mean every key there is. */
export function keysOf({ prefixes, protectedPrefixes }: KeyScope): Keys {
  if ([...prefixes, ...protectedPrefixes].includes('')) throw new RangeError('an empty prefix')
  const wanted = prefixes.map((prefix) => Buffer.from(prefix))
  const kept = protectedPrefixes.map((prefix) => Buffer.from(prefix))
  // `cache:` finds what `cache:users:` would.
  const shortest = [...new Set(prefixes)].filter(
    (prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)),
  )
  return {
    begins: shortest,
    patterns: shortest.map((prefix) => `${literally(prefix)}*`),
    include: (key) => beginsWithOne(key, wanted) && !beginsWithOne(key, kept),
  }
}

const beginsWithOne = (key: Buffer, prefixes: readonly Buffer[]): boolean =>
  prefixes.some((prefix) => key.subarray(0, prefix.length).equals(prefix))

/** https://redis.io/docs/latest/commands/keys/ lists what would mean something else. */
const literally = (prefix: string): string => prefix.replace(/[*?[\]\\^]/g, String.raw`\$&`)
