import { toMs } from '../base/instant.ts'
import type { Moment } from './incident.ts'

/**
 * The moments of an incident in the order in which they happened: one that somebody added stands at the time
 * that they gave it, every other one at the time it was written down.
 */
export function chronological(timeline: readonly Moment[]): readonly Moment[] {
  const added = timeline.some(({ event }) => event.type === 'moment-added')
  if (!added) return timeline
  return timeline
    .map((moment) => ({ ...moment, at: happenedAt(moment) }))
    .toSorted((a, b) => toMs(a.at) - toMs(b.at) || a.sequence - b.sequence)
}

function happenedAt({ at, event }: Moment): string {
  return event.type === 'moment-added' ? event.at : at
}
