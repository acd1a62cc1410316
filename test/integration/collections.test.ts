import { BSON, MongoClient } from 'mongodb'
import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import { mongodbCollections } from '../../src/adapters/mongodb/collections/collections.ts'
import { missingAllowed } from '../servers/find.ts'
import { startMongodb } from '../servers/mongodb.ts'
import type { MongodbServer } from '../servers/mongodb.ts'
import type { Shows, Started } from '../support/contracts/collections-given.ts'
import { collectionsContract } from '../support/contracts/collections.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'

const outside = process.env['MONGODB_TEST_URI']

function open(uri: string, database = 'es') {
  const collections = mongodbCollections({ uri, database, application: uri })
  onTestFinished(() => collections.close())
  return collections
}

/** What a real server that somebody has cannot show follows from what it is. */
async function whatItCannot(uri: string): Promise<readonly Shows[]> {
  await using client = await new MongoClient(uri).connect()
  const { setName } = await client.db('admin').command({ hello: 1 })
  return setName === undefined ? ['log', 'fence'] : []
}

const cannot: readonly Shows[] =
  outside === undefined
    ? ['expiry', 'validators', 'log', 'fence', 'free space', 'rights']
    : await whatItCannot(outside)

let databases = 0

async function startOn({ uri }: MongodbServer, given: Parameters<Subject['start']>[0]) {
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
      await db.collection(name).replaceOne({ _id: whole['_id'] }, whole, { upsert: true })
    },
    async remove(name, id) {
      await db.collection(name).deleteOne(stored({ _id: id }))
    },
    async read(name) {
      const found = await db.collection(name).find().toArray()
      return found.map((one) => BSON.EJSON.serialize(one, { relaxed: true }) as never)
    },
    async replace(name) {
      await db.collection(name).drop()
      await db.createCollection(name)
    },
  }
  return { collections: open(uri, database), others }
}
type Subject = Parameters<typeof collectionsContract>[1]

function stored(document: Document): Document {
  return BSON.EJSON.deserialize(document)
}

describe.skipIf(missingAllowed('mongodb'))('a real server', () => {
  let server: MongodbServer
  beforeAll(async () => {
    server = await startMongodb()
  })
  afterAll(() => server.stop())

  collectionsContract('the MongoDB adapter', {
    called: outside === undefined ? 'FerretDB' : 'this MongoDB',
    cannot,
    start: (given) => startOn(server, given),
    refusing: async () => open(`mongodb://127.0.0.1:${await closedPort()}/`),
    silent: async () => open(`mongodb://127.0.0.1:${(await silentServer()).port}/`),
  })
})
