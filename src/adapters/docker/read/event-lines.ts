import { z } from 'zod'
import { jsonOf } from '../../../domain/base/json-of.ts'
import type { membershipOf } from './members.ts'

/** Its labels are told beside its name. */
const Event = z.looseObject({
  Action: z.string(),
  /** Seconds since the epoch, by the clock of the host. */
  time: z.number().default(0),
  timeNano: z.number().default(0),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
})
export type EngineEvent = z.infer<typeof Event>

/** The container that something happened to; it may be gone. */
export type Actor = Parameters<typeof membershipOf>[1]

const longestLine = 64 * 1024

/** What happened to containers, as it comes. Their health checks, which a host counts among it, are left out. */
export async function* eventLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<EngineEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n')
    text = lines.pop() ?? ''
    // No container has as many labels: what comes is no event, and is not kept.
    if (text.length > longestLine) text = ''
    for (const line of lines) {
      const event = Event.safeParse(jsonOf(line)).data
      if (event && !event.Action.startsWith('exec_')) yield event
    }
  }
}

/** By the clock of the host. */
export function atMsOf({ time, timeNano }: EngineEvent): number {
  return Math.floor(timeNano / 1_000_000) || time * 1_000
}

export function actorOf({ Actor: { ID: id, Attributes: labels } }: EngineEvent): Actor {
  return { id, name: labels['name'] ?? '', labels }
}
