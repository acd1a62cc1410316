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
  redis_mode: z.string().optional(),
  // Valkey's name for it.
  server_mode: z.string().optional(),
  cluster_enabled: z.enum(['0', '1']).optional().catch(undefined),
})

/** The reply to INFO: lines of `name:value` under `# headings`. `null`: it is not one. */
function infoOf(reply: unknown): z.infer<typeof Info> | null {
  if (typeof reply !== 'string') return null
  const pairs = reply.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : []
  })
  const info = Info.safeParse(Object.fromEntries(pairs))
  return info.success && pairs.length > 0 ? info.data : null
}

export function cacheStatusOf(reply: unknown): CacheStatus | null {
  const info = infoOf(reply)
  if (info === null) return null
  const { redis_version: version, role, loading, used_memory: used, maxmemory } = info
  return {
    version,
    role: roleOf(role),
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

/** Why its keys cannot be gone through here, or not be written; `null`: they can. */
export type Obstacle = { readonly words: string; readonly code: string | null }

export function obstacleTo(access: 'reading' | 'writing', reply: unknown): Obstacle | null {
  const info = infoOf(reply)
  if (info === null) return { words: notRedis, code: null }
  const mode = info.redis_mode ?? info.server_mode
  if (mode === 'cluster' || info.cluster_enabled === '1') {
    return { words: 'is a node of a cluster: its keys are not the whole cache', code: 'CLUSTER' }
  }
  if (mode !== 'standalone' && info.cluster_enabled !== '0') {
    return { words: `is no single server (its mode: ${mode ?? 'not told'})`, code: null }
  }
  if (access === 'reading' || info.role === 'master') return null
  if (info.role === 'slave') {
    return { words: 'is a replica: only its master takes writes', code: 'READONLY' }
  }
  return { words: 'does not say whether it is a master', code: null }
}

export const notRedis = 'its answer to INFO is not one of Redis'

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

/** The text itself is not repeated: a key that was configured wrongly may hold anything. */
export function storedNumberOf(reply: unknown): StoredNumber {
  if (reply === null) return { kind: 'absent' }
  if (reply === '') return { kind: 'not-a-number', because: 'it holds an empty text' }
  const value = typeof reply === 'string' && decimal.test(reply) ? Number(reply) : Number.NaN
  if (Number.isFinite(value)) return { kind: 'number', value }
  return { kind: 'not-a-number', because: 'it holds a text that is not a number' }
}
