import { setTimeout as sleep } from 'node:timers/promises'
import { MongoServerError, Timestamp, type ChangeStream } from 'mongodb'
import { z } from 'zod'
import { readKeptName } from '../../../domain/data/kept-name.ts'
import { inDigits } from '../../../domain/text/amounts.ts'
import type { WrittenSince } from '../../../ports/collections.ts'
import type { Used } from '../connection.ts'

/** Of one look. With more, nobody counts on. */
const mostEvents = 50_000
const awaitMs = 250
const noLog = 'only a replica set keeps a log of what is written'

/** A place in the log: seconds, and which of that second. */
const Moment = z.string().regex(/^\d{1,10}:\d{1,10}$/)

const Answered = z.object({ setName: z.string().optional(), operationTime: z.unknown().optional() })

async function operationTime({ client, signal }: Used): Promise<Timestamp | null> {
  const { setName, operationTime: time } = Answered.parse(
    await client.db('admin').command({ hello: 1 }, { signal }),
  )
  return setName !== undefined && time instanceof Timestamp ? time : null
}

export async function momentOf(used: Used): Promise<string | null> {
  const time = await operationTime(used)
  return time === null ? null : `${time.t}:${time.i}`
}

/** Only of the driver's own types: it comes decoded. */
const Event = z.object({
  operationType: z.string(),
  ns: z.object({ coll: z.string().optional() }).optional(),
  to: z.object({ coll: z.string() }).optional(),
  clusterTime: z.instanceof(Timestamp),
})

/** How far the log has been read: such a token begins with that. */
const Token = z.object({ _data: z.string().regex(/^82[0-9A-F]{16}/i) })

function readUntil(stream: ChangeStream): Timestamp | null {
  const parsed = Token.safeParse(stream.resumeToken)
  if (!parsed.success) return null
  const { _data: data } = parsed.data
  const part = (from: number): number => Number.parseInt(data.slice(from, from + 8), 16)
  return new Timestamp({ t: part(2), i: part(10) })
}

/** Nothing more is to come of what was written before `end`. */
const isPast = (time: Timestamp | null, end: Timestamp): boolean =>
  time !== null && time.greaterThanOrEqual(end)

export async function writtenSince(
  used: Used,
  {
    database,
    moment,
    names,
  }: {
    readonly database: string
    readonly moment: string
    readonly names: readonly string[]
  },
): Promise<WrittenSince> {
  const end = await operationTime(used)
  if (end === null) return { kind: 'not-known', because: noLog }
  const [t = 0, i = 0] = Moment.parse(moment).split(':').map(Number)
  const stream = used.client
    .db(database)
    .watch(
      [
        { $match: { 'ns.coll': { $in: names } } },
        { $project: { operationType: 1, ns: 1, to: 1, clusterTime: 1 } },
      ],
      {
        // The moment itself is what had been written by then.
        startAtOperationTime: new Timestamp({ t, i: i + 1 }),
        maxAwaitTimeMS: awaitMs,
        comment: used.comment,
      },
    )
  const over = (): void => void stream.close().catch(() => undefined)
  used.signal.addEventListener('abort', over, { once: true })
  try {
    return await countedUntil(end, stream)
  } catch (error) {
    const because = notTold(error)
    if (because === null || used.signal.aborted) throw error
    return { kind: 'not-known', because }
  } finally {
    used.signal.removeEventListener('abort', over)
    over()
  }
}

/** Where there is no log, nobody waits for what nobody could hear. */
export async function quiet(
  used: Used,
  {
    database,
    names,
    forMs,
  }: {
    readonly database: string
    readonly names: readonly string[]
    readonly forMs: number
  },
): Promise<WrittenSince> {
  const moment = await momentOf(used)
  if (moment === null) return { kind: 'not-known', because: noLog }
  await sleep(forMs, undefined, { signal: used.signal })
  return writtenSince(used, { database, moment, names })
}

async function countedUntil(end: Timestamp, stream: ChangeStream): Promise<WrittenSince> {
  const counts = new Map<string, number>()
  for (let seen = 0; seen <= mostEvents;) {
    const next: unknown = await stream.tryNext()
    if (next === null) {
      if (!isPast(readUntil(stream), end)) continue
      return { kind: 'counted', writes: [...counts].map(([name, writes]) => ({ name, writes })) }
    }
    const { operationType, ns, to, clusterTime } = Event.parse(next)
    if (clusterTime.greaterThan(end)) {
      return { kind: 'counted', writes: [...counts].map(([name, writes]) => ({ name, writes })) }
    }
    seen += 1
    const isOurs = operationType === 'rename' && to !== undefined && isKept(ns?.coll, to.coll)
    const name = ns?.coll
    if (!isOurs && name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const because = `more than ${inDigits(mostEvents)} documents were written since`
  return { kind: 'not-known', because }
}

/** Out of the way, or back into its place. */
const isKept = (from: string | undefined, to: string): boolean =>
  readKeptName(to) !== null || (from !== undefined && readKeptName(from) !== null)

const WHY: Readonly<Record<string, string>> = {
  ChangeStreamHistoryLost: 'the log of the server begins later',
  Unauthorized: 'the account may not read the log (it needs the right changeStream)',
  CommandNotFound: noLog,
  NotImplemented: noLog,
}

function notTold(error: unknown): string | null {
  return error instanceof MongoServerError ? (WHY[error.codeName ?? ''] ?? null) : null
}
