import { isOpen, type Incident } from './incident.ts'
import type { ReceivedIntent } from './intent.ts'

export type NextAction =
  | { readonly kind: 'decide'; readonly received: ReceivedIntent }
  | { readonly kind: 'assess' }
  /** Only a person or the clock moves it on (J6). */
  | { readonly kind: 'wait' }

/** What the incident asks for now. After a crash the answer is the same as before it (J4). */
export function nextAction(incident: Incident): NextAction {
  const [received] = incident.undecided
  if (received) return { kind: 'decide', received }
  if (incident.assessmentDueSince !== null) return { kind: 'assess' }
  return { kind: 'wait' }
}

/** Whether a starting process has to take it up: people work on it, or something is owed. */
export function needsCare(incident: Incident): boolean {
  return isOpen(incident) || nextAction(incident).kind !== 'wait'
}
