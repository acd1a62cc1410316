import type { Document } from 'mongodb'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mongodbDatabase } from '../../src/adapters/mongodb/database.ts'
import { mongodSaying, secondaryHello, standaloneHello } from '../support/contracts/mongod.ts'
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
