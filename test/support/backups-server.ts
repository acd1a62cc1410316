import { readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BSON, MongoClient } from 'mongodb'
import { onTestFinished } from 'vitest'
import { backupsIn, catalogueFolder, toolFolders, turnByte } from './backups.ts'
import { databaseWith } from './collections-server.ts'
import type { Damaged, GivenBackup, GivenWorld, StartedBackups } from './contracts/backups-given.ts'
import type { Given } from './contracts/collections-given.ts'
import { archiveOf, type Dumped } from './dumped.ts'

/** A collection as mongodump would have written it. */
const dumpedOf = (db: string, collection: string, given: Given): Dumped => ({
  db,
  collection,
  documents: (given.documents ?? []).map((one) => BSON.serialize(BSON.EJSON.deserialize(one))),
  metadata: {
    options: given.options ?? {},
    indexes: [
      { v: { $numberInt: '2' }, key: { _id: { $numberInt: '1' } }, name: '_id_' },
      ...(given.indexes ?? []),
    ],
    collectionName: collection,
    type: 'collection',
  },
})

const archiveWith = (database: string, { collections, otherDatabase }: GivenBackup): Buffer => {
  const own = Object.entries(collections).map(([name, one]) => dumpedOf(database, name, one))
  const other = otherDatabase === undefined ? [] : [dumpedOf(otherDatabase, 'others', {})]
  return archiveOf([...own, ...other], { perBlock: 100 })
}

const damage = async (path: string, how: Damaged): Promise<void> => {
  if (how === 'empty') return truncate(path, 0)
  if (how === 'flipped') return turnByte(path)
  if (how === 'cut') return truncate(path, Math.floor((await readFile(path)).length / 2))
  await rename(path, `${path}.moved`)
  await symlink(`${path}.moved`, path)
}

/** FerretDB tells the version of an index, and takes none. */
const withoutVersions = (live: NonNullable<GivenWorld['live']>) =>
  Object.fromEntries(
    Object.entries(live).map(([name, { indexes = [], ...given }]) => [
      name,
      { ...given, indexes: indexes.map(({ v: _v, ...index }) => index) },
    ]),
  )

/** The real port over a folder and a real server; `uri` is where the tools look for that server. */
export const startedBackups = async (
  server: string,
  { live = {}, backups: kept = {} }: Omit<GivenWorld, 'server'>,
  uri: string,
): Promise<StartedBackups> => {
  const folder = await catalogueFolder()
  const { database, others } = await databaseWith(server, withoutVersions(live))
  const client = await new MongoClient(server).connect()
  onTestFinished(() => client.close())
  const db = client.db(database)
  const names = async () => {
    const all = await db.listCollections({}, { nameOnly: true }).toArray()
    return all.map(({ name }) => name).toSorted()
  }
  for (const [id, backup] of Object.entries(kept)) {
    const path = join(folder, id)
    await writeFile(path, archiveWith(database, backup))
    const at = new Date(Date.now() - backup.ageMinutes * 60_000)
    await utimes(path, at, at)
  }
  return {
    backups: backupsIn(folder, {
      tools: toolFolders(),
      uri,
      database,
      inventory: async () => (await names()).map((name) => ({ name, bytes: null })),
    }),
    database,
    others: {
      read: (name) => others.read(name),
      names,
      indexes: async (name) => {
        const found = await db.collection(name).listIndexes().toArray()
        return found.map((one) => String(one['name'])).filter((one) => one !== '_id_')
      },
      damage: (id, how) => damage(join(folder, id), how),
      remove: (id) => rm(join(folder, id)),
    },
  }
}
