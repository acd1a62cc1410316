import type { Document } from 'mongodb'
import { onTestFinished } from 'vitest'
import { mongodServer } from '../mongod-server.ts'

/**
 * A server that speaks MongoDB's wire protocol and says what the test wants: the answers that only a
 * real replica set gives. Its address, as `host:port`.
 */
export async function mongodSaying(
  answer: (command: Document, host: string) => Document | Promise<Document>,
): Promise<string> {
  const server = await mongodServer(answer)
  onTestFinished(() => server.close())
  return server.host
}
