import { z } from 'zod'
import type { CacheStatus, StoredNumber } from '../../ports/cache.ts'

const Bytes = z.coerce.number().nonnegative()

/** https://redis.io/docs/latest/commands/info/ */
const Info = z.object({
  redis_version: z.string().default('unknown'),
  role: z.string().default(''),
  loading: z.enum(['0', '1']).default('0'),
  used_memory: Bytes.nullable().default(null).catch(null),
  maxmemory: Bytes.nullable().default(null).catch(null),
})

/** The reply to INFO: lines of `name:value` under `# headings`. `null`: it is not one. */
export function cacheStatusOf(reply: unknown): CacheStatus | null {
  if (typeof reply !== 'string') return null
  const pairs = reply.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : []
  })
  const info = Info.safeParse(Object.fromEntries(pairs))
  if (!info.success || pairs.length === 0) return null
  const { redis_version: version, loading, used_memory: used, maxmemory } = info.data
  return {
    version,
    role: roleOf(info.data.role),
    loading: loading === '1',
    usedMemoryBytes: used,
    // Zero is Redis's word for no limit.
    maxMemoryBytes: maxmemory === 0 ? null : maxmemory,
  }
}

function roleOf(role: string): CacheStatus['role'] {
  if (role === 'master') return 'master'
  return role === 'slave' ? 'replica' : 'unknown'
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

/** The text itself is not repeated: a key that was configured wrongly may hold anything. */
export function storedNumberOf(reply: unknown): StoredNumber {
  if (reply === null) return { kind: 'absent' }
  if (reply === '') return { kind: 'not-a-number', because: 'it holds an empty text' }
  const value = typeof reply === 'string' && decimal.test(reply) ? Number(reply) : Number.NaN
  if (Number.isFinite(value)) return { kind: 'number', value }
  return { kind: 'not-a-number', because: 'it holds a text that is not a number' }
}
