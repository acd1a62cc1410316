import { BSON, MongoClient } from 'mongodb'
import type { Document } from 'mongodb'
import { onTestFinished } from 'vitest'
import { mongodbCollections } from '../../src/adapters/mongodb/collections/collections.ts'
import type { Doc, Given, Started } from './contracts/collections-given.ts'

let databases = 0

/** Closed with the test. The application has the same account. */
export function openCollections(uri: string, database = 'es') {
  const collections = mongodbCollections({ uri, database, application: uri })
  onTestFinished(() => collections.close())
  return collections
}

/** A database of its own on that server, with these collections; dropped with the test. */
export async function databaseWith(
  uri: string,
  given: Readonly<Record<string, Given>>,
): Promise<Started & { readonly database: string }> {
  databases += 1
  const database = `backout_test_${process.pid}_${databases}`
  const client = await new MongoClient(uri).connect()
  const db = client.db(database)
  onTestFinished(async () => {
    await db.dropDatabase()
    await client.close()
  })
  for (const [name, { documents = [], indexes = [], options = {} }] of Object.entries(given)) {
    await db.createCollection(name, options)
    if (documents.length > 0) await db.collection(name).insertMany(documents.map(stored))
    if (indexes.length > 0) await db.command({ createIndexes: name, indexes })
  }
  const others: Started['others'] = {
    async put(name, document) {
      const whole = stored(document)
      const options = { upsert: true }
      await db.collection(name).replaceOne({ _id: whole['_id'] }, whole, options)
    },
    async remove(name, id) {
      await db.collection(name).deleteOne(stored({ _id: id }))
    },
    async read(name) {
      const found = await db.collection(name).find().toArray()
      return found.map((one) => BSON.EJSON.serialize(one, { relaxed: true }) as Doc)
    },
    async replace(name) {
      await db.collection(name).drop()
      await db.createCollection(name)
    },
  }
  return { collections: openCollections(uri, database), database, others }
}

function stored(document: Document): Document {
  return BSON.EJSON.deserialize(document)
}
