import type { Assessment } from '../domain/assessment/assessment.ts'
import { sameSymptoms } from '../domain/assessment/symptom.ts'
import { newestChange } from '../domain/incident/standing.ts'
import type { Event } from '../domain/incident/event.ts'
import { planOf, type Incident } from '../domain/incident/incident.ts'
import { isGateOpen } from '../domain/plan/plan-state.ts'
import { dueLook, heldAgainst, watched, type Look } from '../domain/watch/watch.ts'
import { attributed } from '../domain/watch/changed-by.ts'
import type { ItemResult, ToVerify } from '../domain/verification/item.ts'
import type { NewestChange } from '../domain/workload/newest-change.ts'
import type { Clock } from '../ports/clock.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { Preparation } from './run/runbook.ts'

/** How the world is looked at; none of it throws: what could not be seen is said (J10). */
export type Observers = {
  assess(incident: Incident, stopped: AbortSignal): Promise<Assessment>
  /** Keeps what a write may destroy. */
  collectEvidence(incident: Incident, stopped: AbortSignal): Promise<Preparation>
  /** One look at whether production does well. */
  look(stopped: AbortSignal): Promise<Omit<Look, 'due'>>
  /** How what every service runs last changed; `null`: not known. */
  changes(stopped: AbortSignal): Promise<readonly NewestChange[] | null>
  /** One result for each of these items. Cleans up behind itself, also when it is stopped. */
  verify(asked: ToVerify, stopped: AbortSignal): Promise<readonly ItemResult[]>
}

/** What is observed for an incident, and written down as its own news. */
export function observationRecorder(deps: {
  readonly incidents: IncidentLog
  readonly observers: Observers
  readonly clock: Clock
  readonly stopped: AbortSignal
}) {
  const { incidents, observers, clock, stopped } = deps

  return {
    /** A symptom reported while we measured makes the answer out of date before it is given. */
    async assess(id: string): Promise<void> {
      for (;;) {
        const incident = await incidents.load(id)
        if (incident.assessmentDueSince === null) return
        const { symptoms } = incident
        const assessment = await observers.assess(incident, stopped)
        if (stopped.aborted) return
        await incidents.append(id, ({ assessmentDueSince, symptoms: now }) => {
          const current = assessmentDueSince !== null && sameSymptoms(now, symptoms)
          return current ? [{ type: 'assessment-taken', assessment }] : null
        })
      }
    },

    async collectEvidence(id: string, plan: number): Promise<void> {
      const kept = await observers.collectEvidence(await incidents.load(id), stopped)
      if (stopped.aborted) return
      await incidents.append(id, (newest) => {
        const state = planOf(newest, plan)
        if (!state || state.evidence || !isGateOpen(state)) return null
        return [{ type: 'plan-prepared', plan, what: 'evidence', ...kept }]
      })
    },

    /** All items at once. A crash in between, and it is done again: what it asks are questions (J4). */
    async verify(id: string): Promise<void> {
      const incident = await incidents.load(id)
      const { verification: asked } = incident
      if (!asked?.due) return
      const changedAt = newestChange(incident)?.at ?? null
      const results = await observers.verify({ ids: asked.due.items, changedAt }, stopped)
      if (stopped.aborted) return
      await incidents.append(id, ({ verification }) => {
        // Asked for once more meanwhile, or a plan has begun: this answers another question.
        const current = verification?.due && verification.number === asked.number
        return current ? [{ type: 'verification-taken', results: [...results] }] : null
      })
    },

    async look(id: string): Promise<void> {
      const { watch } = await incidents.load(id)
      const due = watch && dueLook(watch, clock.now())
      if (!watch || due === null) return
      const seen = await observers.look(stopped)
      if (stopped.aborted) return
      const judged = heldAgainst(watch, seen)
      // Only a version that should not run is worth another question.
      const changes = judged === seen ? null : await observers.changes(stopped)
      if (stopped.aborted) return
      const look = { ...attributed(judged, seen, changes), due }
      await incidents.append(id, (newest) => lookEvents(newest, watch.number, look, clock.now()))
    },
  }
}

/**
 * What follows from a look. Only a change is told to people; production that is bad again is
 * assessed anew, and what to do about it is for them to decide.
 */
function lookEvents(
  incident: Incident,
  number: number,
  look: Look,
  nowMs: number,
): readonly Event[] | null {
  const { watch, plans, declared, closed } = incident
  if (watch?.number !== number || watch.ended) return null
  if (look.due <= (watch.last?.due ?? 0)) return null
  const { state } = watched(watch, look, new Date(nowMs).toISOString())
  const turned = state !== watch.state
  const by = plans.at(-1)?.requestedBy ?? declared?.by
  const again = turned && state === 'relapse' && by !== undefined && !closed
  return [
    { type: 'watch-looked', watch: number, look },
    ...(turned ? [{ type: 'watch-turned', watch: number, to: state } as const] : []),
    ...(again ? [{ type: 'assessment-requested', by } as const] : []),
  ]
}
