import { z } from 'zod'
import { Fault } from '../domain/base/fault.ts'
import { Event, type JournaledEvent } from '../domain/incident/event.ts'

const Stored = z.object({
  incident: z.string(),
  sequence: z.int(),
  at: z.string(),
  body: z.string(),
})

/** A row that cannot be an event of ours stops the reading of that incident (J3). */
export function parseStored(stored: unknown): JournaledEvent {
  try {
    const { incident, sequence, at, body } = Stored.parse(stored)
    return { incident, sequence, at, event: Event.parse(JSON.parse(body)) }
  } catch (cause) {
    throw new Fault({
      kind: 'terminal',
      dependency: 'journal',
      detail: 'an event in the journal cannot be read; run verify-journal',
      cause,
    })
  }
}

/** For whoever follows all incidents: the bad row of one does not stop the others. */
export function parseReadable(stored: unknown): readonly JournaledEvent[] {
  try {
    return [parseStored(stored)]
  } catch {
    return []
  }
}
