import { Fault } from '../../domain/fault.ts'
import type { Cache } from '../../ports/cache.ts'
import { redisConnection } from './connection.ts'
import { cacheStatusOf, storedNumberOf } from './schema.ts'

/** One Redis server. `ca` is PEM text, for a `rediss:` address; it replaces the system's authorities. */
export function redisCache(options: {
  readonly url: string
  readonly ca?: string
}): Cache & { close(): Promise<void> } {
  const connection = redisConnection(options)

  return {
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
      const detail = 'its answer to INFO is not one of Redis'
      throw new Fault({ kind: 'terminal', dependency: 'redis', detail })
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

    close: () => connection.close(),
  }
}

const isWrongType = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('WRONGTYPE')
