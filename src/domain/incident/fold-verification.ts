import { askedAnew, stateOfItem, taken, ticked } from '../verification/verification.ts'
import type { Event } from './event.ts'
import type { Illegal } from './illegal-event.ts'
import type { Incident } from './incident.ts'

type VerificationEvent = Extract<Event, { type: `verification-${string}` }>

/** What is verified after a rollback: by Backout, and by people. */
export function foldVerification(
  incident: Incident,
  event: VerificationEvent,
  at: string,
  illegal: Illegal,
): Incident {
  const { verification } = incident
  switch (event.type) {
    case 'verification-requested':
      return { ...incident, verification: askedAnew(verification, event, at) }
    case 'verification-taken':
      if (!verification?.due) throw illegal('nobody asked for it')
      return { ...incident, verification: taken(verification, event.results, at) }
    case 'verification-ticked': {
      const item = verification?.items.find(({ id }) => id === event.item)
      if (!verification || !item) throw illegal('nobody asked for it')
      if (stateOfItem(verification, item).kind !== 'wants-person')
        throw illegal('no person is asked')
      const tick = { by: event.by, at }
      return { ...incident, verification: ticked(verification, event.item, tick) }
    }
    default:
      return event satisfies never
  }
}
