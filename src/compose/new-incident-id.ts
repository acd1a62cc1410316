import { toIso } from '../domain/base/instant.ts'
import { incidentId } from '../domain/incident/incident-id.ts'
import type { Clock } from '../ports/clock.ts'

/** Names for incidents, each a new one. */
export function newIncidentIds({ now }: Clock): () => string {
  return () => incidentId(toIso(now()), crypto.getRandomValues(new Uint8Array(3)))
}
