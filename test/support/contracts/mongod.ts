import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { BSON } from 'mongodb'
import type { Document } from 'mongodb'
import { onTestFinished } from 'vitest'
import { portOf } from './outside.ts'

const header = 16
const opReply = 1
const opQuery = 2004
const opMsg = 2013

/**
 * A server that speaks MongoDB's wire protocol and says what the test wants: the answers that only a
 * real replica set gives. Its address, as `host:port`.
 */
export async function mongodSaying(
  answer: (command: Document, host: string) => Document | Promise<Document>,
): Promise<string> {
  const sockets = new Set<Socket>()
  let host = ''
  const server = createServer((socket) => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= header && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0))
        received = received.subarray(message.length)
        void replyTo(message, (command) => answer(command, host)).then((reply) => {
          socket.write(reply)
        })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  host = `127.0.0.1:${portOf(server.address())}`
  return host
}

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
async function replyTo(
  message: Buffer,
  answer: (command: Document) => Document | Promise<Document>,
): Promise<Buffer> {
  const isQuery = message.readInt32LE(12) === opQuery
  // After the flags: a name ending in zero and two numbers, or one byte for the kind of section.
  const start = isQuery ? message.indexOf(0, header + 4) + 1 + 8 : header + 4 + 1
  const size = message.readInt32LE(start)
  const command = BSON.deserialize(message.subarray(start, start + size))
  const document = BSON.serialize({ ok: 1, ...(await answer(command)) })
  const before = Buffer.alloc(header + (isQuery ? 20 : 5))
  before.writeInt32LE(before.length + document.length, 0)
  before.writeInt32LE(message.readInt32LE(4), 8)
  before.writeInt32LE(isQuery ? opReply : opMsg, 12)
  if (isQuery) before.writeInt32LE(1, header + 16)
  return Buffer.concat([before, document])
}

const limits = {
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
}

export const standaloneHello = { ...limits, isWritablePrimary: true }

/** The only member of its set. */
export const primaryHello = (host: string): Document => ({
  ...limits,
  setName: 'rs0',
  hosts: [host],
  me: host,
  isWritablePrimary: true,
})

/** What a secondary says while its set has no primary. */
export const secondaryHello = (host: string): Document => ({
  ...limits,
  setName: 'rs0',
  hosts: [host],
  me: host,
  isWritablePrimary: false,
  secondary: true,
})

/** What a member says that is neither: starting, recovering, without a vote. */
export const otherHello = (host: string): Document => ({
  ...secondaryHello(host),
  secondary: false,
})
