import type { Document } from 'mongodb'
import type { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { MongodbConnection } from './connection.ts'

/** Runs a command, named by its first key, and takes from the answer what the schema knows. */
export type Ask = <T>(
  schema: z.ZodType<T>,
  command: Document,
  signal: AbortSignal,
  database?: string,
) => Promise<T>

export function asking(connection: MongodbConnection): Ask {
  return async (schema, command, signal, database) => {
    const answer = schema.safeParse(await connection.command(command, signal, database))
    if (answer.success) return answer.data
    const detail = `its answer to ${Object.keys(command)[0]} is not one of MongoDB`
    throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
  }
}
