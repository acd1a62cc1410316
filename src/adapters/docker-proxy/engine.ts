import { request, type IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { jsonOf } from '../../domain/base/json-of.ts'

/** Of an answer that is read whole. A host with a thousand containers lists them in two megabytes. */
const MOST_BYTES = 16 * 1024 * 1024

/** What the proxy itself asks before it decides. */
const ASKING_MS = 20_000

export type Asked = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | null
  readonly signal: AbortSignal
}

/** No answer that can be used, and why; for a person. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** Over a connection of its own: what one request does cannot reach another one. */
export function ask(socketPath: string, asked: Asked): Promise<IncomingMessage> {
  const { method, path, headers = {}, body = null, signal } = asked
  const bytes = body === null ? null : Buffer.from(body)
  const ofBody: Record<string, string | number> =
    bytes === null
      ? method === 'POST'
        ? { 'content-length': 0 }
        : {}
      : { 'content-type': 'application/json', 'content-length': bytes.byteLength }
  return new Promise((resolve, reject) => {
    const sent = request({
      socketPath,
      method,
      path,
      agent: false,
      signal,
      headers: {
        host: 'docker',
        'user-agent': 'backout',
        connection: 'close',
        ...headers,
        ...ofBody,
      },
    })
    sent.once('response', (answer) => {
      // One that is given up while nobody reads it would end the process.
      answer.on('error', () => undefined)
      resolve(answer)
    })
    sent.once('error', (error: NodeJS.ErrnoException) => {
      const why = signal.aborted ? 'it took too long' : (error.code ?? error.message)
      reject(new NoAnswer(`The Engine gives no answer: ${why}.`, { cause: error }))
    })
    sent.end(bytes ?? undefined)
  })
}

/** `null`: there is none such. */
export async function get<T>(
  socketPath: string,
  schema: z.ZodType<T>,
  path: string,
): Promise<T | null> {
  const signal = AbortSignal.timeout(ASKING_MS)
  const answer = await ask(socketPath, { method: 'GET', path, signal })
  const text = await textOf(answer)
  if (answer.statusCode === 404) return null
  const parsed = schema.safeParse(answer.statusCode === 200 ? jsonOf(text) : undefined)
  if (parsed.success) return parsed.data
  throw new NoAnswer(`The Engine answers ${path} in a way that cannot be read.`)
}

export async function textOf(stream: AsyncIterable<unknown>, most = MOST_BYTES): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    bytes += chunk.byteLength
    if (bytes > most) throw new TooLong(most)
    chunks.push(chunk)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}

export class TooLong extends Error {
  override readonly name = 'TooLong'

  constructor(most: number) {
    super(`More than ${Math.round(most / 1024)} KB are not read.`)
  }
}
