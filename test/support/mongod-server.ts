import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { BSON } from 'mongodb'
import type { Document } from 'mongodb'

const header = 16
const opReply = 1
const opQuery = 2004
const opMsg = 2013

/** What is said to a command; bytes are sent as they are. */
type Answer = (command: Document, host: string) => Document | Buffer | Promise<Document>

/** Speaks MongoDB's wire protocol, and says what it is told to say. `host` is `name:port`. */
export async function mongodServer(
  answer: Answer,
): Promise<{ readonly host: string; close(): Promise<void> }> {
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
  const { port } = server.address() as AddressInfo
  host = `127.0.0.1:${port}`
  return {
    host,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
async function replyTo(
  message: Buffer,
  answer: (command: Document) => ReturnType<Answer>,
): Promise<Buffer> {
  const isQuery = message.readInt32LE(12) === opQuery
  // After the flags: a name ending in zero and two numbers, or one byte for the kind of section.
  const start = isQuery ? message.indexOf(0, header + 4) + 1 + 8 : header + 4 + 1
  const size = message.readInt32LE(start)
  const command = BSON.deserialize(message.subarray(start, start + size))
  const said = await answer(command)
  const document = Buffer.isBuffer(said) ? said : BSON.serialize({ ok: 1, ...said })
  const before = Buffer.alloc(header + (isQuery ? 20 : 5))
  before.writeInt32LE(before.length + document.length, 0)
  before.writeInt32LE(message.readInt32LE(4), 8)
  before.writeInt32LE(isQuery ? opReply : opMsg, 12)
  if (isQuery) before.writeInt32LE(1, header + 16)
  return Buffer.concat([before, document])
}
