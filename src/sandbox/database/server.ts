import type { DataServer, DataWritten } from '../../ports/collections.ts'
import { identity } from '../metrics/noise.ts'
import { documentWrites } from './document-writes.ts'
import { bytesOf } from './documents.ts'
import { byKey } from './simulated-collection.ts'
import type { NewCollection, SimulatedCollection } from './simulated-collection.ts'
import { writeLog } from './write-log.ts'
import { changed, done, refused } from './written.ts'

/** What a server is like, and what the account of this bot may do there. */
export type ServerTraits = Pick<DataServer, 'version' | 'database' | 'identity' | 'topology'> & {
  /** What fits on its disk beside what is there at the beginning. Bytes; `null`: it does not tell. */
  readonly roomBytes: number | null
  /**
   * `hollow`: it says that it stands, and blocks nothing. `bypassed`: the application may write past it. `real`: it
   * blocks everybody but this bot.
   */
  readonly fence: 'none' | 'hollow' | 'bypassed' | 'real'
  /** Whether there is an account of the application's kind to try a write with. */
  readonly canary: boolean
  readonly lacks: readonly string[] | null
  readonly hasUuids: boolean
}

export const usualServer: ServerTraits = {
  version: '7.0.14',
  database: 'es',
  identity: 'mongodb://mongo-0.mongo:27017',
  topology: 'replica-set',
  roomBytes: 2_000_000_000,
  fence: 'real',
  canary: true,
  lacks: [],
  hasUuids: true,
}

/** `users`: whoever writes that is not this bot. `server`: it lets documents expire. */
export type Hand = 'us' | 'users' | 'server'

/** The longest name that a server takes, its database and the dot included. */
const LONGEST_NAME = 255

export type SimulatedServer = ReturnType<typeof simulatedServer>

/** One database on one server: what is in it, and what becomes of a write to it. */
export function simulatedServer(seed: number, start: ServerTraits) {
  let traits = start
  let fenceIsUp = false
  let made = 0
  const log = writeLog()
  let collections = new Map<string, SimulatedCollection>()
  let usedAtStart = 0

  const usedBytes = (): number =>
    all().reduce((sum, one) => sum + bytesOf(one.documents.values()), 0)
  const freeBytes = (): number | null =>
    traits.roomBytes === null ? null : Math.max(0, traits.roomBytes + usedAtStart - usedBytes())

  const all = (): readonly SimulatedCollection[] => [...collections.values()]
  const mayWrite = (by: Hand): boolean => {
    if (!fenceIsUp) return true
    if (by === 'us') return !lacks('bypassWriteBlockingMode')
    if (by === 'server') return traits.fence === 'hollow'
    return traits.fence !== 'real'
  }
  const logged = (name: string, by: Hand): void => log.add(name, { isOurs: by === 'us' })
  const create = (one: NewCollection): SimulatedCollection => {
    made += 1
    const whole = {
      kind: 'collection',
      options: {},
      obstacles: [],
      indexes: [],
      uuid: identity(seed, `collection ${made} ${one.name}`),
      ...one,
      documents: byKey(one.documents ?? []),
    } as const
    collections.set(one.name, whole)
    return whole
  }
  const change = (name: string, changes: Partial<SimulatedCollection>): void => {
    const found = collections.get(name)
    if (found) collections.set(name, { ...found, ...changes })
  }
  function lacks(...rights: readonly string[]): boolean {
    return rights.some((right) => traits.lacks?.includes(right) === true)
  }

  return {
    traits: () => traits,
    setTraits: (changes: Partial<ServerTraits>): void => void (traits = { ...traits, ...changes }),
    lacks,
    freeBytes,
    all,
    find: (name: string): SimulatedCollection | undefined => collections.get(name),
    create,
    change,
    /** Another database altogether: nothing of the old one is left. */
    reset(fresh: readonly NewCollection[]): void {
      collections = new Map()
      fresh.forEach(create)
      fenceIsUp = false
      usedAtStart = usedBytes()
      log.forget()
    },
    fenceIsUp: () => fenceIsUp,
    setFence: (state: 'up' | 'down'): void => void (fenceIsUp = state === 'up'),
    mayWrite,

    log,
    ...documentWrites({ find: (name) => collections.get(name), create, all, mayWrite, logged }),

    rename(from: string, to: string, by: Hand): DataWritten {
      const found = collections.get(from)
      if (!found) return changed(`there is no collection ${from}`)
      if (collections.has(to)) return changed(`the name ${to} is taken`)
      if (`${traits.database}.${to}`.length > LONGEST_NAME) return refused('the name is too long')
      const [obstacle] = found.obstacles
      if (obstacle !== undefined) return refused(obstacle)
      collections.delete(from)
      collections.set(to, { ...found, name: to })
      logged(from, by)
      return done
    },
    drop(name: string, by: Hand): void {
      if (collections.delete(name)) logged(name, by)
    },
  }
}
