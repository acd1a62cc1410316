import { Timestamp, type Document } from 'mongodb'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mongodbDatabase } from '../../../src/adapters/mongodb/database.ts'
import { loadWords } from '../../../src/assess/load-words.ts'
import { mongodSaying } from '../../support/contracts/mongod.ts'
import { standaloneHello } from '../../support/contracts/mongod-hello.ts'
import { faultOf, patience } from '../../support/contracts/outside.ts'
import { refusing } from '../../support/replica-set.ts'

async function databaseSaying(says: Readonly<Record<string, (command: Document) => Document>>) {
  const host = await mongodSaying((command) => {
    const name = Object.keys(command)[0] ?? ''
    return says[name]?.(command) ?? (/^(hello|ismaster)$/i.test(name) ? standaloneHello : {})
  })
  const database = mongodbDatabase({ uri: `mongodb://${host}/` })
  onTestFinished(() => database.close())
  return async () => await database.load?.(patience())
}

const nothing = {
  readMs: null,
  writeMs: null,
  slowOperations: null,
  lagSeconds: null,
  logHours: null,
}
const alone = {
  replSetGetStatus: refusing(76, 'NoReplicationEnabled'),
  aggregate: refusing(13, 'Unauthorized'),
}
const latencies = (...pairs: readonly (readonly [number, number])[]) => {
  const told = pairs.map(([latency, ops]) => ({ latency, ops }))
  let asked = 0
  return () => {
    const reads = told[Math.min(asked, told.length - 1)]
    asked += 1
    return { opLatencies: { reads, writes: { latency: 0, ops: 0 } } }
  }
}

describe('the load', () => {
  test('that is not told is null, and never zero', async () => {
    const load = await databaseSaying({ ...alone, serverStatus: () => ({}) })
    expect(await load()).toEqual(nothing)
  })

  test('of reads is the mean since the last time', async () => {
    const load = await databaseSaying({
      ...alone,
      serverStatus: latencies([1_000_000, 100], [1_090_000, 130]),
    })
    expect(await load()).toMatchObject({ readMs: null })
    expect(await load()).toMatchObject({ readMs: 3, writeMs: null })
    expect(await load()).toMatchObject({ readMs: null })
  })

  test('of a server that was started anew begins anew', async () => {
    const load = await databaseSaying({ ...alone, serverStatus: latencies([9_000, 9], [10, 2]) })
    await load()
    expect(await load()).toMatchObject({ readMs: null })
  })

  test('of a set tells how far the slowest copy is behind, and how long its log is', async () => {
    const at = (seconds: number) => new Date(1_764_000_000_000 + seconds * 1_000)
    const load = await databaseSaying({
      serverStatus: () => ({
        oplog: {
          earliestOptime: new Timestamp({ t: 1_000, i: 1 }),
          latestOptime: new Timestamp({ t: 1_000 + 36 * 3_600, i: 1 }),
        },
      }),
      replSetGetStatus: () => ({
        members: [
          { stateStr: 'PRIMARY', optimeDate: at(60) },
          { stateStr: 'SECONDARY', optimeDate: at(60) },
          { stateStr: 'SECONDARY', optimeDate: at(18) },
          { stateStr: 'ARBITER' },
        ],
      }),
      aggregate: () => ({ cursor: { id: 0n, ns: 'admin.x', firstBatch: [{ running: 2 }] } }),
    })
    expect(await load()).toMatchObject({ lagSeconds: 42, logHours: 36, slowOperations: 2 })
  })

  test('without anything slow is none, and not unknown', async () => {
    const aggregate = () => ({ cursor: { id: 0n, ns: 'admin.x', firstBatch: [] } })
    const load = await databaseSaying({ ...alone, aggregate })
    expect(await load()).toMatchObject({ slowOperations: 0 })
  })

  test('of a server that does not answer is a fault', async () => {
    const load = await databaseSaying({
      ...alone,
      serverStatus: refusing(11_600, 'InterruptedAtShutdown'),
    })
    expect(await faultOf(load())).toMatchObject({ kind: 'retryable' })
  })
})

describe('in words', () => {
  test('what is not told is left out', () => {
    expect(loadWords(undefined)).toEqual([])
    expect(loadWords(nothing)).toEqual([])
  })

  test('what is told is said, zero too', () => {
    expect(
      loadWords({ readMs: 1.24, writeMs: 20, slowOperations: 0, lagSeconds: 0, logHours: 36 }),
    ).toEqual([
      'a read takes 1.2 ms',
      'a write takes 20 ms',
      'nothing runs for longer than 5 s',
      'the slowest copy is 0 s behind',
      'its log of writes goes back 36 h',
    ])
    expect(loadWords({ ...nothing, slowOperations: 1 })[0]).toContain('1 operation runs')
    expect(loadWords({ ...nothing, slowOperations: 3 })[0]).toContain('3 operations run')
  })
})
