import { actorParts } from '../base/actor.ts'
import { toMs } from '../base/instant.ts'
import type { Incident } from '../incident/incident.ts'

/** Opened within so long, they count as one storm. */
export const STORM_MS = 10 * 60_000

/**
 * Nobody finds a card again that scrolled away, and nobody closes what was never declared: after so long
 * without a word a new firing opens an incident of its own.
 */
const UNDECLARED_MS = 60 * 60_000

/** Whether an alert that fires is told to this incident. */
export function takesAlerts(incident: Incident, nowMs: number): boolean {
  const { closed, undecided, declared, changedAt } = incident
  if (incident.sequence === 0 || closed) return false
  // Somebody is closing it: what fires now comes after.
  if (undecided.some(({ intent }) => intent.kind === 'close')) return false
  return declared !== null || nowMs - toMs(changedAt) < UNDECLARED_MS
}

/** The incident that a group of alerts belongs to: the newest that takes any, of those that one of them was told to. */
export function newestTaking(incidents: readonly Incident[], nowMs: number): Incident | null {
  return (
    incidents
      .filter((incident) => takesAlerts(incident, nowMs))
      .toSorted((a, b) => beganMs(b) - beganMs(a) || (a.id < b.id ? 1 : -1))[0] ?? null
  )
}

/** Those that alerts have opened within the time of one storm. */
export function openedInStorm(incidents: readonly Incident[], nowMs: number): readonly Incident[] {
  return incidents.filter((incident) => {
    const by = incident.opened?.by ?? incident.undecided[0]?.by
    if (by === undefined || actorParts(by).kind !== 'alert') return false
    return nowMs - beganMs(incident) < STORM_MS
  })
}

/** What is only received was received just now. */
function beganMs({ opened, changedAt }: Incident): number {
  return toMs(opened?.at ?? changedAt)
}
