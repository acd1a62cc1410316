import { UUID, type Document } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { faultOf, patience } from '../../support/contracts/outside.ts'
import {
  listing,
  live,
  liveUuid,
  refusing,
  replicaSet,
  type Says,
} from '../../support/replica-set.ts'

const kept = '__rb_20261122-abcd_p3_old__projects'
const wanted = { uuid: liveUuid, from: 'projects', to: kept }

describe('a rename', () => {
  const renamed = async (says: Says) => {
    const set = await replicaSet(says)
    return { ...set, asked: set.collections.rename(wanted, patience()) }
  }

  test('names the UUID that was seen, and never what it would replace', async () => {
    const { asked, sent } = await renamed({})
    expect(await asked).toEqual({ kind: 'done' })
    const [command] = sent('renameCollection')
    expect(command).toMatchObject({
      renameCollection: 'es.projects',
      to: `es.${kept}`,
      collectionUUID: new UUID(liveUuid),
      writeConcern: { w: 'majority' },
      maxTimeMS: 30_000,
      comment: expect.stringMatching(/^backout /),
    })
    expect(command).not.toHaveProperty('dropTarget')
  })

  test('is sent without the UUID to a server that does not know the field, and looked at after', async () => {
    let renames = 0
    const { asked, sent } = await renamed({
      renameCollection: (command) => {
        const knows = !('collectionUUID' in command)
        if (knows) renames += 1
        return knows ? {} : refusing(40_415, 'Location40415')()
      },
      listCollections: () => listing(renames === 0 ? live : { ...live, name: kept }),
    })
    expect(await asked).toEqual({ kind: 'done' })
    expect(sent('renameCollection').map((one) => 'collectionUUID' in one)).toEqual([true, false])
    expect(sent('listCollections')).toHaveLength(2)
  })

  test.each([
    [26, 'NamespaceNotFound', 'changed-meanwhile', 'not there any more'],
    [48, 'NamespaceExists', 'changed-meanwhile', 'of the new name already'],
    [361, 'CollectionUUIDMismatch', 'changed-meanwhile', 'another collection now'],
    [13, 'Unauthorized', 'refused', 'may not do it'],
    [371, 'UserWritesBlocked', 'refused', 'blocking all writes'],
    [12_587, 'BackgroundOperationInProgressForNamespace', 'refused', 'being built'],
    [20, 'IllegalOperation', 'refused', '(IllegalOperation)'],
  ])('code %d, %s, is %s: %s', async (code, name, kind, because) => {
    const { asked } = await renamed({ renameCollection: refusing(code, name) })
    const found = await asked
    expect(found).toMatchObject({ kind, because: expect.stringContaining(because) })
    expect(JSON.stringify(found)).not.toContain('ana@')
  })

  test.each([
    [50, 'MaxTimeMSExpired', 'unknown-outcome'],
    [189, 'PrimarySteppedDown', 'unknown-outcome'],
    [11_602, 'InterruptedDueToReplStateChange', 'unknown-outcome'],
    [91, 'ShutdownInProgress', 'unknown-outcome'],
    [10_107, 'NotWritablePrimary', 'retryable'],
    [24, 'LockTimeout', 'retryable'],
  ])('code %d, %s, is a fault of kind %s', async (code, name, kind) => {
    const { asked } = await renamed({ renameCollection: refusing(code, name) })
    expect(await faultOf(asked)).toMatchObject({ kind })
  })

  test('that too few members have is not known to stay', async () => {
    const writeConcernError = { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'waiting' }
    const { asked } = await renamed({ renameCollection: () => ({ writeConcernError }) })
    expect(await faultOf(asked)).toMatchObject({ kind: 'unknown-outcome' })
  })

  test('on a server without UUIDs is refused', async () => {
    const { asked, sent } = await renamed({ listCollections: () => listing({ name: 'projects' }) })
    expect(await asked).toMatchObject({ kind: 'refused' })
    expect(sent('renameCollection')).toEqual([])
  })
})

test('a drop names the UUID that was seen', async () => {
  const listCollections = () => listing({ ...live, name: kept })
  const { collections, sent } = await replicaSet({ listCollections })
  const dropped = await collections.drop({ uuid: liveUuid, name: kept }, patience())
  expect(dropped).toEqual({ kind: 'done' })
  expect(sent('drop')).toMatchObject([{ drop: kept, collectionUUID: new UUID(liveUuid) }])
})

