import type { AssessSettings } from '../../domain/assessment/settings.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Cache, ClearingRight, KeyScope, TextChange } from '../../ports/cache.ts'
import { answering } from '../simulated-availability.ts'
import { cacheKeys } from './cache-keys.ts'
import { fraction, noise } from '../metrics/noise.ts'
import type { Production, Stage } from '../production.ts'

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
        if (found.length > 0 && stage.production().clearingRight === 'refused') throw notAllowed()
        keys.remove(found)
        return { removed: found.length }
      })
    },

    async rightToClear(scope, signal) {
      if (isEmpty(scope)) return { kind: 'granted' }
      return await ask(signal, () => rightTo(scope, stage.production()))
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

function rightTo({ prefixes }: KeyScope, { clearingRight }: Production): ClearingRight {
  switch (clearingRight) {
    case 'granted':
      return { kind: 'granted' }
    case 'refused': {
      const because = `user backout may not UNLINK keys that begin with ${prefixes.join(' or ')}`
      return { kind: 'refused', because }
    }
    case 'not-told':
      return { kind: 'not-known', because: 'user backout may not run ACL DRYRUN' }
    default:
      return clearingRight satisfies never
  }
}

const notAllowed = (): Fault =>
  new Fault({
    kind: 'terminal',
    dependency: 'redis',
    detail: 'the user may not run this command or read this key',
    code: 'NOPERM',
  })

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
