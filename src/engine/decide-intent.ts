import type { Event } from '../domain/incident/event.ts'
import type { Place } from '../domain/incident/place.ts'
import { actorParts } from '../domain/base/actor.ts'
import { decide } from '../domain/incident/decide.ts'
import type { Fault } from '../domain/base/fault.ts'
import { askedBeforehand } from '../domain/plan/decide-plan.ts'
import type { PlanRequest } from '../domain/plan/plan-request.ts'
import { isSigned, type Signer } from '../domain/plan/gate.ts'
import { planOf, type Incident } from '../domain/incident/incident.ts'
import type { ReceivedIntent } from '../domain/incident/intent.ts'
import type { Rules } from '../domain/incident/next-action.ts'
import { refused, type Refusal } from '../domain/base/refusal.ts'
import type { View } from '../domain/base/view.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { Granted } from './tell-accepted.ts'
import type { EngineDeps } from './engine-types.ts'
import type { AllRights, RightsOutside } from './rights-outside.ts'

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
      // Nobody in Slack has opened it: there is nobody to tell.
      if (!opened || actorParts(opened.by).kind !== 'person') return
      const uninvited = code === 'not_in_channel' || code === 'channel_not_found'
      const refusal = uninvited ? refused('bot-not-in-channel') : refused('cannot-post', detail)
      tell(opened.by, opened.place, refusal)
    },
  }
}

/** Decides an intent with the rights that its person has at this moment, and writes the decision down. */
export function intentDecider(deps: {
  readonly incidents: IncidentLog
  readonly rights: AllRights
  readonly rules: Rules
  readonly environment: string
  readonly headlineChannel: string
  readonly statusPage?: EngineDeps['statusPage']
  readonly letters?: EngineDeps['letters']
  readonly clock: Clock
  readonly tell: Tell
  /** Says to whoever typed it what becomes of it; returns at once. */
  readonly tellAccepted: (id: string, granted: Granted) => void
  /** Why such a plan is not possible now; `null`: it is, or that could not be found out in time. */
  readonly whyImpossible: (incident: Incident, request: PlanRequest) => Promise<string | null>
  /** What is being signed is held against the world once more. */
  readonly recheck: (id: string, plan: number) => void
  /** A run is to be stopped: whatever it waits for, it looks at once. */
  readonly wakeRuns: (id: string) => void
}) {
  const { incidents, rights, clock } = deps

  return async (incident: Incident, received: ReceivedIntent): Promise<void> => {
    const { by, delivery, place, intent, via } = received
    const published = intent.kind === 'publish-status' ? intent.stage : null
    const list = intent.kind === 'send-letter' ? intent.list : null
    const beforehand = intent.kind === 'plan' ? askedBeforehand(incident, intent.request) : null
    const [person, impossible] = await Promise.all([
      personFor(via === undefined ? rights : rights.outside, received),
      beforehand && deps.whyImpossible(incident, beforehand),
    ])
    const decision = decide(incident, received, {
      person,
      impossible,
      drafted: published ? (deps.statusPage?.drafted(incident, published) ?? null) : null,
      letter: list === null ? null : (deps.letters?.drafted(incident, list) ?? null),
      environment: deps.environment,
      headlineChannel: deps.headlineChannel,
      ...deps.rules,
      nowMs: clock.now(),
    })
    const written = await incidents.append(incident.id, ({ sequence }) =>
      sequence === incident.sequence ? eventsOf(decision, delivery) : null,
    )
    if (written.kind !== 'appended') return
    if (decision.kind === 'refused') {
      // Nobody else reads what only one person sees.
      if (actorParts(by).kind === 'person') deps.tell(by, place, decision)
      return
    }
    deps.tellAccepted(incident.id, { received, events: decision.events })
    if (intent.kind === 'abort') deps.wakeRuns(incident.id)
    for (const event of decision.events) {
      if (event.type === 'plan-asked-again') deps.recheck(incident.id, event.plan)
    }
    if (intent.kind !== 'approve') return
    const state = planOf(await incidents.load(incident.id), intent.plan)
    // Signed by all, it is checked right before the first write anyway.
    if (state && !isSigned(state, clock.now())) deps.recheck(incident.id, intent.plan)
  }
}

function eventsOf(decision: ReturnType<typeof decide>, delivery: string): readonly Event[] {
  if (decision.kind === 'accepted')
    return [{ type: 'intent-accepted', delivery }, ...decision.events]
  const { reason, detail } = decision
  return [{ type: 'intent-refused', delivery, reason, detail }]
}

/** Only what the wish needs to know of them is asked. */
function personFor(rights: RightsOutside, { by, intent }: ReceivedIntent): Promise<Signer> {
  switch (intent.kind) {
    case 'approve':
    case 'deny':
      return rights.approver(by)
    case 'publish-status':
    case 'send-letter':
      return rights.publisher(by)
    default:
      return rights.signer(by)
  }
}
