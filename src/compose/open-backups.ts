import { delimiter } from 'node:path'
import type { Beginning, DumpedName } from '../adapters/backups/origin.ts'
import type { Config } from '../config/load-config.ts'
import type { Backups } from '../ports/backups.ts'
import type { Collections } from '../ports/collections.ts'

/** The catalogue of backups and what copies. Nothing is read or connected before it is asked. */
export async function openBackups(
  { environment: env, settings, authorities }: Config,
  collections: Collections,
): Promise<Backups | null> {
  const { database } = settings.procedures
  const uri = env.MONGODB_RESTORE_URI ?? env.MONGODB_URI
  if (!database || uri === undefined) return null
  const { mongodbBackups, PATIENCE_MS } = await import('../adapters/backups/backups.ts')
  const { folderStorage } = await import('../adapters/backups/folder-storage.ts')
  return mongodbBackups({
    storage: folderStorage({ folder: database.backups.folder, now: Date.now }),
    tools: toolFolders(env),
    uri,
    ca: authorities.mongodb ?? null,
    database: database.name,
    now: Date.now,
    inventory: (signal) => inventoryOf(collections, signal),
    beginning: (signal) => beginningOf(collections, { signal, uri }),
    bytesPerSecond: database.restoreMegabytesPerSecond * 1_000_000,
    patienceMs: PATIENCE_MS,
  })
}

/** One folder that the settings name, or those in which this machine looks for programs. */
function toolFolders({ BACKOUT_MONGO_TOOLS: own }: Config['environment']): readonly string[] {
  if (own !== undefined) return [own]
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
}

async function inventoryOf(
  collections: Collections,
  signal: AbortSignal,
): Promise<readonly DumpedName[]> {
  const listed = await collections.list(signal)
  const names = listed.filter(({ kind }) => kind === 'collection').map(({ name }) => name)
  const measured = await collections.measure(names, signal)
  return names.map((name) => ({
    name,
    bytes: measured.find((one) => one.name === name)?.bytes ?? null,
  }))
}

/** Whether the copy shows one moment follows from the log of writes, where the server keeps one. */
async function beginningOf(
  collections: Collections,
  { signal, uri }: { readonly signal: AbortSignal; readonly uri: string },
): Promise<Beginning> {
  // Unless the address says otherwise the tools copy from the primary, which is never behind.
  const fromPrimary = !/[?&]readPreference=(?!primary(&|$))/i.test(uri)
  const moment = fromPrimary ? await collections.moment(signal) : null
  return {
    node: null,
    lagSeconds: fromPrimary ? 0 : null,
    end: async (still) => ({ at: null, oneMoment: await sinceThen(collections, moment, still) }),
  }
}

async function sinceThen(collections: Collections, moment: string | null, signal: AbortSignal) {
  if (moment === null) return 'not-known'
  const listed = await collections.list(signal)
  const names = listed.map(({ name }) => name).filter((name) => !name.startsWith('__rb_'))
  const since = await collections.writtenSince(moment, names, signal)
  if (since.kind === 'not-known') return 'not-known'
  return since.writes.every(({ writes }) => writes === 0) ? 'yes' : 'no'
}
