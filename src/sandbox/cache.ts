import type { AssessSettings } from '../domain/settings.ts'
import type { Cache, StoredNumber } from '../ports/cache.ts'
import { answering } from './answering.ts'
import { fraction, noise } from './noise.ts'
import type { Stage } from './production.ts'

const mebibyte = 2 ** 20

export function sandboxCache(stage: Stage, settings: AssessSettings): Cache {
  const answer = answering('redis', stage.seed)

  const stored = (key: string): StoredNumber => {
    const { keys, activeUsers } = stage.production()
    const given = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (given !== undefined) return given
    if (key !== settings.activeUsersKey) return { kind: 'absent' }
    const value = Math.round(activeUsers * (1 + 0.02 * noise(stage.seed, key, stage.now())))
    return { kind: 'number', value }
  }

  return {
    ping: (signal) =>
      answer(
        stage.production().redis,
        signal,
        () => 0.3 + 0.5 * fraction(stage.seed, `ping ${stage.now()}`),
      ),

    status: (signal) =>
      answer(stage.production().redis, signal, () => ({
        version: '7.2.5',
        role: 'master',
        loading: false,
        usedMemoryBytes: 212 * mebibyte,
        maxMemoryBytes: 1024 * mebibyte,
      })),

    readNumber: (key, signal) => answer(stage.production().redis, signal, () => stored(key)),
  }
}
