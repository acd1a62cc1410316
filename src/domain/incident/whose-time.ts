import { toMs } from '../base/instant.ts'
import { coveredMs, without, type Span } from '../base/spans.ts'
import { rollsBackBy } from '../plan/about-request.ts'
import type { PlanState } from '../plan/plan-state.ts'
import type { Incident } from './incident.ts'
import { milestones } from './milestones.ts'

/** What each phase of an incident ends with, in the order of its life. Kept with the scores of drills: never rename. */
export const PHASES = ['declared', 'planned', 'signed', 'run-ended', 'stable', 'closed'] as const
export type PhaseName = (typeof PHASES)[number]

/** A part of an incident, and whose time it was: together the two are all of it. In milliseconds. */
export type Phase = {
  readonly until: PhaseName
  readonly peopleMs: number
  readonly machineMs: number
}

/**
 * Whose time an incident took, phase by phase. A moment is Backout's in which it worked and nobody could have gone
 * on: it measured, planned, carried out, or watched whether production settles. Every other one is people's, and so
 * is each in which a plan could be signed, or a step was theirs, whatever else went on. What it has not come to yet
 * is no phase. `startedAt`: when people could begin, where that was before the first question.
 */
export function whoseTime(incident: Incident, startedAt: string | null = null): readonly Phase[] {
  const { detected, declared, stable, closed } = milestones(incident)
  const plan = rollbackOf(incident)
  const ends: Readonly<Record<PhaseName, string | null>> = {
    declared,
    planned: plan?.plan ? plan.proposedAt : null,
    signed: (plan && signedAt(plan)) ?? null,
    'run-ended': plan?.run?.ended?.at ?? null,
    stable,
    closed,
  }
  const worked = without(machineSpans(incident), peopleSpans(incident))
  let fromMs = toMs(startedAt ?? detected ?? incident.changedAt)
  return PHASES.flatMap((until): readonly Phase[] => {
    const end = ends[until]
    // A plan may be there before anybody declares: what was reached earlier ends nothing anew.
    if (end === null || toMs(end) < fromMs) return []
    const span = { fromMs, toMs: toMs(end) }
    fromMs = span.toMs
    const machineMs = coveredMs(worked, span)
    return [{ until, machineMs, peopleMs: span.toMs - span.fromMs - machineMs }]
  })
}

/** The first plan that rolled back, or the newest one that would. */
export function rollbackOf({ plans }: Incident): PlanState | null {
  const back = plans.filter(({ request }) => rollsBackBy(request))
  const begun = back.find(({ run }) => run !== null && run.ended?.outcome !== 'gate-closed')
  return begun ?? back.findLast(({ plan }) => plan !== null) ?? null
}

/** When the last signature came that it needed; `null`: it was not begun. */
function signedAt({ approvals, run }: PlanState): string | null {
  const before = approvals.filter(({ at }) => run !== null && at <= run.startedAt)
  return before.at(-1)?.at ?? null
}

function machineSpans(incident: Incident): readonly Span[] {
  const { plans, timeline } = incident
  return [
    ...timeline.flatMap(({ at, event }): readonly Span[] => {
      if (event.type !== 'assessment-taken') return []
      return [{ fromMs: toMs(at) - event.assessment.tookMs, toMs: toMs(at) }]
    }),
    ...plans.flatMap((state): readonly Span[] => {
      const { plan, requestedAt, proposedAt, run, ended } = state
      const planned = plan ? proposedAt : ended?.at
      const signed = signedAt(state)
      return [
        ...spanOf(requestedAt, planned),
        ...spanOf(signed, run?.startedAt),
        ...spanOf(run?.startedAt, run?.ended?.at),
      ]
    }),
    ...settling(incident),
  ]
}

/** Whether production settles is seen by nobody sooner. */
function settling({ timeline }: Incident): readonly Span[] {
  return timeline.flatMap(({ at, event, sequence }): readonly Span[] => {
    if (event.type !== 'watch-started') return []
    const over = timeline.find((later) => {
      const { type } = later.event
      const isEnd = type === 'watch-turned' || type === 'watch-ended' || type === 'watch-started'
      return later.sequence > sequence && (isEnd || type === 'incident-closed')
    })
    return spanOf(at, over?.at)
  })
}

/** While these last somebody can go on, and nothing else can. */
function peopleSpans({ plans, timeline }: Incident): readonly Span[] {
  const gates = plans.flatMap((state) => {
    const { plan, shownAt, proposedAt, ended } = state
    return plan ? spanOf(shownAt ?? proposedAt, signedAt(state) ?? ended?.at) : []
  })
  const steps = timeline.flatMap(({ at, event, sequence }): readonly Span[] => {
    if (event.type !== 'people-asked') return []
    const over = timeline.find((later) => {
      if (later.sequence < sequence || !('plan' in later.event)) return false
      if (later.event.plan !== event.plan) return false
      const { type } = later.event
      return type === 'step-succeeded' || type === 'step-failed' || type === 'run-ended'
    })
    return spanOf(at, over?.at)
  })
  return [...gates, ...steps]
}

function spanOf(from: string | null | undefined, to: string | null | undefined): readonly Span[] {
  return from && to ? [{ fromMs: toMs(from), toMs: toMs(to) }] : []
}
