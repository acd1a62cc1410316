import type { DockerHost } from '../client/client.ts'
import { actorOf, eventLines, type Actor } from '../read/event-lines.ts'
import { openEvents } from '../read/open-events.ts'

const mostBytes = 8 * 1024 * 1024
const mostEvents = 2_000

/** What happened to such containers. */
export async function eventsOf(
  host: DockerHost,
  during: Parameters<typeof openEvents>[1],
  isWanted: (actor: Actor) => boolean,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  await using answer = await openEvents(host, during, { signal })
  const events: unknown[] = []
  for await (const event of eventLines(upTo(answer.chunks))) {
    if (isWanted(actorOf(event))) events.push(event)
  }
  return events.slice(-mostEvents)
}

async function* upTo(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    yield chunk
    bytes += chunk.byteLength
    if (bytes > mostBytes) return
  }
}
