import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { portOf } from './contracts/outside.ts'

/** A port of this machine at another one of its addresses, as containers need it to reach a server on 127.0.0.1. */
export async function forwarded(
  port: number,
  at: string,
): Promise<AsyncDisposable & { readonly port: number }> {
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1' })
    for (const one of [near, far]) {
      open.add(one)
      one.once('close', () => open.delete(one))
      one.on('error', () => one.destroy())
    }
    near.pipe(far).pipe(near)
  })
  server.listen(0, at)
  await once(server, 'listening')
  return {
    port: portOf(server.address()),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
