import { actorParts } from '../base/actor.ts'
import { toMs } from '../base/instant.ts'
import { rollsBackBy } from '../plan/about-request.ts'
import { hasDone } from '../plan/run.ts'
import type { Event } from './event.ts'
import type { Incident } from './incident.ts'

/** The moments that a report of an incident asks for, ISO times; `null`: it did not come to that. */
export type Milestones = {
  readonly detected: string | null
  /** The first alert that was heard of. */
  readonly alerted: string | null
  readonly declared: string | null
  /** The last signature before the first rollback was begun. */
  readonly decided: string | null
  /** The first plan that rolls back and was begun. */
  readonly begun: string | null
  /** First seen to be stable after all that was bad, and after the last rollback that was begun. */
  readonly stable: string | null
  readonly closed: string | null
}

/** When what happened, by the journal alone. */
export function milestones(incident: Incident): Milestones {
  const { opened, declared, closed, timeline } = incident
  const begun = timeline.find(({ event }) => beginsRollback(incident, event))
  const decided = timeline.findLast(({ event, sequence }) => {
    if (event.type !== 'plan-approved' || begun?.event.type !== 'run-started') return false
    return sequence < begun.sequence && event.plan === begun.event.plan
  })
  const unsettled = timeline.findLast(({ event }) => {
    return isBad(event) || beginsRollback(incident, event)
  })
  const stable = timeline.find(({ event, sequence }) => {
    const turned = event.type === 'watch-turned' && event.to === 'stable'
    return turned && sequence > (unsettled?.sequence ?? 0)
  })
  return {
    detected: opened?.at ?? declared?.at ?? null,
    alerted: timeline.find(({ event }) => isOfAlert(event))?.at ?? null,
    declared: declared?.at ?? null,
    decided: decided?.at ?? null,
    begun: begun?.at ?? null,
    stable: stable?.at ?? null,
    closed: closed?.at ?? null,
  }
}

/** Of one whose gate was closed nothing was written. */
function beginsRollback({ plans }: Incident, event: Event): boolean {
  if (event.type !== 'run-started') return false
  const state = plans[event.plan - 1]
  return (
    state !== undefined && rollsBackBy(state.request) && state.run?.ended?.outcome !== 'gate-closed'
  )
}

/** That production was stable before is no end any more. */
function isBad(event: Event): boolean {
  if (event.type === 'incident-reopened') return true
  return event.type === 'watch-turned' && (event.to === 'relapse' || event.to === 'blind')
}

function isOfAlert(event: Event): boolean {
  if (event.type === 'alert-fired') return true
  return event.type === 'incident-opened' && actorParts(event.by).kind === 'alert'
}

/** From the first question to its end; `null`: it is open. */
export function lastedMs(incident: Incident): number | null {
  const { detected, closed } = milestones(incident)
  return detected !== null && closed !== null ? toMs(closed) - toMs(detected) : null
}

/** When it was closed and opened again: from when to when. */
export function closedBetween({
  timeline,
}: Incident): readonly { readonly from: string; readonly to: string }[] {
  return timeline.flatMap(({ at, event, sequence }) => {
    if (event.type !== 'incident-reopened') return []
    const closing = timeline.findLast((before) => {
      return before.event.type === 'incident-closed' && before.sequence < sequence
    })
    return closing ? [{ from: closing.at, to: at }] : []
  })
}

/**
 * How long plans waited for people to sign, and how long they were carried out, in milliseconds. What is
 * under way still is not counted.
 */
export function timeSpent({ plans }: Incident): {
  readonly people: number
  readonly machine: number
} {
  const spent = plans.flatMap(({ plan, proposedAt, run }) => {
    if (!plan || !run) return []
    const ended = run.ended ? toMs(run.ended.at) - toMs(run.startedAt) : 0
    return [{ people: toMs(run.startedAt) - toMs(proposedAt), machine: ended }]
  })
  return {
    people: spent.reduce((sum, { people }) => sum + people, 0),
    machine: spent.reduce((sum, { machine }) => sum + machine, 0),
  }
}

/** What it was declared for, and what was changed in it. Each once. */
export function servicesOf({ declared, plans }: Incident): readonly string[] {
  const changed = plans.flatMap(({ plan, run }) =>
    plan && hasDone(run) ? plan.changes.filter(({ images }) => images).map(({ what }) => what) : [],
  )
  return [...new Set([...(declared?.services ?? []), ...changed])]
}
