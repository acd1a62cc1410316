import type { DataServer, DataWritten } from '../../ports/collections.ts'
import { identity } from '../metrics/noise.ts'
import { bytesOf, keyOf } from './documents.ts'
import type { Document } from './documents.ts'
import { byKey, expiredIn, expiryOf, ruleBroken } from './simulated-collection.ts'
import type { NewCollection, SimulatedCollection } from './simulated-collection.ts'

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

/** One write of others, as the log of a replica set has it. */
export type LoggedWrite = { readonly serial: number; readonly name: string }

const done: DataWritten = { kind: 'done' }
const changed = (because: string): DataWritten => ({ kind: 'changed-meanwhile', because })
const refused = (because: string): DataWritten => ({ kind: 'refused', because })

/** The longest name that a server takes, its database and the dot included. */
const LONGEST_NAME = 255

export type SimulatedServer = ReturnType<typeof simulatedServer>

/** One database on one server: what is in it, and what becomes of a write to it. */
export function simulatedServer(seed: number, start: ServerTraits) {
  let traits = start
  let fenceIsUp = false
  let serial = 0
  let made = 0
  let log: LoggedWrite[] = []
  let logBegins = 0
  let collections = new Map<string, SimulatedCollection>()
  let usedAtStart = 0

  const usedBytes = (): number =>
    [...collections.values()].reduce((sum, one) => sum + bytesOf(one.documents.values()), 0)
  const freeBytes = (): number | null =>
    traits.roomBytes === null ? null : Math.max(0, traits.roomBytes + usedAtStart - usedBytes())

  const mayWrite = (by: Hand): boolean => {
    if (!fenceIsUp) return true
    if (by === 'us') return !lacks('bypassWriteBlockingMode')
    if (by === 'server') return traits.fence === 'hollow'
    return traits.fence !== 'real'
  }
  const logged = (name: string, by: Hand): void => {
    serial += 1
    if (by !== 'us') log.push({ serial, name })
  }
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
    all: (): readonly SimulatedCollection[] => [...collections.values()],
    find: (name: string): SimulatedCollection | undefined => collections.get(name),
    create,
    change,
    /** Another database altogether: nothing of the old one is left. */
    reset(fresh: readonly NewCollection[]): void {
      collections = new Map()
      fresh.forEach(create)
      fenceIsUp = false
      usedAtStart = usedBytes()
      log = []
      logBegins = serial
    },
    fenceIsUp: () => fenceIsUp,
    setFence: (state: 'up' | 'down'): void => void (fenceIsUp = state === 'up'),
    mayWrite,

    serial: () => serial,
    logBegins: () => logBegins,
    loggedSince: (mark: number): readonly LoggedWrite[] => log.filter((one) => one.serial > mark),
    /** It is full: what was written before is not known any more. */
    forgetLog(): void {
      logBegins = serial
      log = []
    },

    /** Makes the collection where there is none, as a server does for whoever writes. */
    put(name: string, document: Document, by: Hand): DataWritten {
      if (!mayWrite(by)) return refused('writes are blocked')
      const target = collections.get(name) ?? create({ name })
      if (target.kind === 'view') return refused('it is a view')
      const broken = ruleBroken(target, document)
      if (broken !== null) return refused(broken)
      target.documents.set(keyOf(document), document)
      logged(name, by)
      return done
    },
    /** As the programs for it do that copy: past the rules for documents. */
    copyIn(into: Pick<NewCollection, 'name' | 'options'>, documents: Iterable<Document>): void {
      const target = collections.get(into.name) ?? create(into)
      for (const one of documents) target.documents.set(keyOf(one), one)
      logged(into.name, 'us')
    },
    remove(name: string, key: string, by: Hand): DataWritten {
      if (!mayWrite(by)) return refused('writes are blocked')
      if (collections.get(name)?.documents.delete(key) !== true) {
        return changed('there is no such document')
      }
      logged(name, by)
      return done
    },
    /** What its indexes say has ended. */
    expire(nowMs: number): void {
      if (!mayWrite('server')) return
      for (const { name, indexes, documents } of collections.values()) {
        for (const expiry of indexes.flatMap((one) => expiryOf(one) ?? [])) {
          for (const one of expiredIn(documents.values(), expiry, nowMs)) {
            documents.delete(keyOf(one))
            logged(name, 'server')
          }
        }
      }
    },

    rename(from: string, to: string): DataWritten {
      const found = collections.get(from)
      if (!found) return changed(`there is no collection ${from}`)
      if (collections.has(to)) return changed(`the name ${to} is taken`)
      if (`${traits.database}.${to}`.length > LONGEST_NAME) return refused('the name is too long')
      const [obstacle] = found.obstacles
      if (obstacle !== undefined) return refused(obstacle)
      collections.delete(from)
      collections.set(to, { ...found, name: to })
      serial += 1
      return done
    },
    drop(name: string): void {
      collections.delete(name)
      serial += 1
    },
  }
}
