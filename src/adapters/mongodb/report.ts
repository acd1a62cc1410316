import { Fault } from '../../domain/base/fault.ts'
import type { Ask } from './asking.ts'
import { Collections, CollectionStats, Databases, DatabaseStats } from './schema.ts'

/** Of MongoDB itself, and the same everywhere. */
const ownDatabases = new Set(['admin', 'config', 'local'])

/** Each is a command or two of its own, and this is for one look. */
const mostDatabases = 30
const mostCollections = 300

type Unknown = { readonly unknown: string }

/** Asks one thing after another: the database may be what is in trouble. */
export async function reportOf(ask: Ask, signal: AbortSignal): Promise<string> {
  const list = { listDatabases: 1, nameOnly: true }
  const { databases: all } = await ask(Databases, list, signal)
  const names = all.map(({ name }) => name).filter((name) => !ownDatabases.has(name))
  const databases: unknown[] = []
  let room = mostCollections
  for (const database of names.slice(0, mostDatabases)) {
    const orUnknown = <T>(asked: Promise<T>) => unlessRefused(signal, asked)
    const stats = await orUnknown(ask(DatabaseStats, { dbStats: 1 }, signal, database))
    const listed = await orUnknown(collectionsOf(ask, signal, database))
    if (!Array.isArray(listed)) {
      databases.push({ database, stats, collections: listed })
      continue
    }
    const collections: unknown[] = []
    for (const collection of listed.slice(0, room)) {
      const command = { collStats: collection }
      const sizes = await orUnknown(ask(CollectionStats, command, signal, database))
      collections.push({ collection, stats: sizes })
    }
    room -= collections.length
    databases.push({ database, stats, collections, leftOut: listed.length - collections.length })
  }
  const leftOut = names.length - databases.length
  return `${JSON.stringify({ databases, leftOut }, null, 2)}\n`
}

/** A view has no size of its own. */
async function collectionsOf(ask: Ask, signal: AbortSignal, database: string): Promise<string[]> {
  const command = {
    listCollections: 1,
    nameOnly: true,
    // So that it needs no right but that to their statistics.
    authorizedCollections: true,
    cursor: { batchSize: 10 * mostCollections },
  }
  const { cursor } = await ask(Collections, command, signal, database)
  return cursor.firstBatch
    .filter(({ name, type }) => type !== 'view' && !name.startsWith('system.'))
    .map(({ name }) => name)
}

/** What one question does not bring is said in its place; without a connection there is no report. */
async function unlessRefused<T>(signal: AbortSignal, asked: Promise<T>): Promise<T | Unknown> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'terminal' || signal.aborted) throw error
    return { unknown: error.detail }
  }
}
