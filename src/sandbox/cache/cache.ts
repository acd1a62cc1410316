import type { AssessSettings } from '../../domain/assessment/settings.ts'
import type { Cache, KeyScope, TextChange } from '../../ports/cache.ts'
import { answering } from '../simulated-availability.ts'
import { cacheKeys } from './cache-keys.ts'
import { fraction, noise } from '../metrics/noise.ts'
import type { Stage } from '../production.ts'

const mebibyte = 2 ** 20

const version = '7.2.5'
const usedMemoryBytes = 212 * mebibyte
const maxMemoryBytes = 1024 * mebibyte

export function sandboxCache(stage: Stage, settings: AssessSettings): Cache {
  const answer = answering('redis', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().redis, signal, what)

  const { activeUsersKey } = settings
  const activeUsers = (): number =>
    Math.round(
      stage.production().activeUsers * (1 + 0.02 * noise(stage.seed, activeUsersKey, stage.now())),
    )
  const keys = cacheKeys({ key: activeUsersKey, now: activeUsers }, () => stage.production().keys)

  return {
    name: SANDBOX_CACHE,
    ping: (signal) => ask(signal, () => 0.3 + 0.5 * fraction(stage.seed, `ping ${stage.now()}`)),

    status: (signal) =>
      ask(signal, () => ({
        version,
        role: 'master',
        loading: false,
        usedMemoryBytes,
        maxMemoryBytes,
      })),

    readNumber: (key, signal) => ask(signal, () => keys.number(key)),

    identity: (signal) => ask(signal, () => SANDBOX_CACHE),

    async count(scope, signal) {
      if (isEmpty(scope)) return { keys: 0, examples: [] }
      return await ask(signal, () => {
        const found = keys.among(scope)
        return { keys: found.length, examples: found.slice(0, 5) }
      })
    },

    async clear(scope, signal) {
      if (isEmpty(scope)) return { removed: 0 }
      return await ask(signal, () => {
        const found = keys.among(scope)
        keys.remove(found)
        return { removed: found.length }
      })
    },

    readText: (key, signal) => ask(signal, () => keys.text(key)),

    async changeTexts(changes, signal) {
      requireOneOfEach(changes)
      return changes.length === 0 ? 'changed' : await ask(signal, () => keys.change(changes))
    },

    report: (signal) =>
      ask(signal, () =>
        [
          '# Server',
          `redis_version:${version}`,
          'redis_mode:standalone',
          '# Memory',
          `used_memory:${usedMemoryBytes}`,
          `maxmemory:${maxMemoryBytes}`,
          '# Replication',
          'role:master',
          '',
        ].join('\r\n'),
      ),
  }
}

/** Throws as an adapter does when a prefix is empty: it would mean every key there is. */
function isEmpty({ prefixes, protectedPrefixes }: KeyScope): boolean {
  if ([...prefixes, ...protectedPrefixes].includes('')) throw new RangeError('an empty prefix')
  return prefixes.length === 0
}

function requireOneOfEach(changes: readonly TextChange[]): void {
  if (new Set(changes.map(({ key }) => key)).size < changes.length) {
    throw new RangeError('two changes of one key')
  }
}
/** What the simulated Redis is called in plans. */
export const SANDBOX_CACHE = 'redis.sandbox:6379/0'
