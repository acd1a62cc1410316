import { setImmediate as nextTurn } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Fault } from '../../domain/fault.ts'
import { untilAborted } from '../../domain/until-aborted.ts'
import { redisFault } from './faults.ts'

/** The caller's signal ends a command sooner; these only stand behind it. */
const connectTimeout = 10_000
const commandTimeout = 15_000
/** Holds the process that long after a connection was given up; the default is two seconds. */
const disconnectTimeout = 50

type Link = { readonly client: Redis; readonly ready: Promise<void> }

export type RedisConnection = {
  /** Runs a command on an open connection. Throws a `Fault`, or what `command` threw of its own. */
  ask<T>(command: (client: Redis) => Promise<T>, signal: AbortSignal): Promise<T>
  close(): Promise<void>
}

/**
 * One connection, opened by whoever asks first and opened anew by the next one after it broke:
 * nothing is queued, sent twice or retried in the background. ioredis knows no signals, so a
 * command that is given up takes the connection with it; its late reply would block all others.
 */
export function redisConnection(options: { url: string; ca?: string }): RedisConnection {
  let link: Link | null = null
  let closed = false
  const where = placeOf(options.url)
  // Any `tls` at all would make a plain address speak TLS.
  const { ca } = options
  const trust = ca !== undefined && options.url.startsWith('rediss:') ? { tls: { ca } } : {}

  const drop = (broken: Link): void => {
    if (link === broken) link = null
    broken.client.disconnect()
  }

  const open = (): Link => {
    const client = new Redis(options.url, {
      ...trust,
      connectionName: 'backout',
      lazyConnect: true,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: null,
      protocol: 2,
      connectTimeout,
      commandTimeout,
      disconnectTimeout,
    })
    let reported: unknown
    client.on('error', (error) => {
      reported ??= error
    })
    const connecting = async (): Promise<void> => {
      try {
        await client.connect()
      } catch (error) {
        // The reason is only in the event, which may come a moment after the rejection.
        await nextTurn()
        throw reported ?? error
      }
    }
    const opened: Link = { client, ready: connecting() }
    opened.ready.catch(() => drop(opened))
    client.once('end', () => drop(opened))
    return opened
  }

  return {
    async ask(command, signal) {
      if (closed) {
        const detail = 'the connection was closed by this program'
        throw new Fault({ kind: 'terminal', dependency: 'redis', detail })
      }
      if (signal.aborted) throw redisFault(null, { where, aborted: true })
      const current = (link ??= open())
      const work = async () => {
        await current.ready
        return await command(current.client)
      }
      try {
        return await untilAborted(work(), signal)
      } catch (error) {
        const fault = redisFault(error, { where, aborted: signal.aborted })
        if (fault.code === 'ETIMEDOUT') drop(current)
        throw fault
      }
    },

    async close() {
      closed = true
      if (link !== null) drop(link)
    },
  }
}

/** Host and port, never the user and password before them. */
function placeOf(address: string): string {
  const url = URL.parse(address)
  if (url === null || url.hostname === '') return 'its socket'
  return `${url.hostname}:${url.port || '6379'}`
}
