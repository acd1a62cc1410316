import { connect } from 'node:net'
import { outsideAddress, requireBinary } from './find.ts'
import { freePort, freshFolder, spawnServer, stoppable } from './spawn.ts'
import type { Stoppable } from './spawn.ts'

export type MongodbServer = Stoppable & {
  readonly uri: string
  /** False for FerretDB, which speaks the protocol but is not MongoDB: see ferretdb/main.go. */
  readonly outside: boolean
  readonly pids: readonly number[]
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', reject)
  })

export const startMongodb = async (options: { port?: number } = {}): Promise<MongodbServer> => {
  const outside = options.port === undefined ? outsideAddress('mongodb') : undefined
  if (outside) {
    return { uri: outside, outside: true, pids: [], ...stoppable(new AsyncDisposableStack()) }
  }
  const command = requireBinary('mongodb', 'ferretdb')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('mongodb'))
  const port = options.port ?? (await freePort())
  const server = starting.use(
    await spawnServer({
      name: 'mongodb (ferretdb)',
      command,
      args: ['-listen', `127.0.0.1:${port}`, '-data', folder.path],
      ready: () => listens(port),
    }),
  )
  const uri = `mongodb://127.0.0.1:${port}/`
  return { uri, outside: false, pids: [server.pid], ...stoppable(starting.move()) }
}
