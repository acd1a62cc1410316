import { MongoServerError, UUID, type Document } from 'mongodb'
import { Fault } from '../../../domain/base/fault.ts'
import type { DataWritten } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'
import { factsOf, isAtLeast6 } from './data-server.ts'
import { done, writtenOf } from './written.ts'

export const writeConcern = { w: 'majority' } as const
/** A write that waits longer for others is given up by the server, so that it does not come when nobody expects it. */
const maxTimeMS = 30_000
const unknownField = 40_415

type Write = {
  readonly database: string
  readonly command: Document
  /** It may take as long as it takes, and ends with the signal. */
  readonly long?: true
}

/** Sends it, and says what the server has said. */
export async function send(
  { client, signal, comment, writes }: Used,
  { database, command, long }: Write,
): Promise<DataWritten> {
  const sent = { ...command, comment, ...(long ? {} : { maxTimeMS }) }
  writes()
  try {
    const answer = await client.db(database).command(sent, { signal })
    if ('writeConcernError' in answer) throw tooFew()
    return done
  } catch (error) {
    if (isUnknownField(error)) throw error
    const written = writtenOf(error)
    if (written === null) throw error
    return written
  }
}

const isUnknownField = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === unknownField

const tooFew = (): Fault =>
  new Fault({
    kind: 'unknown-outcome',
    dependency: 'mongodb',
    detail: 'it was written, and not yet by most members of the set',
    code: 'WriteConcernError',
  })

/**
 * The same of the collection with that UUID and no other. `guarded`: the server itself has held the UUID
 * against the collection; an older one, and one that is not MongoDB, cannot.
 */
export async function sendTo(
  uuid: string,
  used: Used,
  write: Write,
): Promise<{ readonly written: DataWritten; readonly guarded: boolean }> {
  if (isAtLeast6(await factsOf(used))) {
    const command = { ...write.command, collectionUUID: new UUID(uuid) }
    try {
      return { written: await send(used, { ...write, command }), guarded: true }
    } catch (error) {
      if (!isUnknownField(error)) throw error
    }
  }
  return { written: await send(used, write), guarded: false }
}
