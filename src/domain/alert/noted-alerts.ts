import type { Event } from '../incident/event.ts'
import type { Illegal } from '../incident/illegal-event.ts'
import type { Incident } from '../incident/incident.ts'
import type { Intent } from '../incident/intent.ts'
import type { Actor } from '../base/actor.ts'
import type { Alert } from './alert.ts'

/** So many different alerts are noted for one incident; how many there are besides is counted. */
export const MOST_NOTED = 100

/** `over`: of another group, and here because too many incidents were opened by alerts already. */
export type NotedAlert = Alert & { readonly over: boolean }

type AlertEvent = Extract<Event, { type: `alert-${string}` }>
type NoteAlert = Extract<Intent, { kind: 'note-alert' }>

/** What has happened because an alert fires or has ended. That it ends closes nothing. */
export function alertNoted(
  { alerts, assessmentDueSince }: Incident,
  by: Actor,
  { alert, more, over, again }: NoteAlert,
  opening: readonly Event[],
): readonly Event[] {
  const known = alerts.find(({ fingerprint }) => fingerprint === alert.fingerprint)
  if (alert.state === 'ended') {
    const ends = known?.endsAt === null && (alert.endsAt ?? known.startsAt) >= known.startsAt
    return ends ? [{ type: 'alert-ended', by, alert }] : []
  }
  // Where two watch the same, whoever gathers what they tell moves the start of a firing back.
  const firesOn = again && known?.endsAt !== null && known?.startsAt === alert.startsAt
  if (known && known.startsAt >= alert.startsAt && !firesOn) return []
  return [
    ...opening,
    { type: 'alert-fired', by, alert, ...(more ? { more } : {}), ...(over ? { over } : {}) },
    // What belongs to others calls for no look of its own, and one look is enough for all that fires at once.
    ...(over || assessmentDueSince !== null ? [] : [{ type: 'assessment-requested' as const, by }]),
  ]
}

export function foldAlert(incident: Incident, event: AlertEvent, illegal: Illegal): Incident {
  const { alert } = event
  const others = incident.alerts.filter(({ fingerprint }) => fingerprint !== alert.fingerprint)
  const known = incident.alerts.length > others.length
  if (event.type === 'alert-ended') {
    if (!known) throw illegal('it never fired here')
    const alerts = incident.alerts.map((one) =>
      one.fingerprint === alert.fingerprint
        ? { ...one, state: 'ended' as const, endsAt: alert.endsAt }
        : one,
    )
    return { ...incident, alerts }
  }
  if (!incident.opened || incident.closed) throw illegal('not open')
  // What is noted now may have been left out before.
  const leftOut = Math.max(0, incident.alertsLeftOut - (known || event.over ? 0 : 1))
  return {
    ...incident,
    alerts: [...others, { ...alert, over: event.over ?? false }],
    alertsLeftOut: Math.max(leftOut, event.more ?? 0),
  }
}
