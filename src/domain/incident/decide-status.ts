import type { Actor } from '../base/actor.ts'
import { refused, type RefusalReason } from '../base/refusal.ts'
import type { Ruling } from '../plan/decide-plan.ts'
import type { Signer } from '../plan/gate.ts'
import type { DecisionContext } from './decision-context.ts'
import type { Event } from './event.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

/** What people say of a draft: that it is another text, that they published it, or that nobody will. */
export function answerStatus(
  incident: Incident,
  by: Actor,
  intent: Extract<Intent, { kind: 'edit-status' | 'decide-status' }>,
): Ruling {
  const { stage } = intent
  if (intent.kind === 'edit-status') {
    const can = incidentCan.editStatus(incident, stage)
    return can === true ? [{ type: 'status-draft-edited', stage, by, text: intent.text }] : can
  }
  const { decision } = intent
  const can = incidentCan.decideStatus(incident, stage, decision)
  return can === true ? [{ type: 'status-decided', stage, by, decision }] : can
}

/** Exactly the text that stood on the pressed card goes out, or none. */
export function publishStatus(
  incident: Incident,
  by: Actor,
  intent: Extract<Intent, { kind: 'publish-status' }>,
  { person, drafted = null }: DecisionContext,
): Ruling {
  const { stage, digest } = intent
  const can = incidentCan.publishStatus(incident, stage)
  if (can !== true) return can
  const why = whyNotPublish(person)
  if (why) return why
  if (!drafted) return 'no-status-page'
  if (drafted.digest !== digest) return refused('status-changed')
  return [publishing(stage, by, drafted.post)]
}

function publishing(
  stage: Extract<Intent, { kind: 'publish-status' }>['stage'],
  by: Actor,
  post: Extract<Event, { type: 'status-publishing' }>['post'],
): Event {
  return { type: 'status-publishing', stage, by, post }
}

function whyNotPublish({ publishes = 'unknown' }: Signer): RefusalReason | null {
  if (publishes === 'unknown') return 'rights-unknown'
  return publishes ? null : 'not-a-publisher'
}
