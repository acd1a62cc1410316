import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { callOf } from '../../src/adapters/docker-proxy/calls.ts'
import { engineProxy } from '../../src/adapters/docker-proxy/proxy.ts'
import type { SwitchedVariables } from '../../src/adapters/docker-proxy/facts.ts'
import type { ConfiguredJob } from '../../src/adapters/docker-proxy/job.ts'
import type { ConfiguredServices } from '../../src/adapters/docker-proxy/membership.ts'
import { freshFolder, stoppable, type Stoppable } from '../servers/spawn.ts'

export type ProxiedEngine = Stoppable & {
  readonly socketPath: string
  /** What came, by the names of the proxy's own list; what is not on it, by its first line. */
  readonly calls: () => ReadonlySet<string>
  /** What it refused, as it said it. */
  readonly refusals: () => readonly string[]
}

/** The proxy in front of a real Engine, and in front of that something that writes down what is asked. */
export const proxiedEngine = async (
  engine: string,
  services: ConfiguredServices,
  variables: SwitchedVariables = {},
  job: ConfiguredJob | null = null,
): Promise<ProxiedEngine> => {
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('engine-proxy')).path
  const listen = join(folder, 'proxy.sock')
  const socketPath = join(folder, 'heard.sock')
  const calls = new Set<string>()
  const refusals: string[] = []
  const log = {
    info: () => undefined,
    warn: (_: string, facts: Readonly<Record<string, unknown>> = {}) => {
      if (facts['status'] === 403) refusals.push(String(facts['because']))
    },
    error: () => undefined,
  }
  const ownId = async () => null
  const proxy = await engineProxy({ listen, engine, services, variables, job, log, ownId })
  starting.defer(() => proxy.stop())
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(listen)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => sockets.delete(socket))
    }
    near.on('data', (data) => {
      for (const [, method = '', url = ''] of lines(String(data))) {
        const call = callOf(method, url)
        calls.add(typeof call === 'string' ? `${method} ${url}` : call.name)
      }
    })
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  starting.defer(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { socketPath, calls: () => calls, refusals: () => refusals, ...stoppable(starting.move()) }
}

const lines = (text: string) => text.matchAll(/^(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP\/1\.1\r$/gm)
