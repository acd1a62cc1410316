import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { portOf } from './contracts/outside.ts'

const opMsg = 2013
/** Header, flags, the kind of section, and the size and the type in front of the first name. */
const nameAt = 16 + 4 + 1 + 4 + 1

export type OnCommand = (
  command: string,
) => Promise<'pass' | 'lose-the-reply' | 'hang-up' | 'be-gone'>

/** A message of the wire protocol begins with its size. */
function* messagesOf(received: Buffer): Generator<Buffer> {
  for (let at = 0; at + 4 <= received.length;) {
    const end = at + received.readInt32LE(at)
    if (end > received.length) return
    yield received.subarray(at, end)
    at = end
  }
}

/** The first field of a command is its name. */
function commandOf(message: Buffer): string {
  if (message.readInt32LE(12) !== opMsg) return 'hello'
  return message.toString('utf8', nameAt, message.indexOf(0, nameAt))
}

/**
 * In front of a MongoDB, somebody who sees every command before it is passed on, and may hang up then, or
 * swallow the answer. Its address.
 */
export async function mongodbProxy(uri: string, onCommand: OnCommand): Promise<string> {
  const { hostname, port } = new URL(uri)
  const sockets = new Set<Socket>()
  const endAll = (): void => sockets.forEach((socket) => socket.destroy())
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname)
    let losing = false
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true).on('error', () => undefined)
      socket.on('close', () => [near, far].forEach((one) => one.destroy()))
    }
    let received = Buffer.alloc(0)
    let before = Promise.resolve()
    const passOn = async (message: Buffer): Promise<void> => {
      const what = await onCommand(commandOf(message))
      if (what === 'be-gone') {
        proxy.close()
        endAll()
      }
      if (what === 'hang-up') near.destroy()
      if (what === 'lose-the-reply') losing = true
      if (what === 'pass' || what === 'lose-the-reply') far.write(message)
    }
    near.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      for (const message of messagesOf(received)) {
        received = received.subarray(message.length)
        before = before.then(() => passOn(message))
      }
    })
    far.on('data', (chunk) => (losing ? near.destroy() : near.write(chunk)))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    endAll()
    await new Promise((resolve) => proxy.close(resolve))
  })
  return `mongodb://127.0.0.1:${portOf(proxy.address())}/`
}
