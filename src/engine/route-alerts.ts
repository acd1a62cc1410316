import type { Alert } from '../domain/alert/alert.ts'
import { opensIncident } from '../domain/alert/consider-alerts.ts'
import { MOST_NOTED } from '../domain/alert/noted-alerts.ts'
import { newestTaking, openedInStorm, STORM_MS } from '../domain/alert/route-alerts.ts'
import type { AlertSettings } from '../domain/alert/settings.ts'
import { newIncident, type Incident } from '../domain/incident/incident.ts'
import type { Clock } from '../ports/clock.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { KnownIncidents } from './journal/known-incidents.ts'

/** An alert, and where the journal has it. */
export type Seen = {
  readonly alert: Alert
  /** Of its firing since that start; `null`: this was told before. */
  readonly round: number | null
  /** What it was told to whenever it fired, the newest first. */
  readonly incidents: readonly string[]
}

/** Which alerts go to which incident, as it was when that was found. */
export type Route = {
  readonly to: Incident
  readonly alerts: readonly Seen[]
  /** Only because too many incidents were opened by alerts already. */
  readonly over: boolean
  readonly leftOut: number
}

export type RouteDeps = {
  readonly incidents: IncidentLog
  readonly known: KnownIncidents
  readonly alerts: AlertSettings
  readonly newIncidentId: () => string
  readonly clock: Clock
}

/** Finds the incident of a group: all its alerts go to one. `null`: it has none, and opens none. */
export function alertRouter(deps: RouteDeps) {
  const { incidents, known, clock, alerts: settings } = deps

  /** One that cannot be read takes nothing; that is reported where it is read (J3). */
  async function readable(ids: readonly string[]): Promise<readonly Incident[]> {
    const found = await Promise.all(
      [...new Set(ids)].map(async (id) =>
        (await known.whyNot(id)) === null ? [await incidents.current(id)] : [],
      ),
    )
    return found.flat()
  }

  async function crowdedOut(): Promise<Incident | null> {
    const nowMs = clock.now()
    const storm = openedInStorm(await known.recent(STORM_MS), nowMs)
    if (storm.length < settings.mostIncidents) return null
    return newestTaking(await readable(storm.map(({ id }) => id)), nowMs)
  }

  return async (seen: readonly Seen[], firing: readonly Seen[]): Promise<Route | null> => {
    const theirs = await readable(seen.flatMap((one) => one.incidents))
    const own = newestTaking(theirs, clock.now())
    if (own) return fitting(own, firing, isGuestIn(own, seen))
    if (!firing.some(({ alert }) => opensIncident(alert, settings))) return null
    const crowded = await crowdedOut()
    if (crowded) return fitting(crowded, firing, true)
    return fitting(newIncident(deps.newIncidentId()), firing, false)
  }
}

/** Whether the group is there only because there was no room for an incident of its own. */
function isGuestIn({ alerts }: Incident, seen: readonly Seen[]): boolean {
  const fingerprints = new Set(seen.map(({ alert }) => alert.fingerprint))
  const theirs = alerts.filter(({ fingerprint }) => fingerprints.has(fingerprint))
  return theirs.length > 0 && theirs.every(({ over }) => over)
}

/** As many different alerts as one incident tells of. */
function fitting(to: Incident, firing: readonly Seen[], over: boolean): Route {
  const noted = new Set([
    ...to.alerts.map(({ fingerprint }) => fingerprint),
    ...to.undecided.flatMap(({ intent }) =>
      intent.kind === 'note-alert' ? [intent.alert.fingerprint] : [],
    ),
  ])
  const fit = firing.filter(({ alert: { fingerprint } }) => {
    if (noted.size < MOST_NOTED) noted.add(fingerprint)
    return noted.has(fingerprint)
  })
  return { to, alerts: fit, over, leftOut: firing.length - fit.length }
}
