import type { Db } from 'mongodb'
import { dumpInto } from './backups.ts'
import { lineOf } from './database-stage.ts'

/** What a switch does not replace, and the release has migrated: all in the ledger's one document. */
export const MIGRATED = ['documents', 'users'] as const
export const LEDGER = { collection: 'migrations', applied: { name: '002-tenants' } }

const COUNT = 200

export type Migrated = {
  /** By mongodump, right before it. */
  readonly archive: string
  /** Every document of them as it was before, and as it is since, as `collection: document`. */
  readonly before: readonly string[]
  readonly since: readonly string[]
}

/** The release's migration: everybody gets a tenant, and the ledger says so. */
export async function migrate(
  db: Db,
  { uri, archive }: { readonly uri: string; readonly archive: string },
): Promise<Migrated> {
  const before: string[] = []
  const since: string[] = [lineOf(LEDGER.collection, { _id: '1', ...LEDGER.applied })]
  const made = MIGRATED.map((name) => {
    const all = Array.from({ length: COUNT }, (_, at) => ({ _id: `${name}-${at}`, number: at }))
    return { name, all, migrated: all.map((one) => ({ ...one, tenant: one.number % 7 })) }
  })
  await db.createCollection(LEDGER.collection)
  for (const { name, all } of made) await db.collection<{ _id: string }>(name).insertMany(all)
  const others = (await db.listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .filter((name) => name !== LEDGER.collection && !made.some((one) => one.name === name))
  const options = [`--archive=${archive}`, ...others.map((name) => `--excludeCollection=${name}`)]
  await dumpInto(uri, { database: db.databaseName, options })
  for (const { name, all, migrated } of made) {
    const collection = db.collection<{ _id: string }>(name)
    await collection.deleteMany({})
    await collection.insertMany(migrated)
    before.push(...all.map((one) => lineOf(name, one)))
    since.push(...migrated.map((one) => lineOf(name, one)))
  }
  await db.collection<{ _id: string }>(LEDGER.collection).insertOne({ _id: '1', ...LEDGER.applied })
  return { archive, before, since }
}
