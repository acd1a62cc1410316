import type { Actor } from '../base/actor.ts'
import { refused } from '../base/refusal.ts'
import type { Ruling } from '../plan/decide-plan.ts'
import { whyNotPublish } from '../plan/gate.ts'
import { granted } from './decide-life.ts'
import { sendLetter } from './decide-letter.ts'
import type { DecisionContext } from './decision-context.ts'
import { incidentCan } from './incident-can.ts'
import type { Incident } from './incident.ts'
import type { Intent } from './intent.ts'

type StatusIntent = Extract<Intent, { kind: `${string}-status` }>

/** What those outside are told: the public on the status page, and key customers by letter. */
export function decideOutside(
  incident: Incident,
  by: Actor,
  intent: StatusIntent | Extract<Intent, { kind: 'send-letter' }>,
  context: DecisionContext,
): Ruling {
  return intent.kind === 'send-letter'
    ? sendLetter(incident, by, intent, context)
    : decideStatus(incident, by, intent, context)
}

/** What people say of a draft: that it is another text, that it goes out, is out, or that nobody will. */
function decideStatus(
  incident: Incident,
  by: Actor,
  intent: StatusIntent,
  context: DecisionContext,
): Ruling {
  if (intent.kind === 'publish-status') return publishStatus(incident, by, intent, context)
  const { stage } = intent
  if (intent.kind === 'edit-status') {
    return granted(incidentCan.editStatus(incident, stage), () => [
      { type: 'status-draft-edited', stage, by, text: intent.text },
    ])
  }
  const { decision } = intent
  return granted(incidentCan.decideStatus(incident, stage, decision), () => [
    { type: 'status-decided', stage, by, decision },
  ])
}

/** Exactly the text that stood on the pressed card goes out, or none. */
function publishStatus(
  incident: Incident,
  by: Actor,
  intent: Extract<Intent, { kind: 'publish-status' }>,
  { person, drafted = null }: DecisionContext,
): Ruling {
  const { stage, digest } = intent
  const can = incidentCan.publishStatus(incident, stage)
  if (can !== true) return can
  const why = whyNotPublish(person, 'not-a-publisher')
  if (why) return why
  if (!drafted) return 'no-status-page'
  if (drafted.digest !== digest) return refused('status-changed')
  return [{ type: 'status-publishing', stage, by, post: drafted.post }]
}
