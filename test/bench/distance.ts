// TCP proxies that put a network between two processes of this machine. In a process of its own, so
// that its timers do not wait for what is measured: node test/bench/distance.ts 50 6379 9090
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import type { Server, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { reap, spare } from '../servers/reaper.ts'

export type Distance = AsyncDisposable & {
  /** The port that leads to this one, far away. */
  readonly farFrom: (port: number) => number
  /** Takes connections and everything that is sent, and never answers. */
  readonly blackHole: number
}

const Listening = z.object({
  far: z.array(z.tuple([z.number(), z.number()])),
  blackHole: z.number(),
})

/**
 * What is sent arrives `oneWayMs` later, in both directions. Connecting takes no time: that favours
 * whoever connects anew for every question.
 */
export const distanceTo = async (oneWayMs: number, ports: readonly number[]): Promise<Distance> => {
  const here = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, [here, ...[oneWayMs, ...ports].map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid = 0 } = child
  reap({ pid })
  const [line] = await once(child.stdout, 'data')
  const { far, blackHole } = Listening.parse(JSON.parse(String(line)))
  const farPorts = new Map(far)
  return {
    blackHole,
    farFrom: (port) => {
      const found = farPorts.get(port)
      if (found === undefined) throw new Error(`no way to ${port} was asked for`)
      return found
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
      spare({ pid })
    },
  }
}

/** Timers of the same length fire in the order they were set, so nothing overtakes. */
const pipeLate = (from: Socket, to: Socket, oneWayMs: number): void => {
  from.setNoDelay(true)
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), oneWayMs))
  from.on('end', () => setTimeout(() => to.end(), oneWayMs))
  from.on('error', () => to.destroy())
  from.on('close', () => setTimeout(() => to.destroy(), 2 * oneWayMs))
}

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

if (import.meta.main) {
  const [oneWayMs = 0, ...ports] = process.argv.slice(2).map(Number)
  const farTo = (port: number): Server =>
    createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      pipeLate(near, far, oneWayMs)
      pipeLate(far, near, oneWayMs)
    })
  const far = await Promise.all(ports.map(async (port) => [port, await listening(farTo(port))]))
  const swallow = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.resume()
  })
  console.log(JSON.stringify({ far, blackHole: await listening(swallow) }))
}
