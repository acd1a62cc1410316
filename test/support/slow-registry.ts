import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { portOf } from './contracts/outside.ts'

/** What a port sends comes at this speed, over all connections; what is sent to it goes at once. */
export const slowedDown = async (
  port: number,
  bytesPerSecond: number,
): Promise<AsyncDisposable & { readonly port: number }> => {
  const open = new Set<Socket>()
  let freeAtMs = 0
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1' })
    for (const one of [near, far]) {
      open.add(one)
      one.once('close', () => open.delete(one))
      one.on('error', () => one.destroy())
    }
    near.once('close', () => far.destroy())
    near.pipe(far)
    void (async () => {
      for await (const chunk of far) {
        if (!(chunk instanceof Uint8Array)) continue
        const nowMs = performance.now()
        freeAtMs = Math.max(freeAtMs, nowMs) + (1_000 * chunk.byteLength) / bytesPerSecond
        await pause(freeAtMs - nowMs)
        near.write(chunk)
      }
      near.end()
    })().catch(() => near.destroy())
  })
  server.listen(0, '127.0.0.1')
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
