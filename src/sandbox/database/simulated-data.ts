import type { Stage } from '../production.ts'
import { isSpoilt } from './bad-migration.ts'
import { sandboxBackups } from './backups.ts'
import { simulatedCatalogue, type FoundBackup } from './catalogue.ts'
import { sandboxCollections } from './collections.ts'
import { sandboxJobs, simulatedJobs, type SimulatedMigration } from './jobs.ts'
import { copyTools } from './copy-tools.ts'
import { dataHands } from './data-hands.ts'
import { historyOf } from './history.ts'
import { usersRecord } from './recorder.ts'
import type { ComingWrites } from './others-writes.ts'
import { simulatedServer, usualServer, type ServerTraits } from './server.ts'
import type { NewCollection } from './simulated-collection.ts'
import { simulatedUsers } from './users.ts'

export type DataOptions = {
  readonly server?: Partial<ServerTraits>
  /** What is in the database in place of the usual; nothing of it is corrupted, and nobody has backed it up. */
  readonly collections?: readonly NewCollection[]
  readonly backups?: readonly FoundBackup[]
  /** A migration that can be taken back; left out: there is none. */
  readonly migration?: SimulatedMigration
  /** The services through which users write. */
  readonly writers?: readonly string[]
  /** One write of users through each of them; 0: they only read. */
  readonly everyMs?: number
  /** How long a piece of something long takes at most. */
  readonly paceMs?: number
}

/** Between two looks of a server for what expires. */
const EXPIRES_EVERY_MS = 60_000
const MOST_AT_ONCE = 1_500

export type DataScene = Pick<Stage, 'now' | 'seed' | 'deployedAtMs'> & {
  /** How many of a service run then and may write. */
  readonly writing: (service: string, atMs: number) => number
  readonly corrupts: () => boolean
}

/** The database of the services, its backups, and the users who write to it. */
export function simulatedData(scene: DataScene, options: DataOptions) {
  const { seed, now, deployedAtMs, writing, corrupts } = scene
  const { writers = ['backend'], everyMs = 4_000 } = options
  const server = simulatedServer(seed, { ...usualServer, ...options.server })
  const { database, version: serverVersion } = server.traits()
  const catalogue = simulatedCatalogue({ database, serverVersion })
  const tools = copyTools()
  const record = usersRecord(server)
  const users = simulatedUsers(seed, server, record)
  const { migration } = options
  const jobs = migration ? simulatedJobs(server, { now, put: users.put }, migration) : null
  let begun = false
  let settledMs = deployedAtMs
  let spoilt: readonly { readonly atMs: number; readonly is: boolean }[] = []

  let lookedAt = -1

  const look = (atMs: number): void => {
    if (server.log.serial() === lookedAt) return
    lookedAt = server.log.serial()
    const is = isSpoilt(server)
    if (spoilt.at(-1)?.is !== is) spoilt = [...spoilt, { atMs, is }]
  }

  /**
   * Everything that was to happen until now happens, in order: users write, documents expire. Nothing of it is made
   * until somebody looks.
   */
  const settle = (): void => {
    if (!begun) begin()
    // Whoever looks away for days finds fewer writes than there would have been.
    const stepMs = Math.max(everyMs || EXPIRES_EVERY_MS, (now() - settledMs) / MOST_AT_ONCE)
    for (let at = nextMultiple(settledMs, stepMs); at <= now(); at += stepMs) {
      const ms = Math.floor(at)
      server.expire(ms)
      if (everyMs === 0) continue
      for (const service of writers) if (writing(service, ms) > 0) users.write(service, ms)
    }
    server.expire(now())
    jobs?.settle()
    settledMs = Math.max(settledMs, now())
    look(now())
  }

  const coming: ComingWrites = (forMs) => {
    if (everyMs === 0 || !server.mayWrite('users')) return []
    const found: string[] = []
    const toMs = now() + forMs
    for (let at = nextMultiple(now(), everyMs); at <= toMs; at += everyMs) {
      for (const one of writers) if (writing(one, at) > 0) found.push(users.writesTo(one, at))
    }
    return found
  }

  function begin(): void {
    begun = true
    const { collections, backups = [] } = options
    const history = collections
      ? { collections, backups: [] }
      : historyOf({ seed, deployedAtMs, corrupts: corrupts() })
    server.reset(history.collections)
    jobs?.begin()
    catalogue.clear()
    for (const one of [...history.backups, ...backups]) catalogue.found(one)
    record.forget()
    settledMs = deployedAtMs
    spoilt = []
    lookedAt = -1
    look(deployedAtMs)
  }

  return {
    /** As it was when the release had just come. */
    reset: (): void => void (begun = false),
    isSpoiltAt(atMs: number): boolean {
      if (!begun) return corrupts()
      look(now())
      return spoilt.findLast((one) => one.atMs <= atMs)?.is ?? false
    },
    record,
    onJobs: jobs?.hands ?? null,
    hands: dataHands({ server, catalogue, tools, users, record, settle, now }),
    ports: (stage: Stage) => {
      const { paceMs = 25 * stage.slowestMs } = options
      return {
        collections: sandboxCollections(stage, server, settle, coming),
        backups: sandboxBackups(stage, { server, catalogue, tools, settle, paceMs }),
        jobs: jobs && sandboxJobs(stage, jobs, settle),
      }
    },
  }
}

function nextMultiple(afterMs: number, stepMs: number): number {
  return (Math.floor(afterMs / stepMs) + 1) * stepMs
}
