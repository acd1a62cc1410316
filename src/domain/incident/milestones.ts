import { actorParts } from '../base/actor.ts'
import { toMs } from '../base/instant.ts'
import type { Event } from './event.ts'
import type { Incident } from './incident.ts'

/** The moments that a report of an incident asks for, ISO times; `null`: it did not come to that. */
export type Milestones = {
  readonly detected: string | null
  /** The first alert that was heard of. */
  readonly alerted: string | null
  readonly declared: string | null
  /** The last signature before the first plan was begun. */
  readonly decided: string | null
  /** The first plan that was begun. */
  readonly begun: string | null
  /** First seen to be stable after that. */
  readonly stable: string | null
  readonly closed: string | null
}

/** When what happened, by the journal alone. */
export function milestones({ opened, declared, closed, timeline }: Incident): Milestones {
  const begun = timeline.find(({ event }) => event.type === 'run-started')
  const decided = timeline.findLast(({ event, sequence }) => {
    if (event.type !== 'plan-approved' || begun?.event.type !== 'run-started') return false
    return sequence < begun.sequence && event.plan === begun.event.plan
  })
  const stable = timeline.find(({ event, sequence }) => {
    const turned = event.type === 'watch-turned' && event.to === 'stable'
    return turned && begun !== undefined && sequence > begun.sequence
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

function isOfAlert(event: Event): boolean {
  if (event.type === 'alert-fired') return true
  return event.type === 'incident-opened' && actorParts(event.by).kind === 'alert'
}

/** From the first question to its end; `null`: it is open. */
export function lastedMs(incident: Incident): number | null {
  const { detected, closed } = milestones(incident)
  return detected !== null && closed !== null ? toMs(closed) - toMs(detected) : null
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
    plan && run ? plan.changes.filter(({ images }) => images).map(({ what }) => what) : [],
  )
  return [...new Set([...(declared?.services ?? []), ...changed])]
}
