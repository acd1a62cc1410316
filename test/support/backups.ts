import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import type { Document } from 'mongodb'
import { onTestFinished } from 'vitest'
import { mongodbBackups, type BackupsOptions } from '../../src/adapters/backups/backups.ts'
import { folderStorage } from '../../src/adapters/backups/folder-storage.ts'
import { nothingTold } from '../../src/adapters/backups/origin.ts'
import { requireBinary } from '../servers/find.ts'
import { run } from '../servers/run.ts'
import { freshFolder } from '../servers/spawn.ts'
import { sumOf } from './documents-sum.ts'

/** A folder that is gone after the test. */
export const catalogueFolder = async (): Promise<string> => {
  const folder = await freshFolder('catalogue')
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return folder.path
}

export const toolFolders = (): readonly string[] =>
  ['mongodump', 'mongorestore'].map((name) => join(requireBinary('mongodb', name), '..'))

/** The port over a folder, where nothing is set otherwise. */
export const backupsIn = (folder: string, options: Partial<BackupsOptions> = {}) =>
  mongodbBackups({
    storage: folderStorage({ folder, now: Date.now }),
    tools: [],
    uri: 'mongodb://127.0.0.1:1/',
    ca: null,
    database: 'shop',
    now: Date.now,
    inventory: async () => [],
    beginning: nothingTold,
    bytesPerSecond: 0,
    patienceMs: 20_000,
    ...options,
  })

let databases = 0

/** A database of its own in a server, with these documents, gone after the test. */
export const filledDatabase = async (
  uri: string,
  collections: Readonly<Record<string, readonly Document[]>>,
) => {
  databases += 1
  const name = `backups_${process.pid}_${databases}`
  const client = await new MongoClient(uri).connect()
  const database = client.db(name)
  onTestFinished(async () => {
    await database.dropDatabase()
    await client.close()
  })
  for (const [collection, documents] of Object.entries(collections)) {
    await database.createCollection(collection)
    for (let at = 0; at < documents.length; at += 1_000) {
      await database.collection(collection).insertMany(documents.slice(at, at + 1_000))
    }
  }
  const inventory = async () => {
    const listed = await database.listCollections({}, { nameOnly: true }).toArray()
    return listed.map((one) => ({ name: one.name, bytes: null }))
  }
  const rawDocuments = async (collection: string): Promise<Uint8Array[]> => {
    const found: unknown[] = await database.collection(collection).find({}, { raw: true }).toArray()
    return found.map((one) => {
      if (!(one instanceof Uint8Array)) throw new Error('it is not raw')
      return one
    })
  }
  const contents = async (collection: string) => {
    if (!(await inventory()).some((one) => one.name === collection)) return null
    const documents = await rawDocuments(collection)
    return { documents: documents.length, hash: sumOf(documents) }
  }
  return { name, database, inventory, contents, rawDocuments }
}

/** What another program would have put there. */
export const dumpInto = async (
  uri: string,
  { database, options }: { database: string; options: readonly string[] },
): Promise<void> => {
  const tool = requireBinary('mongodb', 'mongodump')
  await run(tool, [`--uri=${uri}`, `--db=${database}`, ...options])
}

/** One byte in the middle is another one. */
export const turnByte = async (path: string): Promise<void> => {
  const bytes = await readFile(path)
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
  await writeFile(path, bytes)
}
