import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { WRITE_FORESEEN } from '../../src/adapters/postgres/foreseen.ts'
import { preparedAs } from '../../src/adapters/postgres/prepared.ts'
import type { Stoppable } from './spawn.ts'

/** What becomes of the next COMMIT that passes, or of the next statement that is a transaction of its own. */
export type CommitFate =
  /** It never arrives, and the connection is cut. */
  | 'lost'
  /** It never arrives, and nothing else on that connection either way: whoever sent it is frozen. */
  | 'unsent'
  /** It arrives only when it is delivered, after whoever sent it has given up. */
  | 'late'
  /** It is carried out; its answer is lost, and the connection is cut. */
  | 'unanswered'
  /** It is carried out, and nothing passes on that connection any more, without a word. */
  | 'frozen'
  /** It is carried out, and from then on nobody is let in. */
  | 'last'

export type CommitProxy = Stoppable & {
  readonly port: number
  readonly next: (fate: CommitFate) => void
  readonly deliver: () => void
  /** Lets connections in again. */
  readonly open: () => void
}

const COMMITS = ['COMMIT\0', preparedAs(WRITE_FORESEEN)].map((text) => Buffer.from(text))

/** Stands before a PostgreSQL without TLS. */
export const startCommitProxy = async (target: number): Promise<CommitProxy> => {
  let fate: CommitFate | null = null
  let isShut = false
  let deliver = (): void => undefined
  const sockets = new Set<Socket>()
  const kept = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    return socket
  }

  const server = createServer((client) => {
    kept(client)
    if (isShut) return client.destroy()
    const database = kept(connect(target, '127.0.0.1'))
    let now: CommitFate | null = null
    const cut = (): void => {
      client.destroy()
      database.destroy()
    }
    client.on('data', (chunk) => {
      if (now === 'frozen' || now === 'unsent' || now === 'late') return
      if (fate !== null && COMMITS.some((commit) => chunk.includes(commit))) {
        now = fate
        fate = null
        if (now === 'last') isShut = true
        if (now === 'lost') return cut()
        if (now === 'late') deliver = () => void database.write(chunk)
        if (now === 'unsent' || now === 'late') return
      }
      database.write(chunk)
    })
    database.on('data', (chunk) => {
      if (now === null) client.write(chunk)
      else if (now !== 'frozen' && now !== 'unsent' && now !== 'late') cut()
    })
    client.on('close', () => {
      if (now !== 'frozen' && now !== 'unsent' && now !== 'late') database.destroy()
    })
    return database.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    port: (server.address() as AddressInfo).port,
    next: (what) => {
      fate = what
    },
    deliver: () => deliver(),
    open: () => {
      isShut = false
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
