import { z } from 'zod'
import { Fault } from '../domain/base/fault.ts'
import { Event, type JournaledEvent } from '../domain/incident/event.ts'
import { ofNewerVersion } from '../domain/incident/newer-version.ts'
import { unknownField } from '../domain/text/unknown-field.ts'
import type { Followed } from '../ports/journal.ts'

const Stored = z.object({
  incident: z.string(),
  sequence: z.int(),
  at: z.string(),
  body: z.string(),
})

const Typed = z.object({ type: z.string() })

/** A row that cannot be an event of ours stops the reading of that incident (J3). */
export function parseStored(stored: unknown): JournaledEvent {
  const { incident, sequence, at, body } = orDamaged(() => Stored.parse(stored))
  const written: unknown = orDamaged(() => JSON.parse(body))
  const { type } = orDamaged(() => Typed.parse(written))
  const { data: event, error } = Event.safeParse(written)
  if (!event) throw ofNewerVersion(type, error)
  // Without it this would act on half of what was written.
  const field = unknownField(written, event)
  if (field !== null) throw ofNewerVersion(`${type}: ${field}`)
  return { incident, sequence, at, event }
}

/** For whoever follows all incidents: the bad row of one does not stop the others. */
export function parseFollowed(rows: readonly unknown[]): Pick<Followed, 'events' | 'unreadable'> {
  const events: JournaledEvent[] = []
  const unreadable = new Set<string>()
  for (const row of rows) {
    try {
      events.push(parseStored(row))
    } catch {
      const { data } = Stored.pick({ incident: true }).safeParse(row)
      if (data) unreadable.add(data.incident)
    }
  }
  return { events, unreadable: [...unreadable] }
}

function orDamaged<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (cause) {
    throw new Fault({
      kind: 'terminal',
      dependency: 'journal',
      detail: 'an event in the journal cannot be read; run verify-journal',
      cause,
    })
  }
}
