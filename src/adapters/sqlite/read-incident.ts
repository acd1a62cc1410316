import type { JournaledEvent } from '../../domain/incident/event.ts'
import { parseStored } from '../../journal/stored-event.ts'
import { guarded, openForReading } from './database.ts'
import { QUESTIONS } from './questions.ts'

/** Everything that was written down of one incident, oldest first; empty when there is none of that name. */
export function readIncident(file: string, incident: string): readonly JournaledEvent[] {
  const database = openForReading(file)
  try {
    return guarded(file, () => database.prepare(QUESTIONS.read).all(incident, 0).map(parseStored))
  } finally {
    database.close()
  }
}
