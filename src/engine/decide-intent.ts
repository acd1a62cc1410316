import { decide } from '../domain/incident/decide.ts'
import type { Fault } from '../domain/base/fault.ts'
import { isSigned } from '../domain/plan/gate.ts'
import { currentPlan, type Incident } from '../domain/incident/incident.ts'
import type { Place, ReceivedIntent } from '../domain/incident/intent.ts'
import type { Rules } from '../domain/incident/next-action.ts'
import { refused, type Refusal } from '../domain/base/refusal.ts'
import type { View } from '../domain/base/view.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { Rights } from './rights.ts'

type Tell = (user: string, place: Place, refusal: Refusal) => void

/** Shows a refusal to the one person it is for. That it could not be shown changes nothing. */
export function refusalTeller(deps: {
  readonly conversations: Conversations
  readonly renderRefusal: (refusal: Refusal) => View
  readonly log: Log
}) {
  const tell: Tell = (user, place, refusal) => {
    deps.conversations.tell(user, place, deps.renderRefusal(refusal)).catch((error: unknown) => {
      deps.log.warn('a refusal could not be shown', { user, reason: refusal.reason, error })
    })
  }
  return {
    tell,
    /** The channel takes no message of ours: whoever opened the incident has to know. */
    cannotPost(incident: Incident | null, { code, detail }: Fault): void {
      const opened = incident?.opened
      if (!opened) return
      const uninvited = code === 'not_in_channel' || code === 'channel_not_found'
      const refusal = uninvited ? refused('bot-not-in-channel') : refused('cannot-post', detail)
      tell(opened.by, opened.place, refusal)
    },
  }
}

/** Decides a wish with the rights that its person has at this moment, and writes the decision down. */
export function settling(deps: {
  readonly incidents: IncidentLog
  readonly rights: Rights
  readonly rules: Rules
  readonly headlineChannel: string
  readonly clock: Clock
  readonly tell: Tell
  /** What is being signed is held against the world once more. */
  readonly recheck: (id: string) => void
}) {
  const { incidents, rights, clock } = deps

  return async (incident: Incident, received: ReceivedIntent): Promise<void> => {
    const { by, delivery, place, intent } = received
    const signs = intent.kind === 'approve' || intent.kind === 'deny'
    const person = await (signs ? rights.approver(by) : rights.signer(by))
    const decision = decide(incident, received, {
      person,
      headlineChannel: deps.headlineChannel,
      approval: deps.rules.approval,
      nowMs: clock.now(),
    })
    const written = incidents.append(incident.id, (newest) => {
      if (newest.sequence !== incident.sequence) return null
      if (decision.kind === 'accepted') {
        return [{ type: 'intent-accepted', delivery }, ...decision.events]
      }
      const { reason, detail } = decision
      return [{ type: 'intent-refused', delivery, reason, detail }]
    })
    if (written !== 'appended') return
    if (decision.kind === 'refused') return deps.tell(by, place, decision)
    const state = currentPlan(incidents.load(incident.id))
    // Signed by all, it is checked right before the first write anyway.
    if (intent.kind === 'approve' && state && !isSigned(state, clock.now())) {
      deps.recheck(incident.id)
    }
  }
}
