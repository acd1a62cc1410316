import type { DockerHost } from '../client/client.ts'
import { actorOf, eventLines, type Actor } from '../read/event-lines.ts'

const mostBytes = 8 * 1024 * 1024
const mostEvents = 2_000

/** What happened to such containers. */
export async function eventsOf(
  host: DockerHost,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  isWanted: (actor: Actor) => boolean,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  await using answer = await host.stream({
    path: '/events',
    query: {
      since: String(fromMs / 1_000),
      // What ends in the past ends by itself.
      until: String(untilMs / 1_000),
      filters: JSON.stringify({ type: ['container'] }),
    },
    signal,
  })
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
