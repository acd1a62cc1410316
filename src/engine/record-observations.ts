import type { Assessment } from '../domain/assessment/assessment.ts'
import { toMs } from '../domain/base/instant.ts'
import { sameSymptoms } from '../domain/assessment/symptom.ts'
import { newestChange } from '../domain/incident/standing.ts'
import type { Event } from '../domain/incident/event.ts'
import { isAnyRunning, planOf, type Incident } from '../domain/incident/incident.ts'
import { isGateOpen } from '../domain/plan/plan-state.ts'
import { dueLook, heldAgainst, watched, type Look } from '../domain/watch/watch.ts'
import { lookPartOf, type LookPart } from '../domain/watch/schedule.ts'
import { attributed } from '../domain/watch/changed-by.ts'
import type { ItemResult, ToVerify } from '../domain/verification/item.ts'
import type { NewestChange } from '../domain/workload/newest-change.ts'
import { ownerTarget, type OwnerName } from '../domain/plan/owner.ts'
import { stillSuspended } from '../domain/plan/suspension.ts'
import { draftAfterRelapse } from '../domain/plan/after-relapse.ts'
import type { Rules } from '../domain/incident/next-action.ts'
import type { Clock } from '../ports/clock.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { Preparation } from './run/runbook.ts'

/** How the world is looked at; none of it throws: what could not be seen is said (J10). */
export type Observers = {
  assess(incident: Incident, stopped: AbortSignal): Promise<Assessment>
  /** Keeps what a write may destroy. */
  collectEvidence(incident: Incident, stopped: AbortSignal): Promise<Preparation>
  /** Writes the report, its page and the journal beside the evidence. */
  writeReport(incident: Incident, stopped: AbortSignal): Promise<Preparation>
  /** One look at whether production does well. */
  look(part: LookPart, stopped: AbortSignal): Promise<Omit<Look, 'due'>>
  /** Which of these write by themselves now; those that cannot be asked are left out. */
  workingOwners(owners: readonly OwnerName[], stopped: AbortSignal): Promise<readonly OwnerName[]>
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
  readonly rules: Rules
  readonly stopped: AbortSignal
}) {
  const { incidents, observers, clock, stopped } = deps
  const { users, groups } = deps.rules.approval
  /** Without anybody who could sign it, a plan would only wait. */
  const maySign = users.length + groups.length > 0

  return {
    /** A symptom reported while we measured makes the answer out of date before it is given. */
    async assess(id: string): Promise<void> {
      for (;;) {
        const incident = await incidents.load(id)
        if (incident.assessmentDueSince === null) return
        const { symptoms } = incident
        const suspended = stillSuspended(incident).map(({ owner }) => owner)
        const [assessment, working] = await Promise.all([
          observers.assess(incident, stopped),
          suspended.length > 0 ? observers.workingOwners(suspended, stopped) : [],
        ])
        if (stopped.aborted) return
        await incidents.append(id, (newest) => {
          const isDue = newest.assessmentDueSince !== null
          if (!isDue || !sameSymptoms(newest.symptoms, symptoms)) return null
          const draft = maySign ? draftAfterRelapse(newest, assessment) : []
          const resumed = resumedElsewhere(newest, working)
          return [{ type: 'assessment-taken', assessment }, ...resumed, ...draft]
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

    /** It says what stood in the journal when it was begun; what comes later is for the next one. */
    async writeReport(id: string): Promise<void> {
      const incident = await incidents.current(id)
      if (incident.report.dueSince === null) return
      const { ok, says } = await observers.writeReport(incident, stopped)
      if (stopped.aborted) return
      await incidents.append(id, ({ report: { dueSince, written } }) =>
        dueSince === null ? null : [{ type: 'report-written', report: written + 1, ok, says }],
      )
    },

    async look(id: string): Promise<void> {
      const { watch, opened } = await incidents.load(id)
      const nowMs = clock.now()
      const due = watch && dueLook(watch, nowMs)
      if (!watch || due === null) return
      const troubleSinceMs = toMs(opened?.at ?? watch.startedAt)
      const part = lookPartOf(watch.schedule, due, { nowMs, troubleSinceMs })
      const seen = await observers.look(part, stopped)
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
  const moved =
    state === 'relapse' ? { moved: movedIn(look), ...(look.leak && { leak: look.leak }) } : {}
  const by = plans.at(-1)?.requestedBy ?? declared?.by
  const again = turned && state === 'relapse' && by !== undefined && !closed
  return [
    { type: 'watch-looked', watch: number, look },
    ...(turned ? [{ type: 'watch-turned', watch: number, to: state, ...moved } as const] : []),
    ...(again ? [{ type: 'assessment-requested', by } as const] : []),
  ]
}

/** While a plan is carried out, it may be that plan which lets them go on. */
function resumedElsewhere(incident: Incident, working: readonly OwnerName[]): readonly Event[] {
  if (isAnyRunning(incident)) return []
  const suspended = stillSuspended(incident).map(({ owner }) => ownerTarget(owner))
  return working
    .filter((owner) => suspended.includes(ownerTarget(owner)))
    .map((owner) => ({ type: 'resumed-elsewhere', owner }))
}

/** So much of what is bad is named: the rest stands on the watch's card. */
const MOST_MOVED = 5

/** What is bad in a look, in words: "backend: HTTP 503 in 4 ms". */
function movedIn({ lines }: Look): string[] {
  return lines
    .filter(({ verdict }) => verdict === 'degraded')
    .map(({ target, says }) => `${target}: ${says}`)
    .slice(0, MOST_MOVED)
}
