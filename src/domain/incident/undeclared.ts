import { toMs } from '../base/instant.ts'
import { procedureRequest } from '../plan/about-request.ts'
import { BEFORE_OTHERS } from '../plan/requests.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

/** What was last heard of longer ago is another day's. Everybody who asks for an answer opens one. */
export const UNDECLARED_SHOWN_MS = 6 * 60 * 60_000

/** Whether it waits for somebody to declare it, where no card can be pressed. */
export function waitsForDeclaring(incident: Incident, nowMs: number): boolean {
  const { opened, changedAt } = incident
  if (opened === null || incidentCan.declare(incident) !== true) return false
  return nowMs - toMs(changedAt) < UNDECLARED_SHOWN_MS
}

/** What somebody wishes for who wants a rollback where no card can be pressed: first that it is declared, as a card would have it. */
export function intentsToPlan(incident: Incident): readonly Intent[] {
  const plan: Intent = { kind: 'plan', request: procedureRequest(BEFORE_OTHERS, {}) }
  return incidentCan.declare(incident) === true ? [{ kind: 'declare' }, plan] : [plan]
}
