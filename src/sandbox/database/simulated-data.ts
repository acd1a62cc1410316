import type { Backups } from '../../ports/backups.ts'
import type { Collections } from '../../ports/collections.ts'
import type { Stage } from '../production.ts'
import { isSpoilt, migrateBadly } from './bad-migration.ts'
import { sandboxBackups } from './backups.ts'
import { simulatedCatalogue, type FoundBackup } from './catalogue.ts'
import { sandboxCollections } from './collections.ts'
import { copyTools } from './copy-tools.ts'
import { dataHands, type DataHands } from './data-hands.ts'
import { firstData } from './first-data.ts'
import { usersRecord, type UsersRecord } from './recorder.ts'
import { simulatedServer, usualServer, type ServerTraits } from './server.ts'
import type { NewCollection } from './simulated-collection.ts'
import { simulatedUsers } from './users.ts'

export type DataOptions = {
  readonly server?: Partial<ServerTraits>
  /** What is in the database in place of the usual; nothing of it is corrupted, and nobody has backed it up. */
  readonly collections?: readonly NewCollection[]
  readonly backups?: readonly FoundBackup[]
  /** The services through which users write. */
  readonly writers?: readonly string[]
  /** One write of users through each of them; 0: they only read. */
  readonly everyMs?: number
  /** How long a piece of something long takes at most. */
  readonly paceMs?: number
}

export type SimulatedData = {
  readonly collections: Collections
  readonly backups: Backups
  readonly hands: DataHands
  readonly record: UsersRecord
  /** Whether what is live was corrupted at that moment. */
  readonly isSpoiltAt: (atMs: number) => boolean
}

const hoursMs = 60 * 60_000
/** Nightly backups, as hours before the deploy. */
const NIGHTLY = [75, 51, 27, 3] as const
/** Between two writes of users before the release, and between two looks of a server for what expires. */
const BEFORE_EVERY_MS = 10 * 60_000
const EXPIRES_EVERY_MS = 60_000
const MOST_AT_ONCE = 1_500

type Scene = Pick<Stage, 'now' | 'seed' | 'deployedAtMs'> & {
  /** How many of a service run then and may write. */
  readonly writing: (service: string, atMs: number) => number
  readonly corrupts: () => boolean
}

/** The database of the services, its backups, and the users who write to it. */
export function simulatedData(scene: Scene, options: DataOptions) {
  const { seed, now, deployedAtMs, writing, corrupts } = scene
  const { writers = ['backend'], everyMs = 4_000 } = options
  const server = simulatedServer(seed, { ...usualServer, ...options.server })
  const { database, version: serverVersion } = server.traits()
  const catalogue = simulatedCatalogue({ database, serverVersion })
  const tools = copyTools()
  const record = usersRecord(server)
  const users = simulatedUsers(seed, server, record)
  let settledMs = now()
  let spoilt: readonly { readonly atMs: number; readonly is: boolean }[] = []

  const look = (atMs: number): void => {
    const is = isSpoilt(server)
    if (spoilt.at(-1)?.is !== is) spoilt = [...spoilt, { atMs, is }]
  }

  /** Everything that was to happen until then happens, in order: users write, documents expire. */
  const settleUntil = (toMs: number, stepMs: number, writes: Scene['writing']): void => {
    for (let at = nextMultiple(settledMs, stepMs); at <= toMs; at += stepMs) {
      const ms = Math.floor(at)
      server.expire(ms)
      if (everyMs === 0) continue
      for (const service of writers) if (writes(service, ms) > 0) users.write(service, ms)
    }
    server.expire(toMs)
    settledMs = Math.max(settledMs, toMs)
  }
  const settle = (): void => {
    // Whoever looks away for days finds fewer writes than there would have been.
    const stepMs = Math.max(everyMs || EXPIRES_EVERY_MS, (now() - settledMs) / MOST_AT_ONCE)
    settleUntil(now(), stepMs, writing)
    look(now())
  }

  const backUp = (id: string, atMs: number, verified: boolean): void => {
    catalogue.found({
      id,
      changedAtMs: atMs,
      dataAt: { atMs, exact: true },
      oneMoment: 'yes',
      node: 'mongo-1.mongo:27017',
      lagSeconds: 0,
      verifiedAtMs: verified ? atMs + hoursMs / 4 : null,
      collections: server.all().map((one) => ({ ...one, documents: [...one.documents.values()] })),
    })
  }

  /** Days of work, a backup every night, and then the release. */
  const reset = (): void => {
    const { collections, backups = [] } = options
    const beganMs = deployedAtMs - (NIGHTLY[0] + 1) * hoursMs
    server.reset(collections ?? firstData(seed, beganMs))
    catalogue.clear()
    settledMs = beganMs
    if (!collections) {
      for (const hours of NIGHTLY) {
        const atMs = deployedAtMs - hours * hoursMs
        settleUntil(atMs, BEFORE_EVERY_MS, () => 1)
        backUp(
          `es-${new Date(atMs).toISOString().slice(0, 16).replaceAll(':', '')}`,
          atMs,
          hours !== 51,
        )
      }
      settleUntil(deployedAtMs, BEFORE_EVERY_MS, () => 1)
      if (corrupts()) migrateBadly(server)
    }
    backups.forEach(catalogue.found)
    record.forget()
    spoilt = []
    settledMs = deployedAtMs
    look(deployedAtMs)
    server.reopen()
  }
  reset()

  const isSpoiltAt = (atMs: number): boolean =>
    spoilt.findLast((one) => one.atMs <= atMs)?.is ?? false

  return {
    reset,
    isSpoiltAt,
    record,
    hands: dataHands({ server, catalogue, tools, users, record, settle, now }),
    ports: (stage: Stage) => {
      const { paceMs = 25 * stage.slowestMs } = options
      return {
        collections: sandboxCollections(stage, server, settle),
        backups: sandboxBackups(stage, { server, catalogue, tools, settle, paceMs }),
      }
    },
  }
}

function nextMultiple(afterMs: number, stepMs: number): number {
  return (Math.floor(afterMs / stepMs) + 1) * stepMs
}
