import { MongoServerError, MongoWriteConcernError } from 'mongodb'
import { z } from 'zod'
import type { DataWritten } from '../../../ports/collections.ts'
import { mayAskAgain } from '../faults.ts'

export const done: DataWritten = { kind: 'done' }

export function changedMeanwhile(because: string): DataWritten {
  return { kind: 'changed-meanwhile', because }
}

export function refused(because: string): DataWritten {
  return { kind: 'refused', because }
}

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const MEANWHILE: Readonly<Record<string, string>> = {
  NamespaceNotFound: 'it is not there any more',
  NamespaceExists: 'there is a collection of the new name already',
  CollectionUUIDMismatch: 'it is another collection now',
  IndexNotFound: 'the index is not there any more',
}

const REFUSED: Readonly<Record<string, string>> = {
  Unauthorized: 'the account may not do it',
  UserWritesBlocked: 'the server is blocking all writes',
  CommandNotFound: 'this server cannot do it',
  NotImplemented: 'this server cannot do it',
  IndexOptionsConflict: 'such an index is there already, and it is another one',
  IndexKeySpecsConflict: 'such an index is there already, and it is another one',
  BackgroundOperationInProgressForNamespace: 'an index is being built on it',
  DocumentValidationFailure: 'a document breaks the validator of the collection',
  InvalidNamespace: 'its name would be too long, or has a letter that may not stand in one',
}

const Duplicate = z.object({ keyPattern: z.record(z.string(), z.unknown()) })

/** The fields whose values stand in two documents, and never the values. */
export function duplicateFields(error: unknown): readonly string[] {
  const parsed = Duplicate.safeParse(error)
  return parsed.success ? Object.keys(parsed.data.keyPattern) : []
}

const duplicateKey = 11_000

/** What the server has said in refusing a write; `null`: it has not refused it, or says no more than that it failed. */
export function writtenOf(error: unknown): DataWritten | null {
  if (!(error instanceof MongoServerError) || error instanceof MongoWriteConcernError) return null
  if (typeof error.code !== 'number' || mayAskAgain(error)) return null
  const name = error.codeName ?? ''
  const meanwhile = MEANWHILE[name]
  if (meanwhile !== undefined) return changedMeanwhile(meanwhile)
  if (error.code === duplicateKey) {
    const fields = duplicateFields(error.errorResponse).join(' and ')
    const because = `several documents have the same ${fields || 'key of a unique index'}`
    return { kind: 'refused', because, sameKey: [] }
  }
  // The server's message is not repeated: it may quote what users wrote.
  return refused(REFUSED[name] ?? `the server refused it (${name || error.code})`)
}
