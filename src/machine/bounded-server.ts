import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Fault } from '../domain/base/fault.ts'
import { waitingRoom, type WaitingRoom } from '../domain/base/waiting-room.ts'

/** What strangers within reach may cost a server. */
export type ServerLimits = {
  readonly mostConnections: number
  /** From the connection until the headers, and until the whole request, are there. */
  readonly headersMs: number
  readonly requestMs: number
}

/** The times, as Node's servers take them. */
export function timesOf({ headersMs, requestMs }: Omit<ServerLimits, 'mostConnections'>) {
  return {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // How often Node looks for those that are over.
    connectionsCheckingInterval: Math.min(headersMs, 1_000),
  }
}

/** Whoever has waited longest makes way for the next one. The room, for whoever knows better who still waits. */
export function bound(
  server: Server,
  { mostConnections, requestMs }: Omit<ServerLimits, 'headersMs'>,
): WaitingRoom<Socket> {
  const room = waitingRoom<Socket>({
    mostGuests: mostConnections,
    mostBytes: 0,
    turnOut: (socket) => socket.destroy(),
  })
  server.on('connection', (socket: Socket) => {
    room.enter(socket)
    socket.once('close', () => room.leave(socket))
  })
  server.timeout = requestMs
  return room
}

type Address = {
  readonly host: string
  readonly port: number
  /** What it is, and which settings say where it listens. */
  readonly of: { readonly dependency: string; readonly settings: string }
}

/** The port that it listens on. Rejects with the `Fault` that keeps it from that. */
export function listening(server: Server, address: Address): Promise<number> {
  const { host, port } = address
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, address)))
    server.listen(port, host, () => {
      const given = server.address()
      resolve(typeof given === 'object' && given ? given.port : port)
    })
  })
}

function cannotListen(error: Error, { host, port, of }: Address): Fault {
  const code = 'code' in error ? String(error.code) : null
  const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${code})`
  const detail = `${host}:${port} ${why}; set ${of.settings}`
  return new Fault({ kind: 'terminal', dependency: of.dependency, code, detail, cause: error })
}

/** Ends it now, whoever is still there. */
export function closedNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
