import { Fault } from '../../domain/base/fault.ts'
import { redact } from '../../domain/text/redact.ts'
import type { Cache } from '../../ports/cache.ts'
import { redisAddress } from './address.ts'
import { clearingRight } from './clearing-right.ts'
import { redisConnection } from './connection.ts'
import { keysOf } from './key-scope.ts'
import type { Keys } from './key-scope.ts'
import { clearKeys, countKeys } from './keyspace.ts'
import type { Line } from './line.ts'
import { cacheStatusOf, notRedis, obstacleTo, storedNumberOf } from './schema.ts'
import type { Obstacle } from './schema.ts'
import { changeTexts, isWrongType, readText } from './texts.ts'

/** An address that is wrong is told by whoever uses it, and stops nothing that needs no cache. */
function nameOf(url: string): string {
  try {
    const { where, database } = redisAddress(url)
    return `${where}/${database}`
  } catch {
    return 'the configured cache'
  }
}

/** One Redis server. `ca` is PEM text, for a `rediss:` address; it replaces the system's authorities. */
export function redisCache(options: {
  readonly url: string
  readonly ca?: string
}): Cache & { close(): Promise<void> } {
  const connection = redisConnection(options)
  const name = nameOf(options.url)

  /** Throws where this server's keys are not the whole cache, or are its master's to change. */
  const requireWhole = async (
    access: 'reading' | 'writing',
    { ask }: Pick<Line, 'ask'>,
    signal: AbortSignal,
  ): Promise<void> => {
    const obstacle = obstacleTo(access, await ask((client) => client.info(), signal))
    if (obstacle !== null) throw obstructed(obstacle, redisAddress(options.url).where)
  }

  return {
    name,

    ping(signal) {
      return connection.ask(async (client) => {
        const startedMs = performance.now()
        await client.ping()
        return performance.now() - startedMs
      }, signal)
    },

    async status(signal) {
      const status = cacheStatusOf(await connection.ask((client) => client.info(), signal))
      if (status !== null) return status
      throw new Fault({ kind: 'terminal', dependency: 'redis', detail: notRedis })
    },

    readNumber(key, signal) {
      return connection.ask(async (client) => {
        try {
          return storedNumberOf(await client.get(key))
        } catch (error) {
          if (!isWrongType(error)) throw error
          return { kind: 'not-a-number', because: 'it holds a list, a set or another structure' }
        }
      }, signal)
    },

    /**
     * The configured address. Nothing the server says of itself is steady: `run_id` and
     * `master_replid` are drawn anew at every start, the latter even when a first replica comes.
     */
    async identity(signal) {
      await requireWhole('reading', connection, signal)
      return name
    },

    async count(scope, signal) {
      const keys = keysOf(scope)
      if (isNone(keys)) return { keys: 0, examples: [] }
      return await connection.alone(async (line) => {
        await requireWhole('reading', line, signal)
        return await countKeys(keys, line, signal)
      })
    },

    async clear(scope, signal) {
      const keys = keysOf(scope)
      if (isNone(keys)) return { removed: 0 }
      return await connection.alone(async (line) => {
        await requireWhole('writing', line, signal)
        return { removed: await clearKeys(keys, line, signal) }
      })
    },

    async rightToClear(scope, signal) {
      const keys = keysOf(scope)
      if (isNone(keys)) return { kind: 'granted' }
      await requireWhole('writing', connection, signal)
      return await clearingRight(keys, connection, signal)
    },

    readText: (key, signal) => connection.ask((client) => readText(client, key), signal),

    async changeTexts(changes, signal) {
      if (changes.length === 0) return 'changed'
      return await connection.alone(async (line) => {
        await requireWhole('writing', line, signal)
        return await changeTexts(changes, line, signal)
      })
    },

    async report(signal) {
      return redact(await connection.ask((client) => client.info(), signal))
    },

    close: () => connection.close(),
  }
}

const isNone = ({ patterns }: Keys): boolean => patterns.length === 0

const obstructed = ({ words, code }: Obstacle, where: string): Fault =>
  new Fault({ kind: 'terminal', dependency: 'redis', detail: `${words} at ${where}`, code })
