import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openData } from '../../src/compose/open-data.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { mongodSaying } from '../support/contracts/mongod.ts'
import { standaloneHello } from '../support/contracts/mongod-hello.ts'
import { patience } from '../support/contracts/outside.ts'

const settings = `environment: staging
slack: { channels: [C0INCIDENTS] }
services: [{ name: backend, url: http://backend.test }]
`
const database = `procedures:
  database:
    name: es
    collections: [projects]
    backups: { folder: /backups }
    writers: []
`

async function opened(text: string, variables: NodeJS.ProcessEnv) {
  const folder = mkdtempSync(join(tmpdir(), 'backout-data-'))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, text)
  const closing: (() => Promise<void>)[] = []
  onTestFinished(async () => {
    rmSync(folder, { recursive: true })
    for (const close of closing) await close()
  })
  return await openData(loadConfig({ file, variables, needs: [] }), closing)
}

/** Counts what it is asked for. */
async function server() {
  let lists = 0
  const host = await mongodSaying((command) => {
    if ('listCollections' in command) lists += 1
    const isList = 'listCollections' in command
    const answer = isList ? { cursor: { id: 0n, ns: 'es.x', firstBatch: [] } } : {}
    return 'buildInfo' in command
      ? { version: '7.0.14' }
      : { ...standaloneHello, localTime: new Date(), ...answer }
  })
  return { uri: `mongodb://${host}/`, lists: () => lists }
}

test('without a database that may be rolled back there are no collections', async () => {
  const MONGODB_URI = 'mongodb://127.0.0.1:1/'
  expect(await opened(settings, { MONGODB_URI })).toMatchObject({ collections: null })
})

test('they are asked by the account for restoring, and else by the usual one', async () => {
  const [usual, restoring] = [await server(), await server()]
  const variables = { MONGODB_URI: usual.uri, MONGODB_RESTORE_URI: restoring.uri }
  const both = await opened(settings + database, variables)
  expect(await both.collections?.list(patience())).toEqual([])
  expect([usual.lists(), restoring.lists()]).toEqual([0, 1])
  const one = await opened(settings + database, { MONGODB_URI: usual.uri })
  expect(await one.collections?.list(patience())).toEqual([])
  expect(usual.lists()).toBe(1)
})

test('a write is tried only with the account of the application', async () => {
  const [usual, application] = [await server(), await server()]
  const without = await opened(settings + database, { MONGODB_URI: usual.uri })
  expect(await without.collections?.tryWrite(patience())).toBe('not-configured')
  const MONGODB_APPLICATION_URI = application.uri
  const withIt = await opened(settings + database, {
    MONGODB_URI: usual.uri,
    MONGODB_APPLICATION_URI,
  })
  expect(await withIt.collections?.tryWrite(patience())).toBe('accepted')
})
