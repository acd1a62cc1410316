import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, ReadPreference } from 'mongodb'
import type { Document } from 'mongodb'
import { Fault } from '../../domain/base/fault.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import { mongodbFault } from './faults.ts'

const selectionTimeoutMs = 1_500
const connectTimeoutMS = 2_000
/** Ends a command at the server, should it not notice that we went away. */
const maxTimeMS = 5_000
const closeTimeoutMs = 500
/** A set without a primary can still say that it has none. */
const readPreference = ReadPreference.primaryPreferred

type Link = { readonly client: MongoClient; readonly ready: Promise<unknown> }

export type MongodbConnection = {
  /** Runs a reading command in that database, or in `admin`. Throws a `Fault`. */
  command(command: Document, signal: AbortSignal, database?: string): Promise<Document>
  close(): Promise<void>
}

/**
 * A client that could not connect is thrown away and the next question makes a new one: the driver
 * leaves it with a closed topology for good, for one when a signal ended its implicit connect.
 */
export function mongodbConnection(options: { uri: string; ca?: string }): MongodbConnection {
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

  return {
    async command(command, signal, database = 'admin') {
      if (closed) {
        const detail = 'the connection was closed by this program'
        throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
      }
      if (signal.aborted) throw mongodbFault(null, { where, aborted: true, heartbeat })
      const { client, ready } = (link ??= open())
      try {
        await untilAborted(ready, signal)
        const timed = { ...command, maxTimeMS }
        const asked = client.db(database).command(timed, { signal, readPreference })
        return await untilAborted(asked, signal)
      } catch (error) {
        throw mongodbFault(error, { where, aborted: signal.aborted, heartbeat })
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

function clientOf({ uri, ca }: { uri: string; ca?: string }): MongoClient {
  try {
    return new MongoClient(uri, {
      ...(ca === undefined ? {} : { ca }),
      appName: 'backout',
      // Of the client too, not only of its commands: connecting selects a server by it.
      readPreference,
      serverSelectionTimeoutMS: selectionTimeoutMs,
      connectTimeoutMS,
      maxPoolSize: 4,
    })
  } catch {
    // The parser's own words may quote the address, with the password in it.
    const detail = 'its address is not a MongoDB connection string'
    throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
  }
}
