import { crc64 as anotherCrc } from './slow-crc64.ts'
import { BSON } from 'mongodb'

/** What a test puts into an archive. */
export type Dumped = {
  readonly db?: string
  readonly collection: string
  readonly documents: readonly Uint8Array[]
  readonly metadata?: Record<string, unknown>
  readonly type?: string
}

const MAGIC = Buffer.from([0x6d, 0xe2, 0x99, 0x81])
const END = Buffer.from([0xff, 0xff, 0xff, 0xff])

const header = (db: string, collection: string, crc: bigint | null): Buffer =>
  Buffer.from(
    BSON.serialize({
      db,
      collection,
      EOF: crc !== null,
      CRC: BSON.Long.fromBigInt(crc ?? 0n),
    }),
  )

export const described = (indexes: readonly Record<string, unknown>[] = []) => ({
  options: {},
  indexes: [
    { v: { $numberInt: '2' }, key: { _id: { $numberInt: '1' } }, name: '_id_' },
    ...indexes,
  ],
})

/** The pieces of an archive as mongodump writes it, cut where a block begins or ends. */
export const archivePieces = (
  dumped: readonly Dumped[],
  { perBlock = 2 } = {},
): readonly Buffer[] => {
  const entries = dumped.map(({ db = 'shop', collection, metadata, type = 'collection' }) =>
    BSON.serialize({
      db,
      collection,
      metadata: JSON.stringify(metadata ?? described()),
      size: new BSON.Int32(0),
      type,
    }),
  )
  const about = BSON.serialize({
    concurrent_collections: 4,
    version: '0.1',
    server_version: '7.0.0',
    tool_version: '100.9.5',
  })
  const pieces: Buffer[] = [Buffer.concat([MAGIC, about, ...entries, END])]
  const left = dumped.map((one) => ({ ...one, next: 0 }))
  // Round and round, as collections are dumped side by side.
  for (let round = 0; left.some(({ next, documents }) => next < documents.length); round += 1) {
    for (const one of left) {
      const some = one.documents.slice(one.next, one.next + perBlock)
      one.next += some.length
      if (some.length > 0) {
        pieces.push(Buffer.concat([header(one.db ?? 'shop', one.collection, null), ...some, END]))
      }
    }
  }
  for (const { db = 'shop', collection, documents } of dumped) {
    const crc = anotherCrc(Buffer.concat(documents))
    pieces.push(Buffer.concat([header(db, collection, crc), END]))
  }
  return pieces
}

export const archiveOf = (dumped: readonly Dumped[], options?: { perBlock?: number }): Buffer =>
  Buffer.concat(archivePieces(dumped, options))

export const bson = (document: Record<string, unknown>): Buffer =>
  Buffer.from(BSON.serialize(document))
