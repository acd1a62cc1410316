import { migrateBadly } from './bad-migration.ts'
import type { FoundBackup } from './catalogue.ts'
import { firstData } from './first-data.ts'
import { usersRecord } from './recorder.ts'
import { simulatedServer, usualServer } from './server.ts'
import type { NewCollection } from './simulated-collection.ts'
import { simulatedUsers } from './users.ts'

const hoursMs = 60 * 60_000
/** Nightly backups, as hours before the deploy. */
const NIGHTLY = [75, 51, 27, 3] as const
/** That one nobody has read whole yet. */
const NEVER_READ = 51
/** Between two writes of users, in those days. */
const EVERY_MS = 15 * 60_000

/** What there is when the release has just come. */
export type History = {
  readonly collections: readonly NewCollection[]
  readonly backups: readonly FoundBackup[]
}

type Of = {
  readonly seed: number
  readonly deployedAtMs: number
  /** Whether its migration corrupts two collections. */
  readonly corrupts: boolean
}

/** Those that were told last: in tests many worlds have the same. */
const told = new Map<string, History>()
const MOST_KEPT = 8

/** Days of work, a backup every night, and then the release. */
export function historyOf(of: Of): History {
  const key = JSON.stringify(of)
  const history = told.get(key) ?? happened(of)
  told.delete(key)
  told.set(key, history)
  if (told.size > MOST_KEPT) told.delete([...told.keys()][0] ?? '')
  return history
}

function happened({ seed, deployedAtMs, corrupts }: Of): History {
  const server = simulatedServer(seed, usualServer)
  const users = simulatedUsers(seed, server, usersRecord(server))
  const began = deployedAtMs - (NIGHTLY[0] + 1) * hoursMs
  server.reset(firstData(seed, began))
  let workedMs = began
  const workUntil = (toMs: number): void => {
    for (; workedMs < toMs; workedMs += EVERY_MS) users.write('backend', workedMs)
  }
  const backups = NIGHTLY.map((hours): FoundBackup => {
    const atMs = deployedAtMs - hours * hoursMs
    workUntil(atMs)
    return {
      id: nightly(atMs),
      changedAtMs: atMs,
      dataAt: { atMs, exact: true },
      oneMoment: 'yes',
      node: 'mongo-1.mongo:27017',
      lagSeconds: 0,
      verifiedAtMs: hours === NEVER_READ ? null : atMs + hoursMs / 4,
      collections: collectionsOf(server),
    }
  })
  workUntil(deployedAtMs)
  if (corrupts) migrateBadly(server)
  return { collections: collectionsOf(server), backups }
}

function collectionsOf(server: ReturnType<typeof simulatedServer>) {
  return server.all().map(({ name, options, indexes, documents }) => {
    return { name, options, indexes, documents: [...documents.values()] }
  })
}

/** Named by its day and time: `es-20261122-0000`. */
function nightly(atMs: number): string {
  const [day = '', time = ''] = new Date(atMs).toISOString().slice(0, 16).split('T')
  return `es-${day.replaceAll('-', '')}-${time.replace(':', '')}`
}
