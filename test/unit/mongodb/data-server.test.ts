import { describe, expect, test } from 'vitest'
import { RIGHTS } from '../../../src/adapters/mongodb/collections/rights.ts'
import { patience } from '../../support/contracts/outside.ts'
import { listing, live, refusing, replicaSet } from '../../support/replica-set.ts'

type Set = Parameters<typeof replicaSet>

const serverOf = async (...set: Set) =>
  await (await replicaSet(...set)).collections.server(patience())

describe('the server', () => {
  test('is told by its address and its set, and says what is free', async () => {
    const { collections, host } = await replicaSet()
    expect(await collections.server(patience())).toMatchObject({
      version: '7.0.14',
      database: 'es',
      identity: `${host} (rs0)`,
      topology: 'replica-set',
    })
    expect(await collections.freeBytes(patience())).toBe(600)
  })

  test('is told without what takes the longer, the more data there is', async () => {
    const server = await serverOf({ dbStats: refusing(50, 'MaxTimeMSExpired') })
    expect(server.version).toBe('7.0.14')
  })

  test.each<[string, ...Set]>([
    ['older than 6.0', { buildInfo: () => ({ version: '5.0.9' }) }],
    ['that does not know the command', { listCommands: () => ({ commands: { find: {} } }) }],
    ['that is not MongoDB', { buildInfo: () => ({ version: '7.0.42', ferretdbVersion: '1.24' }) }],
    ['that stands alone', {}, { setName: undefined, hosts: undefined }],
  ])('has no fence: one %s', async (_what, ...set) => {
    expect(await serverOf(...set)).toMatchObject({ fence: 'none' })
  })

  test('offers a fence where it knows one, and then its rights count', async () => {
    const { fence, lacks } = await serverOf()
    expect(fence).toBe('offered')
    expect(lacks).toHaveLength(RIGHTS.length)
    expect(lacks).toContain('setUserWriteBlockMode')
    expect(lacks).toContain('renameCollectionSameDB on es')
  })

  const nobody = () => ({
    authInfo: { authenticatedUsers: [], authenticatedUserPrivileges: [] },
  })

  test('lacks no right where nobody has to log in', async () => {
    expect(await serverOf({ connectionStatus: nobody })).toMatchObject({ lacks: [] })
  })

  test('lacks every right where nobody has logged in and somebody has to', async () => {
    const listCollections = refusing(13, 'Unauthorized')
    const { lacks } = await serverOf({ connectionStatus: nobody, listCollections })
    expect(lacks).toEqual(RIGHTS.map(({ action }) => action))
  })

  test('that does not tell rights or space says so', async () => {
    const { collections } = await replicaSet({
      connectionStatus: () => ({ authInfo: { authenticatedUsers: [] } }),
      dbStats: () => ({}),
    })
    expect(await collections.server(patience())).toMatchObject({ lacks: null })
    expect(await collections.freeBytes(patience())).toBeNull()
  })
})

describe('what cannot be renamed', () => {
  const obstaclesOf = async (entry: object, ...set: Set) => {
    const [says, hello] = set
    const listCollections = () => listing({ ...live, ...entry })
    const { collections } = await replicaSet({ listCollections, ...says }, hello)
    return (await collections.list(patience()))[0]?.obstacles
  }

  test.each([
    [{ type: 'view' }, 'it is a view'],
    [{ type: 'timeseries' }, 'it is a time series'],
    [{ name: 'system.views' }, 'it belongs to the server'],
    [{ options: { encryptedFields: { fields: [] } } }, 'its fields are encrypted by MongoDB'],
    [{ name: 'p'.repeat(220) }, 'its name is too long to be kept beside under another one'],
    [{ name: 'ä'.repeat(110) }, 'its name is too long to be kept beside under another one'],
  ])('%j: %s', async (entry, obstacle) => {
    expect(await obstaclesOf(entry)).toEqual([obstacle])
  })

  test.each([
    ['one that is capped', { options: { capped: true, size: 4_096 } }],
    ['a name that just fits', { name: 'p'.repeat(200) }],
    ['one of ours, however long', { name: `__rb_20261122-abcd_p3_old__${'p'.repeat(200)}` }],
  ])('not %s', async (_what, entry) => {
    expect(await obstaclesOf(entry)).toEqual([])
  })

  const mongos = { msg: 'isdbgrid', setName: undefined, hosts: undefined }
  const shards = (...ids: readonly string[]) => ({
    find: () => ({
      cursor: { id: 0n, ns: 'config.collections', firstBatch: ids.map((_id) => ({ _id })) },
    }),
  })

  test('what is sharded, and not what is not', async () => {
    expect(await obstaclesOf({}, shards('es.projects', 'es2.x'), mongos)).toEqual(['it is sharded'])
    expect(await obstaclesOf({}, shards('es.users', 'shop.projects'), mongos)).toEqual([])
  })

  test('what may be sharded, where the account may not ask', async () => {
    const may = ['it may be sharded, which the account may not ask']
    expect(await obstaclesOf({}, { find: refusing(13, 'Unauthorized') }, mongos)).toEqual(may)
  })
})
