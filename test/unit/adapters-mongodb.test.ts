import type { Document } from 'mongodb'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mongodbDatabase } from '../../src/adapters/mongodb/database.ts'
import { redact } from '../../src/domain/text/redact.ts'
import { mongodSaying } from '../support/contracts/mongod.ts'
import { secondaryHello, standaloneHello } from '../support/contracts/mongod-hello.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'

async function databaseSaying(
  says: Readonly<Record<string, (host: string) => Document>>,
  parameters = '',
) {
  const host = await mongodSaying((command, here) => {
    const name = Object.keys(command)[0] ?? ''
    const isHello = name === 'hello' || name === 'ismaster' || name === 'isMaster'
    return (says[isHello ? 'hello' : name] ?? (() => (isHello ? standaloneHello : {})))(here)
  })
  const database = mongodbDatabase({ uri: `mongodb://${host}/${parameters}` })
  onTestFinished(() => database.close())
  return database
}

const refusing = (code: number, codeName: string) => () => ({
  ok: 0,
  code,
  codeName,
  errmsg: 'command { hello: 1, pwd: "hunter2" } failed',
})

describe('status', () => {
  test('connections are handed on', async () => {
    const database = await databaseSaying({
      serverStatus: () => ({ connections: { current: 7, available: 800, active: 2 } }),
    })
    expect(await database.status(patience())).toEqual({
      ok: true,
      connections: { current: 7, available: 800 },
      writablePrimary: true,
    })
  })

  test('connections that are not reported are null, not zero', async () => {
    const database = await databaseSaying({ serverStatus: () => ({ uptime: 1 }) })
    expect(await database.status(patience())).toMatchObject({ ok: true, connections: null })
  })

  test('connections that make no sense are a fault', async () => {
    const connections = { current: 'many', available: 1 }
    const database = await databaseSaying({ serverStatus: () => ({ connections }) })
    const fault = await faultOf(database.status(patience()))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'mongodb' })
    expect(fault.detail).toContain('its answer to serverStatus')
  })

  test('a secondary whose set has no primary answers that nothing can be written', async () => {
    const database = await databaseSaying(
      { hello: secondaryHello, serverStatus: () => ({}) },
      '?replicaSet=rs0',
    )
    expect(await database.status(patience())).toMatchObject({ ok: true, writablePrimary: false })
  })
})

describe('the report', () => {
  const listed = {
    listDatabases: () => ({
      databases: ['admin', 'es', 'local', 'config'].map((name) => ({ name })),
    }),
    listCollections: () => ({
      cursor: {
        id: 0,
        ns: 'es.$cmd.listCollections',
        firstBatch: [
          { name: 'tokens', type: 'collection' },
          { name: 'latest', type: 'view' },
          { name: 'system.views', type: 'collection' },
        ],
      },
    }),
    dbStats: () => ({ db: 'es', collections: 2, objects: 9, dataSize: 900 }),
    collStats: () => ({
      count: 9,
      size: 900,
      validator: { email: 'ana@example.com' },
      indexSizes: { 'email_ana@example.com': 1 },
    }),
  }
  const reportOf = async (says: Parameters<typeof databaseSaying>[0]) =>
    await (await databaseSaying({ ...listed, ...says })).report(patience())

  test('is of sizes only, of collections that have one, and not of MongoDB’s own databases', async () => {
    const text = await reportOf({})
    expect(JSON.parse(text)).toEqual({
      databases: [
        {
          database: 'es',
          stats: { collections: 2, objects: 9, dataSize: 900 },
          collections: [{ collection: 'tokens', stats: { count: 9, size: 900 } }],
          leftOut: 0,
        },
      ],
      leftOut: 0,
    })
    expect(text).not.toContain('ana@')
  })

  test('is still JSON once what looks like a credential is hidden', async () => {
    const text = await reportOf({})
    expect(JSON.parse(redact(text))).toEqual(JSON.parse(text))
  })

  test('says in the place of a collection why it is not known', async () => {
    const { databases } = JSON.parse(await reportOf({ collStats: refusing(13, 'Unauthorized') }))
    expect(databases[0].stats).toMatchObject({ objects: 9 })
    expect(databases[0].collections).toEqual([
      { collection: 'tokens', stats: { unknown: expect.stringContaining('may not ask this') } },
    ])
  })

  test('says in the place of all collections why they are not known', async () => {
    const { databases } = JSON.parse(
      await reportOf({ listCollections: refusing(13, 'Unauthorized') }),
    )
    expect(databases[0].collections).toEqual({
      unknown: expect.stringContaining('may not ask this'),
    })
  })

  test('asks of three hundred collections, and says how many it left out', async () => {
    const firstBatch = Array.from({ length: 320 }, (_, index) => ({ name: `c${index}` }))
    const listCollections = () => ({ cursor: { id: 0, ns: 'es.c', firstBatch } })
    const { databases } = JSON.parse(await reportOf({ listCollections }))
    expect(databases[0].collections).toHaveLength(300)
    expect(databases[0].leftOut).toBe(20)
  })

  test('is of thirty databases, and says how many it left out', async () => {
    const databases = Array.from({ length: 33 }, (_, index) => ({ name: `db${index}` }))
    const report = JSON.parse(await reportOf({ listDatabases: () => ({ databases }) }))
    expect({ databases: report.databases.length, leftOut: report.leftOut }).toEqual({
      databases: 30,
      leftOut: 3,
    })
  })

  test('of a user who may not list the databases is a fault', async () => {
    const fault = await faultOf(reportOf({ listDatabases: refusing(13, 'Unauthorized') }))
    expect(fault).toMatchObject({ kind: 'terminal', dependency: 'mongodb' })
  })
})

describe('faults', () => {
  test.each([
    [18, 'AuthenticationFailed', 'terminal', 'wrong user or password'],
    [13, 'Unauthorized', 'terminal', 'it needs the role clusterMonitor'],
    [50, 'MaxTimeMSExpired', 'retryable', 'did not answer in time'],
    [13435, 'NotPrimaryNoSecondaryOk', 'retryable', 'no primary'],
    [59, 'CommandNotFound', 'terminal', 'refused the command (CommandNotFound)'],
  ])('code %d, %s, is %s: %s', async (code, name, kind, words) => {
    const database = await databaseSaying({ serverStatus: refusing(code, name) })
    const fault = await faultOf(database.status(patience()))
    expect(fault).toMatchObject({ kind, dependency: 'mongodb' })
    expect(fault.detail).toContain(words)
    expect(fault.detail).not.toContain('hunter2')
  })

  test('a wrong password', async () => {
    const host = await mongodSaying((command) =>
      'saslStart' in command
        ? { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' }
        : standaloneHello,
    )
    const database = mongodbDatabase({ uri: `mongodb://bo:hunter2@${host}/` })
    onTestFinished(() => database.close())
    const fault = await faultOf(database.ping(patience()))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'AuthenticationFailed' })
    expect(fault.detail).toBe(`wrong user or password at ${host}`)
  })

  test('an address that is none is said at once, without the password in it', () => {
    const uri = 'mongodb://bo:hunt@er2@host:1/'
    expect(() => mongodbDatabase({ uri })).toThrow('its address is not a MongoDB connection string')
  })

  test('after it was closed nothing is opened again', async () => {
    const database = await databaseSaying({})
    await database.ping(patience())
    await database.close()
    expect(await faultOf(database.ping(patience()))).toMatchObject({ kind: 'terminal' })
  })
})
