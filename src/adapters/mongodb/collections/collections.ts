import { ReadPreference } from 'mongodb'
import type { Collections } from '../../../ports/collections.ts'
import { mongodbConnection, type MongodbConnection, type Used } from '../connection.ts'
import { comparisonOf } from './compare.ts'
import { contentsOf } from './contents.ts'
import { copyMissing } from './copy-missing.ts'
import { factsOf, freeBytesOf, serverOf } from './data-server.ts'
import { countOf } from './count.ts'
import { expiredOf } from './expired.ts'
import { collectionOf, listed, measured } from './listing.ts'
import { shardedOf } from './sharded.ts'
import { removeCanary, tryWrite } from './try-write.ts'
import { create, createIndexes, drop, fence, rename, setExpiry } from './writes.ts'
import { momentOf, quiet, writtenSince } from './written-since.ts'

/** What others say of it is older than what it says itself. */
const asks = ReadPreference.primary

/** The collections of one database. `application`: how the application itself connects to it. */
export function mongodbCollections(options: {
  readonly uri: string
  readonly database: string
  readonly ca?: string
  readonly application?: string
}): Collections & { close(): Promise<void> } {
  const { uri, database, ca, application: applicationUri } = options
  const tls = ca === undefined ? {} : { ca }
  const ours = mongodbConnection({ uri, asks, ...tls })
  const application: MongodbConnection | null =
    applicationUri === undefined ? null : mongodbConnection({ uri: applicationUri, asks, ...tls })

  const use = <T>(signal: AbortSignal, work: (used: Used) => Promise<T>): Promise<T> =>
    ours.use(work, signal)

  return {
    server: (signal) => use(signal, (used) => serverOf(used, { database, where: ours.where })),
    freeBytes: (signal) => use(signal, (used) => freeBytesOf(used, database)),
    list: (signal) =>
      use(signal, async (used) => {
        const all = await listed(used, database)
        const { topology } = await factsOf(used)
        const sharded = topology === 'sharded' ? await shardedOf(used, database) : []
        return all.map((one) => collectionOf(one, { database, sharded }))
      }),
    measure: (names, signal) =>
      use(signal, async (used) => {
        const found = []
        // One after another: the server has other things to do.
        for (const name of names) found.push(await measured(used, { database, name }))
        return found.filter((one) => one !== null)
      }),
    contents: (name, report, signal) =>
      use(signal, (used) => contentsOf(used, { database, name }, report)),
    compare: (pair, report, signal) =>
      use(signal, (used) => comparisonOf(used, { database, ...pair }, report)),
    count: (name, filter, signal) =>
      use(signal, (used) => countOf(used, { database, name }, filter)),
    expired: (name, index, signal) =>
      use(signal, (used) => expiredOf(used, { database, name }, index)),

    createIndexes: (name, indexes, signal) =>
      use(signal, (used) => createIndexes(used, { database, name }, indexes)),
    setExpiry: (name, index, signal) =>
      use(signal, (used) => setExpiry(used, { database, name }, index)),
    create: (name, of, signal) => use(signal, (used) => create(used, { database, name }, of)),
    rename: (wanted, signal) => use(signal, (used) => rename(used, database, wanted)),
    drop: (wanted, signal) => use(signal, (used) => drop(used, database, wanted)),
    copyMissing: (pair, report, signal) =>
      use(signal, (used) => copyMissing(used, { database, ...pair }, report)),

    fence: (state, signal) => use(signal, (used) => fence(used, state)),
    async tryWrite(signal) {
      if (application === null) return 'not-configured'
      const found = await tryWrite(application, { database, signal })
      if (found === 'accepted') await removeCanary(ours, { database, signal })
      return found
    },
    moment: (signal) => use(signal, momentOf),
    writtenSince: (moment, names, signal) =>
      use(signal, (used) => writtenSince(used, { database, moment, names })),

    quiet: (names, forMs, signal) => use(signal, (used) => quiet(used, { database, names, forMs })),

    async close() {
      await Promise.all([ours.close(), application?.close()])
    },
  }
}
