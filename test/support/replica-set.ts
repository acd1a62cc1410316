import { BSON, Timestamp, UUID, type Document } from 'mongodb'
import { onTestFinished } from 'vitest'
import { mongodbCollections } from '../../src/adapters/mongodb/collections/collections.ts'
import { mongodSaying } from './contracts/mongod.ts'
import { primaryHello } from './contracts/mongod-hello.ts'

export type Says = Readonly<Record<string, (command: Document) => Document | Promise<Document>>>

export const refusing =
  (code: number, codeName: string, more: Document = {}) =>
  () => ({
    ok: 0,
    code,
    codeName,
    errmsg: 'refused for { email: "ana@example.com" }',
    ...more,
  })

export const liveUuid = '11111111-1111-4111-8111-111111111111'

export const listing = (...entries: readonly Document[]) => ({
  cursor: { id: 0n, ns: 'es.$cmd.listCollections', firstBatch: entries },
})

export const live = { name: 'projects', type: 'collection', info: { uuid: new UUID(liveUuid) } }

const usual: Says = {
  buildInfo: () => ({ version: '7.0.14' }),
  dbStats: () => ({ fsTotalSize: 1_000, fsUsedSize: 400 }),
  listCommands: () => ({ commands: { find: {}, setUserWriteBlockMode: {} } }),
  connectionStatus: () => ({
    authInfo: { authenticatedUsers: [{}], authenticatedUserPrivileges: [] },
  }),
  listCollections: () => listing(live),
  listIndexes: () => ({ cursor: { id: 0n, ns: 'es.projects', firstBatch: [] } }),
}

/**
 * The collections of a replica set of one member that answers as MongoDB's documentation says, and what it was sent:
 * what FerretDB cannot show.
 */
export async function replicaSet(says: Says = {}, hello: Document = {}) {
  const sent: Document[] = []
  const host = await mongodSaying((command, here) => {
    const name = Object.keys(command)[0] ?? ''
    if (/^(hello|ismaster)$/i.test(name)) {
      const now = { localTime: new Date(), operationTime: new Timestamp({ t: 100, i: 5 }) }
      return { ...primaryHello(here), ...now, ...hello }
    }
    sent.push(BSON.deserialize(BSON.serialize(command)))
    return ({ ...usual, ...says }[name] ?? (() => ({})))(command)
  })
  const uri = `mongodb://${host}/`
  const collections = mongodbCollections({ uri, database: 'es', application: uri })
  onTestFinished(() => collections.close())
  return {
    host,
    collections,
    sent: (name: string) => sent.filter((command) => name in command),
  }
}
