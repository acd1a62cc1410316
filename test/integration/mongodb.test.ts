import { MongoClient } from 'mongodb'
import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { mongodbDatabase } from '../../src/adapters/mongodb/database.ts'
import { freeze } from '../servers/freeze.ts'
import { missingAllowed } from '../servers/find.ts'
import { startMongodb } from '../servers/mongodb.ts'
import type { MongodbServer } from '../servers/mongodb.ts'
import { databaseContract } from '../support/contracts/database.ts'
import { mongodSaying } from '../support/contracts/mongod.ts'
import { otherHello, secondaryHello } from '../support/contracts/mongod-hello.ts'
import { closedPort, faultOf, patience, silentServer } from '../support/contracts/outside.ts'

function open(uri: string) {
  const database = mongodbDatabase({ uri })
  onTestFinished(() => database.close())
  return database
}

describe.skipIf(missingAllowed('mongodb'))('a real server', () => {
  let server: MongodbServer
  beforeAll(async () => {
    server = await startMongodb()
  })
  afterAll(() => server.stop())

  databaseContract('the MongoDB adapter', {
    start: async () => open(server.uri),
    refusing: async () => open(`mongodb://127.0.0.1:${await closedPort()}/`),
    silent: async () => open(`mongodb://127.0.0.1:${(await silentServer()).port}/`),
  })

  test('FerretDB reports no connections, and that is not zero connections', async ({ skip }) => {
    if (server.outside) skip()
    expect(await open(server.uri).status(patience())).toMatchObject({ ok: true, connections: null })
  })

  test('FerretDB tells nothing of its load, and that is not no load', async ({ skip }) => {
    if (server.outside) skip()
    expect(await open(server.uri).load?.(patience())).toEqual({
      readMs: null,
      writeMs: null,
      slowOperations: null,
      lagSeconds: null,
      logHours: null,
    })
  })

  test('the report counts what is there, and holds nothing of it', async () => {
    const name = `evidence_${process.pid}`
    await using client = await new MongoClient(server.uri).connect()
    const users = client.db(name).collection('users')
    onTestFinished(async () => {
      await using after = await new MongoClient(server.uri).connect()
      await after.db(name).dropDatabase()
    })
    await users.insertMany([{ mail: 'ana@example.com' }, { mail: 'bo@example.com' }])
    await users.createIndex({ mail: 1 })
    const text = await open(server.uri).report(patience())
    const { databases } = JSON.parse(text)
    expect(databases).toContainEqual({
      database: name,
      stats: expect.objectContaining({ collections: 1 }),
      collections: [
        { collection: 'users', stats: expect.objectContaining({ count: 2, nindexes: 2 }) },
      ],
      leftOut: 0,
    })
    expect(text).not.toContain('@example.com')
  })

  test('a password it does not know is for a person to mend', async ({ skip }) => {
    if (server.outside) skip()
    const database = open(server.uri.replace('mongodb://', 'mongodb://bo:hunter2@'))
    const fault = await faultOf(database.ping(patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'AuthenticationFailed' })
    expect(JSON.stringify([fault, fault.message])).not.toContain('hunter2')
  })
})

describe.skipIf(missingAllowed('mongodb'))('a server that is killed', () => {
  test('is a fault while it is gone, and answers again when it is back', async () => {
    await using first = await startMongodb({ port: await closedPort() })
    const database = open(first.uri)
    expect(await database.ping(patience())).toBeGreaterThan(0)
    // FerretDB's farewell to its clients takes seconds.
    for (const pid of first.pids) process.kill(pid, 'SIGKILL')
    await first.stop()
    expect(await faultOf(database.ping(patience()))).toMatchObject({ kind: 'retryable' })
    const second = await startMongodb({ port: Number(new URL(first.uri).port) })
    onTestFinished(() => second.stop())
    expect(await database.ping(patience())).toBeGreaterThan(0)
    await database.close()
  })

  test('is a fault from the first question on, and answers when it comes', async () => {
    const port = await closedPort()
    const database = open(`mongodb://127.0.0.1:${port}/`)
    const fault = await faultOf(database.ping(patience()))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
    const server = await startMongodb({ port })
    onTestFinished(() => server.stop())
    expect(await database.ping(patience())).toBeGreaterThan(0)
    await database.close()
  })

  test('when it freezes, the signal ends the question and closing does not wait for it', async () => {
    await using server = await startMongodb({ port: await closedPort() })
    const database = open(server.uri)
    await database.ping(patience())
    await freeze(server.pids)
    const fault = await faultOf(database.status(AbortSignal.timeout(100)))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    const closingMs = performance.now()
    await database.close()
    expect(performance.now() - closingMs).toBeLessThan(1_000)
  })
})

const setSaying = async (hello: (host: string) => Document, set: string) => {
  const host = await mongodSaying((_command, here) => hello(here))
  return open(`mongodb://${host}/?replicaSet=${set}`)
}

describe('a replica set in trouble', () => {
  test('with no member that can be read from, there is no primary', async () => {
    const fault = await faultOf((await setSaying(otherHello, 'rs0')).status(patience()))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'NoPrimary' })
    expect(fault.detail).toContain('no primary')
  })

  test('of another name than the address says, it is for a person to mend', async () => {
    const fault = await faultOf((await setSaying(secondaryHello, 'rs1')).status(patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'NoSuchReplicaSet' })
  })
})
