import { z } from 'zod'
import { jsonOf } from '../../../domain/base/json-of.ts'
import type { DockerHost } from '../client/client.ts'
import type { membershipOf } from '../read/members.ts'

/** Its labels are told beside its name. */
const Event = z.looseObject({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
})

/** The container that something happened to; it may be gone. */
export type Actor = Parameters<typeof membershipOf>[1]

const mostBytes = 8 * 1024 * 1024
const mostEvents = 2_000

/** What happened to such containers. Their health checks, which a host counts among it, are left out. */
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
  const decoder = new TextDecoder()
  const events: unknown[] = []
  let text = ''
  let bytes = 0
  for await (const chunk of answer.chunks) {
    bytes += chunk.byteLength
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const event = Event.safeParse(jsonOf(line)).data
      if (!event || event.Action.startsWith('exec_')) continue
      const { ID: id, Attributes: labels } = event.Actor
      if (isWanted({ id, name: labels['name'] ?? '', labels })) events.push(event)
    }
    if (bytes > mostBytes) break
  }
  return events.slice(-mostEvents)
}