describe('the fence', () => {
  test('goes up and comes down, for everybody and without a reason', async () => {
    const { collections, sent } = await replicaSet()
    expect(await collections.fence('up', patience())).toEqual({ kind: 'done' })
    expect(await collections.fence('down', patience())).toEqual({ kind: 'done' })
    const commands = sent('setUserWriteBlockMode')
    expect(commands.map(({ global }) => global)).toEqual([true, false])
    expect(commands.filter((command) => 'reason' in command)).toEqual([])
  })

  test('is proved by a write of the application that is blocked', async () => {
    const { collections } = await replicaSet({ insert: refusing(371, 'UserWritesBlocked') })
    expect(await collections.tryWrite(patience())).toBe('refused')
  })

  const onlyOn = (resource: Document, ...actions: readonly string[]) => ({
    insert: refusing(13, 'Unauthorized'),
    connectionStatus: () => ({
      authInfo: {
        authenticatedUsers: [{}],
        authenticatedUserPrivileges: [{ resource, actions }],
      },
    }),
  })

  test.each([
    ['may only read', onlyOn({ db: 'es', collection: '' }, 'find'), 'refused'],
    ['may write elsewhere', onlyOn({ db: 'shop', collection: '' }, 'insert'), 'refused'],
    ['may write to its own', onlyOn({ db: 'es', collection: 'projects' }, 'insert'), 'accepted'],
    ['may do all', onlyOn({ anyResource: true }, 'anyAction'), 'accepted'],
  ] as const)('of an account that may not write there, and %s', async (_what, says, found) => {
    const { collections } = await replicaSet(says)
    expect(await collections.tryWrite(patience())).toBe(found)
  })

  test('is not proved by a write that fails otherwise', async () => {
    const { collections } = await replicaSet({ insert: refusing(10_107, 'NotWritablePrimary') })
    expect(await faultOf(collections.tryWrite(patience()))).toMatchObject({ kind: 'retryable' })
  })
})

describe('an index by which documents expire', () => {
  const index = { v: 2, key: { at: 1 }, name: 'at_1', expireAfterSeconds: 3_600 }
  const listIndexes = (...indexes: readonly Document[]) => ({
    listIndexes: () => ({ cursor: { id: 0n, ns: 'es.projects', firstBatch: indexes } }),
  })

  test('is built so that nothing expires by it', async () => {
    const { collections, sent } = await replicaSet()
    const found = await collections.createIndexes('projects', [index], patience())
    expect(found).toEqual({ kind: 'done' })
    const { indexes } = sent('createIndexes')[0] ?? {}
    expect(indexes).toEqual([{ key: { at: 1 }, name: 'at_1', expireAfterSeconds: 2_147_483_647 }])
  })

  test('that is there already is not built again, whenever it expires', async () => {
    const { collections, sent } = await replicaSet(listIndexes(index))
    const found = await collections.createIndexes('projects', [index], patience())
    expect(found).toEqual({ kind: 'done' })
    expect(sent('createIndexes')).toEqual([])
  })

  test('is told when', async () => {
    const { collections, sent } = await replicaSet(listIndexes(index))
    const told = { name: 'at_1', seconds: 60 }
    expect(await collections.setExpiry('projects', told, patience())).toEqual({ kind: 'done' })
    expect(sent('collMod')).toMatchObject([
      { collMod: 'projects', index: { name: 'at_1', expireAfterSeconds: 60 } },
    ])
  })
})

test('a unique index that cannot be built says which fields, and never what stands in them', async () => {
  const keys = { keyPattern: { email: 1, team: 1 }, keyValue: { email: 'ana@example.com' } }
  const { collections, sent } = await replicaSet({
    createIndexes: refusing(11_000, 'DuplicateKey', keys),
    aggregate: () => ({
      cursor: {
        id: 0n,
        ns: 'shop.projects',
        firstBatch: [{ _id: { k0: 'ana@example.com' }, count: 2 }],
      },
    }),
    find: () => ({
      cursor: { id: 0n, ns: 'shop.projects', firstBatch: [{ _id: 1 }, { _id: 'a' }] },
    }),
  })
  const index = { key: { email: 1, team: 1 }, name: 'email_1_team_1', unique: true }
  const found = await collections.createIndexes('projects', [index], patience())
  expect(found).toEqual({
    kind: 'refused',
    because: 'several documents have the same email and team',
    sameKey: ['1', '"a"'],
  })
  const [{ pipeline } = {}] = sent('aggregate')
  expect(pipeline).toContainEqual({ $match: { count: { $gt: 1 } } })
  expect(pipeline).toContainEqual({ $limit: 1 })
  expect(sent('find')).toMatchObject([
    { filter: { email: 'ana@example.com', team: null }, projection: { _id: 1 }, limit: 3 },
  ])
})

test('that it was refused is said, also where nobody tells which documents they are', async () => {
  const { collections } = await replicaSet({
    createIndexes: refusing(11_000, 'DuplicateKey', {}),
    aggregate: refusing(13, 'Unauthorized', {}),
  })
  const index = { key: { email: 1 }, name: 'email_1', unique: true }
  expect(await collections.createIndexes('projects', [index], patience())).toEqual({
    kind: 'refused',
    because: 'several documents have the same key of a unique index',
    sameKey: [],
  })
})

test('what is given up here is ended at the server too, by its comment', async () => {
  const never = new Promise<Document>(() => undefined)
  const running = Promise.withResolvers<string>()
  const killed = Promise.withResolvers<Document>()
  const { collections } = await replicaSet({
    createIndexes: ({ comment }) => {
      running.resolve(comment)
      return never
    },
    aggregate: () => ({ cursor: { id: 0n, ns: 'admin.$cmd', firstBatch: [{ opid: 77 }] } }),
    killOp: (command) => {
      killed.resolve(command)
      return {}
    },
  })
  const giveUp = new AbortController()
  const index = { key: { at: 1 }, name: 'at_1' }
  const fault = faultOf(collections.createIndexes('projects', [index], giveUp.signal))
  expect(await running.promise).toMatch(/^backout /)
  giveUp.abort()
  expect(await fault).toMatchObject({ kind: 'unknown-outcome', code: 'ETIMEDOUT' })
  expect(await killed.promise).toMatchObject({ killOp: 1, op: 77 })
})
