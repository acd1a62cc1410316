import { toIso, toMs } from '../base/instant.ts'
import type { Incident, Moment } from '../incident/incident.ts'
import { WATCH } from '../watch/watch.ts'

/** Why a picture is drawn now. */
export type Occasion = {
  /** Under which it is sent once. */
  readonly key: string
  readonly at: string
  readonly why: 'stable' | 'relapse' | 'blind' | 'half-hour' | 'over' | 'closed'
}

/** In one thread: more would push out of sight what they are about. The last one is for the end. */
const MOST = 8

/** What follows faster shares a picture; what is bad is shown sooner. */
const BETWEEN_MS = 5 * 60_000
const BETWEEN_BAD_MS = 60_000

/** Every moment that gets a picture, by the journal alone: the same after a restart. */
export function chartOccasions(incident: Incident): readonly Occasion[] {
  const { timeline, declared } = incident
  if (!declared) return []
  const all = [...timeline.flatMap(ofMoment), ...ofHalfHour(incident)]
  const taken: Occasion[] = []
  for (const occasion of all.toSorted((a, b) => toMs(a.at) - toMs(b.at))) {
    const { at, why } = occasion
    const last = taken.at(-1)
    const ageMs = last ? toMs(at) - toMs(last.at) : Infinity
    const isSoon = ageMs < (why === 'relapse' ? BETWEEN_BAD_MS : BETWEEN_MS)
    const isWanted = why === 'closed' || (!isSoon && taken.length < MOST - 1)
    if (isWanted) taken.push(occasion)
  }
  return taken
}

function ofMoment({ event, sequence, at }: Moment): readonly Occasion[] {
  const because = (why: Occasion['why']) => [{ key: `chart-${sequence}`, at, why }]
  switch (event.type) {
    case 'watch-turned':
      return event.to === 'settling' ? [] : because(event.to)
    case 'watch-ended':
      return event.because === 'over' ? because('over') : []
    case 'incident-closed':
      return because('closed')
    default:
      return []
  }
}

/** No event of its own: a look at its end, or after it, says that it is over. */
function ofHalfHour({ watch }: Incident): readonly Occasion[] {
  if (!watch || watch.lookedAt === null) return []
  const atMs = toMs(watch.startedAt) + WATCH.forMs
  if (toMs(watch.lookedAt) < atMs) return []
  return [{ key: `chart-half-hour-${watch.number}`, at: toIso(atMs), why: 'half-hour' }]
}
