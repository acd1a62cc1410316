import type { Redis } from 'ioredis'
import { Fault } from '../../domain/base/fault.ts'
import type { TextChange } from '../../ports/cache.ts'
import type { Line } from './line.ts'

/** The bytes of a text; a structure, which GET does not read, is a fault. */
async function getText(client: Redis, key: string): Promise<Buffer | null> {
  try {
    return await client.getBuffer(key)
  } catch (error) {
    if (!isWrongType(error)) throw error
    throw noText(key, 'a list, a set or another structure')
  }
}

export const isWrongType = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('WRONGTYPE')

const noText = (key: string, what: string): Fault =>
  new Fault({
    kind: 'terminal',
    dependency: 'redis',
    detail: `the key ${key} cannot be read as a text: it holds ${what}`,
    code: 'WRONGTYPE',
  })

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export async function readText(client: Redis, key: string): Promise<string | null> {
  const bytes = await getText(client, key)
  try {
    return bytes && utf8.decode(bytes)
  } catch {
    throw noText(key, 'bytes that are not UTF-8')
  }
}

/**
 * WATCH, MULTI and EXEC instead of a script: a user who may run scripts may also stop the server
 * with one. The line must be nobody else's, and the one that watches must be the one that writes.
 */
export async function changeTexts(
  changes: readonly TextChange[],
  line: Line,
  signal: AbortSignal,
): Promise<'changed' | 'changed-meanwhile'> {
  const keys = changes.map(({ key }) => key)
  if (new Set(keys).size < keys.length) throw new RangeError('two changes of one key')
  const [, ...found] = await line.ask(
    (client) => Promise.all([client.watch(...keys), ...keys.map((key) => getText(client, key))]),
    signal,
  )
  const asSeen = changes.every(({ from }, index) => holds(found[index] ?? null, from))
  if (!asSeen) return 'changed-meanwhile'

  // Not in one write with what follows: where MULTI is refused, that would be carried out at once.
  await line.ask((client) => client.multi({ pipeline: false }), signal)
  const writes = changes.filter(({ from, to }) => from !== to)
  await line.ask(
    (client) =>
      Promise.all(
        writes.map(({ key, to }) => (to === null ? client.del(key) : client.set(key, to))),
      ),
    signal,
  )
  const replies = await line.tell((client) => client.exec(), signal)
  if (replies === null) return 'changed-meanwhile'
  const refused = replies.find(([error]) => error !== null)?.[0]
  if (refused) throw halfChanged()
  return 'changed'
}

const holds = (found: Buffer | null, expected: string | null): boolean =>
  found === null || expected === null ? found === expected : found.equals(Buffer.from(expected))

/** EXEC takes nothing back. Only a user whose rights change at that very moment should see this. */
const halfChanged = (): Fault =>
  new Fault({
    kind: 'unknown-outcome',
    dependency: 'redis',
    detail: 'some of the changes were made and some refused',
  })
