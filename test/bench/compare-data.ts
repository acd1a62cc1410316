import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { BSON, Long } from 'mongodb'
import type { Document } from 'mongodb'
import { z } from 'zod'
import { standaloneHello } from '../support/contracts/mongod-hello.ts'
import { mongodServer } from '../support/mongod-server.ts'
import { atMost, reported } from './outcome.ts'
import { START_FLAGS } from './processes.ts'
import type { Outcome } from './outcome.ts'

const DOCUMENTS = 1_000_000
const FEW = 10_000
const BATCH = 1_000
const TEXT = 'x'.repeat(330)
/** Live begins later than the backup does, so that as many are created as are deleted. */
const SHIFT = 1_000
const EVERY_CHANGED = 50
const MOST_MB = 64

const SUBJECT = resolve(import.meta.dirname, 'compare-data-subject.ts')

const Measured = z.object({
  comparedMs: z.number(),
  hashedMs: z.number(),
  bytes: z.number(),
  grownMb: z.number(),
  comparison: z.object({
    created: z.number(),
    changed: z.number(),
    deleted: z.number(),
    same: z.number(),
  }),
})

type Batch = { readonly bytes: Buffer; readonly ids: readonly number[] }

/** One answer with as many documents as a batch has, and where the `_id` of each lies in it. */
function batchOf(name: 'firstBatch' | 'nextBatch', isLast: boolean): Batch {
  const marker = 0x5eed5eed
  const documents = Array.from({ length: BATCH }, () => ({ _id: marker, n: marker, text: TEXT }))
  const id = isLast ? Long.ZERO : Long.fromBits(0, 1)
  const bytes = Buffer.from(
    BSON.serialize({ cursor: { id, ns: 'es.c', [name]: documents }, ok: 1 }),
  )
  const sought = Buffer.alloc(4)
  sought.writeInt32LE(marker)
  const ids: number[] = []
  for (let at = bytes.indexOf(sought); at !== -1; at = bytes.indexOf(sought, at + 4)) ids.push(at)
  return { bytes, ids: ids.filter((_at, index) => index % 2 === 0) }
}

const first = { more: batchOf('firstBatch', false), last: batchOf('firstBatch', true) }
const next = { more: batchOf('nextBatch', false), last: batchOf('nextBatch', true) }
/** The number of the cursor, in an answer. */
const cursorAt = 20
/** From the `_id` of a document to its `n`. */
const toN = 4 + 1 + 2

function filled({ bytes, ids }: Batch, from: number, isLive: boolean): Buffer {
  const made = Buffer.from(bytes)
  ids.forEach((at, index) => {
    const id = from + index
    made.writeInt32LE(id, at)
    made.writeInt32LE(isLive && id % EVERY_CHANGED === 0 ? -1 : id, at + toN)
  })
  return made
}

/** Two pairs of collections, made up while they are read. */
function madeUp() {
  const sizes: Record<string, number> = { live: DOCUMENTS, old: DOCUMENTS, few: FEW, fewOld: FEW }
  const cursors: { readonly name: string; done: number }[] = []
  const read = (number: number, batches: typeof first): Buffer => {
    const cursor = cursors[number]
    if (!cursor) throw new Error(`there is no cursor ${number}`)
    const from = cursor.done
    cursor.done += BATCH
    const isLive = cursor.name === 'live' || cursor.name === 'few'
    const isLast = cursor.done >= (sizes[cursor.name] ?? 0)
    const answer = filled(batches[isLast ? 'last' : 'more'], from + (isLive ? SHIFT : 0), isLive)
    if (!isLast) answer.writeInt32LE(number, cursorAt)
    return answer
  }
  return (command: Document): Document | Buffer => {
    const name = Object.keys(command)[0] ?? ''
    if (/^(hello|ismaster)$/i.test(name)) return standaloneHello
    if (name === 'find') {
      return read(cursors.push({ name: String(command['find']), done: 0 }) - 1, first)
    }
    if (name === 'getMore') return read(Number(command['getMore']) % 2 ** 32, next)
    if (name === 'collStats') return { count: sizes[String(command['collStats'])] ?? 0, size: 1 }
    const batch = name === 'listCollections' ? Object.keys(sizes).map((one) => ({ name: one })) : []
    return { cursor: { id: Long.ZERO, ns: 'es.x', firstBatch: batch } }
  }
}

/**
 * A million documents of 370 bytes on each side, from a server that makes them up as fast as it is asked: how fast
 * we are when started as `npm start` does, and what it takes of memory beyond what a hundredth of them takes.
 */
export const compareData = async (): Promise<readonly Outcome[]> => {
  const server = await mongodServer(madeUp())
  try {
    const asked = [...START_FLAGS, SUBJECT, `mongodb://${server.host}/`]
    const { stdout } = await promisify(execFile)(process.execPath, asked, {
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
    })
    const found = Measured.parse(JSON.parse(stdout))
    const changed = (DOCUMENTS - SHIFT) / EVERY_CHANGED
    const expected = { created: SHIFT, changed, deleted: SHIFT, same: DOCUMENTS - SHIFT - changed }
    if (JSON.stringify(found.comparison) !== JSON.stringify(expected)) {
      throw new Error(`counted ${JSON.stringify(found.comparison)}`)
    }
    const perSecond = (documents: number, ms: number): string =>
      `${Math.round(documents / (ms / 1_000)).toLocaleString('en')} documents in a second of the processor`
    const megabytes = (found.bytes / 1e6 / (found.hashedMs / 1_000)).toFixed(0)
    return [
      atMost({
        what: 'memory for comparing a million documents with a million, and hashing one of them',
        measured: found.grownMb,
        gate: MOST_MB,
        unit: 'MB',
      }),
      reported('comparison', perSecond(2 * DOCUMENTS, found.comparedMs)),
      reported('hashing', perSecond(DOCUMENTS, found.hashedMs), [`${megabytes} MB`]),
    ]
  } finally {
    await server.close()
  }
}
