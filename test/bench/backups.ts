import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { BSON } from 'mongodb'
import { z } from 'zod'
import { crc64 } from '../../src/adapters/backups/crc64.ts'
import { freshFolder } from '../servers/spawn.ts'
import { described } from '../support/dumped.ts'
import { atMost, reported } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { START_FLAGS } from './processes.ts'

/** Two thousand for the goal; a few hundred show the same. */
const MEGABYTES = Number(process.env['BENCH_BACKUP_MEGABYTES'] ?? 256)
const SMALL_MEGABYTES = 16
/** As mongodump writes them: about a megabyte, then another header. */
const DOCUMENTS = 2_700
const TEXT = 'x'.repeat(330)
const MOST_MB = 80
const LEAST_MB_A_SECOND = 150

const SUBJECT = resolve(import.meta.dirname, 'backups-subject.ts')
const MAGIC = Buffer.from([0x6d, 0xe2, 0x99, 0x81])
const END = Buffer.from([0xff, 0xff, 0xff, 0xff])

const Measured = z.object({
  cpuMs: z.number(),
  tookMs: z.number(),
  documents: z.number(),
  bytes: z.number(),
  grownMb: z.number(),
})

const block = Buffer.concat(
  Array.from({ length: DOCUMENTS }, (_, at) => BSON.serialize({ _id: at, n: at, text: TEXT })),
)

function* archive(megabytes: number): Generator<Buffer> {
  const place = { db: 'es', collection: 'projects' }
  const named = (EOF: boolean, crc: bigint): Uint8Array =>
    BSON.serialize({ ...place, EOF, CRC: BSON.Long.fromBigInt(crc) })
  yield Buffer.concat([
    MAGIC,
    BSON.serialize({
      concurrent_collections: 4,
      version: '0.1',
      server_version: '7.0.0',
      tool_version: '100.9.5',
    }),
    BSON.serialize({
      ...place,
      metadata: JSON.stringify(described()),
      size: new BSON.Int32(0),
      type: 'collection',
    }),
    END,
  ])
  const sum = crc64()
  for (let blocks = blocksOf(megabytes); blocks > 0; blocks -= 1) {
    sum.update(block, 0, block.length)
    yield Buffer.concat([named(false, 0n), block, END])
  }
  yield Buffer.concat([named(true, sum.value()), END])
}

function blocksOf(megabytes: number): number {
  return Math.ceil((megabytes * 1e6) / block.length)
}

async function written(path: string, megabytes: number): Promise<void> {
  const file = createWriteStream(path)
  for (const piece of archive(megabytes)) {
    if (!file.write(piece)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}

/**
 * An archive that is not compressed, read whole by us as `npm start` starts us: sums, hash of every document, and
 * what it takes of memory beyond what a small one takes.
 */
export const readingBackups = async (): Promise<readonly Outcome[]> => {
  await using folder = await freshFolder('bench-backups')
  await written(join(folder.path, 'small.archive'), SMALL_MEGABYTES)
  await written(join(folder.path, 'large.archive'), MEGABYTES)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...START_FLAGS, SUBJECT, folder.path],
    { env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' } },
  )
  const found = Measured.parse(JSON.parse(stdout))
  const expected = blocksOf(MEGABYTES) * DOCUMENTS
  if (found.documents !== expected) throw new Error(`read ${found.documents} of ${expected}`)
  const gigabytes = found.bytes / 1e9
  const perSecond = (ms: number): string => `${(found.bytes / 1e6 / (ms / 1_000)).toFixed(0)} MB`
  return [
    atMost({
      what: `memory for verifying an archive of ${gigabytes.toFixed(2)} GB`,
      measured: found.grownMb,
      gate: MOST_MB,
      unit: 'MB',
    }),
    atMost({
      what: 'time of the processor for each GB',
      measured: found.cpuMs / gigabytes,
      gate: Math.round(1e6 / LEAST_MB_A_SECOND),
      unit: 'ms',
    }),
    reported('verifying', `${perSecond(found.cpuMs)} in a second of the processor`, [
      `${perSecond(found.tookMs)} in a second by the clock`,
    ]),
  ]
}
