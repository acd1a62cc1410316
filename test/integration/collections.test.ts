import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe } from 'vitest'
import { missingAllowed } from '../servers/find.ts'
import { startMongodb } from '../servers/mongodb.ts'
import type { MongodbServer } from '../servers/mongodb.ts'
import { databaseWith, openCollections } from '../support/collections-server.ts'
import type { Shows } from '../support/contracts/collections-given.ts'
import { collectionsContract } from '../support/contracts/collections.ts'
import { closedPort, silentServer } from '../support/contracts/outside.ts'

const outside = process.env['MONGODB_TEST_URI']

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

describe.skipIf(missingAllowed('mongodb'))('a real server', () => {
  let server: MongodbServer
  beforeAll(async () => {
    server = await startMongodb()
  })
  afterAll(() => server.stop())

  collectionsContract('the MongoDB adapter', {
    called: outside === undefined ? 'FerretDB' : 'this MongoDB',
    cannot,
    start: (given) => databaseWith(server.uri, given),
    refusing: async () => openCollections(`mongodb://127.0.0.1:${await closedPort()}/`),
    silent: async () => openCollections(`mongodb://127.0.0.1:${(await silentServer()).port}/`),
  })
})
