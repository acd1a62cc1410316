import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, ReadPreference } from 'mongodb'
import type { Document } from 'mongodb'
import { Fault } from '../../domain/base/fault.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import { endAtServer } from './end-at-server.ts'
import { mongodbFault } from './faults.ts'

const selectionTimeoutMs = 1_500
const connectTimeoutMS = 2_000
/** Ends a command at the server, should it not notice that we went away. */
const maxTimeMS = 5_000
const closeTimeoutMs = 500
/** As many commands as an assessment asks: with fewer connections it would take two ways there and back. */
const AT_ONCE = 6
/** A set without a primary can still say that it has none. */
const readPreference = ReadPreference.primaryPreferred

export type MongodbAddress = {
  readonly uri: string
  /** PEM text; replaces the system's authorities. */
  readonly ca?: string
  /** Whom it asks; the primary, or while there is none another one. */
  readonly asks?: ReadPreference
}

type Link = { readonly client: MongoClient; readonly ready: Promise<unknown> }

export type Used = {
  readonly client: MongoClient
  readonly signal: AbortSignal
  /** Goes with everything that is sent: what still runs at the server when the signal ends is found by it. */
  readonly comment: string
  /** Right before a write is sent: from then on its outcome may be unknown. */
  readonly writes: () => void
}

export type MongodbConnection = {
  /** Its hosts, without a password. */
  readonly where: string
  /** Runs a reading command in that database, or in `admin`. Throws a `Fault`. */
  command(command: Document, signal: AbortSignal, database?: string): Promise<Document>
  /**
   * Runs something longer, which ends with the signal alone, here and at the server. Throws a `Fault`; of a
   * write whose answer did not come, one of unknown outcome.
   */
  use<T>(work: (used: Used) => Promise<T>, signal: AbortSignal): Promise<T>
  close(): Promise<void>
}

/**
 * A client that could not connect is thrown away and the next question makes a new one: the driver
 * leaves it with a closed topology for good, for one when a signal ended its implicit connect.
 */
export function mongodbConnection(options: MongodbAddress): MongodbConnection {
  let link: Link | null = null
  let closed = false
  let heartbeat: unknown

  const drop = (broken: Link): Promise<void> => {
    if (link === broken) link = null
    return broken.client.close().catch(() => undefined)
  }

  const open = (): Link => {
    const client = clientOf(options)
    client.on('serverHeartbeatFailed', ({ failure }) => {
      heartbeat = failure
    })
    client.on('serverHeartbeatSucceeded', () => {
      heartbeat = undefined
    })
    const opened: Link = { client, ready: client.connect() }
    opened.ready.catch(() => drop(opened))
    return opened
  }

  // Said before the first question, so that a wrong address stops the start.
  const where = clientOf(options).options.hosts.map(String).join(', ') || 'its SRV record'

  const current = (signal: AbortSignal): Link => {
    if (closed) {
      const detail = 'the connection was closed by this program'
      throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
    }
    if (signal.aborted) throw mongodbFault(null, { where, aborted: true, heartbeat })
    return (link ??= open())
  }

  return {
    where,

    async command(command, signal, database = 'admin') {
      const { client, ready } = current(signal)
      try {
        await untilAborted(ready, signal)
        const timed = { ...command, maxTimeMS }
        const asked = client.db(database).command(timed, { signal, readPreference })
        return await untilAborted(asked, signal)
      } catch (error) {
        throw mongodbFault(error, { where, aborted: signal.aborted, heartbeat })
      }
    },

    async use(work, signal) {
      const { client, ready } = current(signal)
      const comment = `backout ${randomUUID()}`
      let sent: 'reads' | 'a write' = 'reads'
      const writes = (): void => {
        sent = 'a write'
      }
      try {
        await untilAborted(ready, signal)
        return await untilAborted(work({ client, comment, signal, writes }), signal)
      } catch (error) {
        const { aborted } = signal
        if (aborted && !closed) endAtServer(client, comment)
        throw mongodbFault(error, { where, aborted, heartbeat, sent })
      }
    },

    /** Saying goodbye to a frozen server takes the driver seconds; nobody waits for that. */
    async close() {
      closed = true
      const waited = new AbortController()
      const late = sleep(closeTimeoutMs, undefined, waited).catch(() => undefined)
      if (link !== null) await Promise.race([drop(link), late])
      waited.abort()
    },
  }
}

function clientOf({ uri, ca, asks = readPreference }: MongodbAddress): MongoClient {
  try {
    return new MongoClient(uri, {
      ...(ca === undefined ? {} : { ca }),
      appName: 'backout',
      // Of the client too, not only of its commands: connecting selects a server by it.
      readPreference: asks,
      serverSelectionTimeoutMS: selectionTimeoutMs,
      connectTimeoutMS,
      maxPoolSize: AT_ONCE,
    })
  } catch {
    // The parser's own words may quote the address, with the password in it.
    const detail = 'its address is not a MongoDB connection string'
    throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
  }
}
