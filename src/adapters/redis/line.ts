import { setImmediate as nextTurn } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { RedisAddress } from './address.ts'
import { redisFault } from './faults.ts'

/** The caller's signal ends a command sooner; these only stand behind it. */
const connectTimeout = 10_000
const commandTimeout = 15_000
/** Holds the process that long after a connection was given up; the default is two seconds. */
const disconnectTimeout = 50

type Asked = <T>(command: (client: Redis) => Promise<T>, signal: AbortSignal) => Promise<T>

/** One TCP connection to one database. Once broken it stays broken: what it watched is not forgotten. */
export type Line = {
  /** Runs a command that changes nothing. Throws a `Fault`. */
  readonly ask: Asked
  /** Runs one that writes: sent once, and of unknown outcome when no answer came. */
  readonly tell: Asked
  readonly close: () => void
}

/**
 * Connects when it is first asked. Nothing is queued, sent twice or retried in the background.
 * ioredis knows no signals, so a command that is given up takes the connection with it; its late
 * reply would block all others.
 */
export function redisLine(
  address: RedisAddress,
  options: { readonly ca?: string; readonly onEnd: (line: Line) => void },
): Line {
  const client = new Redis({
    host: address.host,
    port: address.port,
    username: address.username,
    password: address.password,
    ...(address.family === null ? {} : { family: address.family }),
    // Any `tls` at all would make a plain address speak TLS.
    ...(address.tls ? { tls: options.ca === undefined ? {} : { ca: options.ca } } : {}),
    connectionName: 'backout',
    // CLIENT SETINFO: one more command to be allowed, for nothing.
    disableClientInfo: true,
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
  client.once('end', close)

  function close(): void {
    options.onEnd(line)
    client.disconnect()
  }

  async function connect(): Promise<void> {
    try {
      await client.connect()
    } catch (error) {
      // The reason is only in the event, which may come a moment after the rejection.
      await nextTurn()
      throw reported ?? error
    }
    // Not left to ioredis: where its SELECT is refused it goes on in database 0.
    if (address.database !== 0) await client.select(address.database)
  }

  let connecting: Promise<void> | null = null
  const ready = (): Promise<void> => {
    if (connecting === null) {
      connecting = connect()
      connecting.catch(close)
    }
    return connecting
  }

  const running =
    (writes: boolean): Asked =>
    async (command, signal) => {
      const { where } = address
      if (signal.aborted) throw redisFault(null, { where, aborted: true, written: false })
      let sent = false
      const work = async () => {
        await ready()
        // Nothing may be sent for somebody who has left.
        signal.throwIfAborted()
        sent = true
        return await command(client)
      }
      try {
        return await untilAborted(work(), signal)
      } catch (error) {
        const written = writes && sent
        const fault = redisFault(error, { where, aborted: signal.aborted, written })
        if (fault.code === 'ETIMEDOUT') close()
        throw fault
      }
    }

  const line: Line = { ask: running(false), tell: running(true), close }
  return line
}
