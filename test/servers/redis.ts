import { connect } from 'node:net'
import { outsideAddress, requireBinary } from './find.ts'
import { freePort, freshFolder, spawnServer, stoppable } from './spawn.ts'
import type { Stoppable } from './spawn.ts'

export type RedisOptions = {
  readonly password?: string
  readonly port?: number
  readonly args?: readonly string[]
}

export type RedisServer = Stoppable & {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly pids: readonly number[]
}

/** One inline command over a raw socket, so that a launcher needs no client library. */
export const askRedis = (host: string, port: number, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(`${command}\r\n`))
    socket.setEncoding('utf8').setTimeout(1_000, () => socket.destroy(new Error('Redis is silent')))
    socket.once('data', (reply) => {
      resolve(String(reply).trimEnd())
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('Redis closed the connection')))
  })

/** A server of somebody else's serves the tests that ask for nothing particular. */
export const startRedis = async (options: RedisOptions = {}): Promise<RedisServer> => {
  const outside = Object.keys(options).length === 0 ? outsideAddress('redis') : undefined
  if (outside) {
    const { hostname, port } = new URL(outside)
    const nothing = stoppable(new AsyncDisposableStack())
    return { url: outside, host: hostname, port: Number(port || 6379), pids: [], ...nothing }
  }
  const command = requireBinary('redis', 'redis-server')
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('redis'))
  const host = '127.0.0.1'
  const port = options.port ?? (await freePort())
  const server = starting.use(
    await spawnServer({
      name: 'redis',
      command,
      args: [
        `--bind ${host}`,
        `--port ${port}`,
        `--dir ${folder.path}`,
        '--save ""',
        '--appendonly no',
        ...(options.password === undefined ? [] : ['--requirepass', options.password]),
        ...(options.args ?? []),
      ],
      ready: async () => /^(\+PONG|-NOAUTH)/.test(await askRedis(host, port, 'PING')),
    }),
  )
  const login = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`
  const url = `redis://${login}${host}:${port}`
  return { url, host, port, pids: [server.pid], ...stoppable(starting.move()) }
}
