import { BSON } from 'mongodb'
import type { Database } from '../../ports/database.ts'
import { asking } from './asking.ts'
import { mongodbConnection } from './connection.ts'
import { loading } from './load.ts'
import { reportOf } from './report.ts'
import { CountAnswer, Hello, ServerStatus } from './schema.ts'

/** One MongoDB deployment. `ca` is PEM text and replaces the system's authorities. */
export function mongodbDatabase(options: {
  readonly uri: string
  readonly ca?: string
}): Database & { close(): Promise<void> } {
  const connection = mongodbConnection(options)
  let connected = false

  const ask = asking(connection)

  return {
    async ping(signal) {
      // Connecting is not part of the time it takes to answer, and is done by the first command.
      const alreadyConnected = connected
      connected = false
      if (!alreadyConnected) await connection.command({ ping: 1 }, signal)
      const startedMs = performance.now()
      await connection.command({ ping: 1 }, signal)
      connected = true
      return performance.now() - startedMs
    },

    async status(signal) {
      const [hello, status] = await Promise.all([
        ask(Hello, { hello: 1 }, signal),
        ask(ServerStatus, { serverStatus: 1 }, signal),
      ])
      const { ok, connections = null } = status
      return { ok: ok === 1, connections, writablePrimary: hello.isWritablePrimary }
    },

    load: loading(ask),

    async count({ database, collection, filter }, signal) {
      const query = BSON.EJSON.deserialize({ ...filter })
      return (await ask(CountAnswer, { count: collection, query }, signal, database)).n
    },

    report: (signal) => reportOf(ask, signal),

    close: () => connection.close(),
  }
}
