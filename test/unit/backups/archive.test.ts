import { BSON } from 'mongodb'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentsReader } from '../../../src/adapters/backups/contents-reader.ts'
import { crc64 } from '../../../src/adapters/backups/crc64.ts'
import { Damage } from '../../../src/adapters/backups/damage.ts'
import { sumOf } from '../../support/documents-sum.ts'
import { archiveOf, archivePieces, bson, described, type Dumped } from '../../support/dumped.ts'
import { crc64 as slowCrc64 } from '../../support/slow-crc64.ts'

const people = [
  bson({ _id: 1, name: 'Ána' }),
  bson({ _id: 2, name: 'Bo', tags: ['a', { b: null }] }),
  bson({ _id: 3, name: 'Cy', at: new Date(0), raw: new BSON.Binary(Buffer.from([1, 2])) }),
]
const dump: readonly Dumped[] = [
  {
    collection: 'users',
    documents: people,
    metadata: described([
      {
        v: { $numberInt: '2' },
        key: { name: { $numberInt: '1' } },
        name: 'name_1',
        ns: 'shop.users',
      },
    ]),
  },
  { collection: 'empty', documents: [] },
  { collection: 'projects', documents: [bson({ _id: 'p', n: 1 })] },
]

const readIn = (archive: Buffer, pieceBytes: number, database = 'shop') => {
  const reader = contentsReader(database)
  for (let at = 0; at < archive.length; at += pieceBytes) {
    reader.push(Buffer.from(archive.subarray(at, at + pieceBytes)))
  }
  reader.end()
  return reader.contents()
}

const damageOf = (archive: Buffer): string | null => {
  try {
    readIn(archive, 1_000)
    return null
  } catch (error) {
    if (error instanceof Damage) return error.because
    throw error
  }
}

test('CRC-64/XZ has its check value, and is what bit by bit comes out, in pieces of any size', () => {
  const check = crc64()
  check.update(Buffer.from('123456789'), 0, 9)
  expect(BigInt.asUintN(64, check.value()).toString(16)).toBe('995dc9bbdf1939fa')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(7), (bytes, cut, shift) => {
      const moved = new Uint8Array(bytes.length + shift)
      moved.set(bytes, shift)
      const at = shift + Math.min(cut, bytes.length)
      const crc = crc64()
      crc.update(moved, shift, at)
      crc.update(moved, at, moved.length)
      expect(crc.value()).toBe(slowCrc64(bytes))
    }),
  )
})

describe('an archive of mongodump', () => {
  const archive = archiveOf(dump)

  test('says of each collection how many, how long, which hash, indexes and options', () => {
    expect(readIn(archive, archive.length)).toMatchObject({
      header: { server_version: '7.0.0', tool_version: '100.9.5' },
      collections: [
        { name: 'empty', documents: 0, bytes: 0, hash: '0'.repeat(32), indexes: [] },
        { name: 'projects', documents: 1 },
        {
          name: 'users',
          documents: 3,
          bytes: Buffer.concat(people).length,
          hash: sumOf(people),
          indexes: [{ v: 2, key: { name: 1 }, name: 'name_1' }],
          options: {},
        },
      ],
      otherDatabases: [],
      hasLog: false,
    })
  })

  test('says the same however it is cut into pieces, and in whatever order its documents are', () => {
    const whole = readIn(archive, archive.length)
    for (let piece = 1; piece < 90; piece += 1) expect(readIn(archive, piece)).toEqual(whole)
    const turned = dump.map((one) => ({ ...one, documents: [...one.documents].toReversed() }))
    expect(readIn(archiveOf(turned, { perBlock: 1 }), 50)).toEqual(whole)
  })

  test('of another database is proved, and told apart', () => {
    const two = archiveOf([...dump, { db: 'admin', collection: 'system.users', documents: people }])
    expect(readIn(two, 100)).toMatchObject({ otherDatabases: ['admin'] })
    expect(readIn(two, 100, 'other')).toMatchObject({
      collections: [],
      otherDatabases: ['admin', 'shop'],
    })
  })

  test('with a log of writes, views and time series says so', () => {
    const odd = archiveOf([
      { db: '', collection: 'oplog', documents: [bson({ op: 'n' })] },
      { collection: 'v', type: 'view', documents: [], metadata: { options: { viewOn: 'users' } } },
      { collection: 'v2', type: '', documents: [], metadata: { options: { viewOn: 'users' } } },
    ])
    expect(readIn(odd, 64)).toMatchObject({ hasLog: true, views: ['v', 'v2'], collections: [] })
  })

  test('that was cut off is damaged, wherever it was cut', () => {
    for (let at = 0; at < archive.length; at += 1) {
      expect(damageOf(archive.subarray(0, at)), `cut at ${at}`).not.toBeNull()
    }
    expect(damageOf(archive)).toBeNull()
  })

  test('says which collection is missing when it was cut between blocks', () => {
    const pieces = archivePieces(dump)
    const said = pieces.map((_, at) => damageOf(Buffer.concat(pieces.slice(0, at))))
    expect(said).toEqual([
      'it is not an archive of mongodump',
      'it was cut off: shop.users is missing, and 2 more',
      'it was cut off: shop.users is not whole, and 2 more',
      'it was cut off: shop.users is not whole, and 2 more',
      'it was cut off: shop.users is not whole, and 2 more',
      'it was cut off: shop.empty is missing, and 1 more',
      'it was cut off: shop.projects is not whole',
    ])
  })

  test('with any single bit turned behind its list of collections is damaged', () => {
    const from = archivePieces(dump)[0]?.length ?? 0
    for (let at = from; at < archive.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const turned = Buffer.from(archive)
        turned.writeUInt8(turned.readUInt8(at) ^ (1 << bit), at)
        expect(damageOf(turned), `byte ${at}, bit ${bit}`).not.toBeNull()
      }
    }
  })

  test('with any bit turned in its list ends in words, whatever it then says', () => {
    const to = archivePieces(dump)[0]?.length ?? 0
    for (let at = 0; at < to; at += 1) {
      const turned = Buffer.from(archive)
      turned.writeUInt8(turned.readUInt8(at) ^ (1 << (at % 8)), at)
      expect(() => damageOf(turned)).not.toThrow()
    }
  })

  test('of which a block is told twice, left out, or belongs to nobody is damaged', () => {
    const pieces = archivePieces(dump)
    const without = (at: number) => Buffer.concat(pieces.filter((_, index) => index !== at))
    for (let at = 0; at < pieces.length; at += 1) {
      expect(damageOf(without(at)), `without block ${at}`).not.toBeNull()
      const twice = [...pieces.slice(0, at + 1), ...pieces.slice(at)]
      expect(damageOf(Buffer.concat(twice)), `block ${at} twice`).not.toBeNull()
    }
    const stranger = archivePieces([{ collection: 'stranger', documents: people }])[1]
    expect(damageOf(Buffer.concat([archive, stranger ?? Buffer.alloc(0)]))).toBe(
      'it holds shop.stranger, which it does not list',
    )
  })

  test('says nothing of a name that is not letters', () => {
    const odd = archivePieces([{ collection: 'a\u202e\nb', documents: people }])
    expect(damageOf(Buffer.concat(odd.slice(0, 1)))).toBe('it was cut off: shop.a??b is missing')
  })
})
