import type { z } from 'zod'
import { Fault } from '../../domain/fault.ts'
import type { Database } from '../../ports/database.ts'
import { mongodbConnection } from './connection.ts'
import { Hello, ServerStatus } from './schema.ts'

/** One MongoDB deployment. `ca` is PEM text and replaces the system's authorities. */
export function mongodbDatabase(options: {
  readonly uri: string
  readonly ca?: string
}): Database & { close(): Promise<void> } {
  const connection = mongodbConnection(options)
  let connected = false

  const ask = async <T>(
    schema: z.ZodType<T>,
    command: 'hello' | 'serverStatus',
    signal: AbortSignal,
  ): Promise<T> => {
    const answer = schema.safeParse(await connection.command({ [command]: 1 }, signal))
    if (answer.success) return answer.data
    const detail = `its answer to ${command} is not one of MongoDB`
    throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
  }

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
        ask(Hello, 'hello', signal),
        ask(ServerStatus, 'serverStatus', signal),
      ])
      const { ok, connections = null } = status
      return { ok: ok === 1, connections, writablePrimary: hello.isWritablePrimary }
    },

    close: () => connection.close(),
  }
}
