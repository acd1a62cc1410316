import { readKeptName } from '../../domain/data/kept-name.ts'
import { keyOf, textOf } from './documents.ts'
import type { Document } from './documents.ts'
import type { SimulatedServer } from './server.ts'

/** A write that a user was told has been done. */
export type UserWrite = {
  readonly atMs: number
  readonly by: string
  /** Where it went: the collection has another name later. */
  readonly collection: string
  readonly uuid: string
  readonly key: string
  /** `null`: it was deleted. */
  readonly document: Document | null
}

export type UsersRecord = ReturnType<typeof usersRecord>

/** Remembers what users wrote, and finds it again. */
export function usersRecord(server: SimulatedServer) {
  let writes: UserWrite[] = []
  let refused = 0

  /** The newest of each document of each collection: what was written over is nobody's any more. */
  const standing = (): readonly UserWrite[] => [
    ...new Map(writes.map((one) => [`${one.uuid} ${one.key}`, one] as const)).values(),
  ]

  return {
    add: (write: UserWrite): void => void writes.push(write),
    wasRefused: (): void => void (refused += 1),
    all: (): readonly UserWrite[] => writes,
    /** How often the server refused a user: behind a fence, say. */
    refused: () => refused,
    forget(): void {
      writes = []
      refused = 0
    },
    /** What users wrote and is neither in the live collection nor in one that is kept of it. */
    lost: (): readonly UserWrite[] =>
      standing().filter(({ collection, key, document }) => {
        if (!document) return false
        return !server.all().some(({ name, documents }) => {
          const isOfIt = (readKeptName(name)?.collection ?? name) === collection
          const found = isOfIt ? documents.get(key) : undefined
          return found !== undefined && keyOf(found) === key && textOf(found) === textOf(document)
        })
      }),
  }
}
