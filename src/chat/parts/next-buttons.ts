import type { Button, KnownBlock } from '@slack/types'
import type { Event } from '../../domain/incident/event.ts'
import { leadingPlan, planOf, type Incident } from '../../domain/incident/incident.ts'
import { leftToDecide } from '../../domain/incident/left-to-decide.ts'
import { standingOf } from '../../domain/incident/standing.ts'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import { isActive, type PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone } from '../../domain/plan/run.ts'
import type { Watch } from '../../domain/watch/watch.ts'
import { checkAgain, close, reportPublished } from './incident-actions.ts'
import { planButtons, row, runButtons, stepDone, undo } from './plan-actions.ts'
import { replacing } from './plan-words.ts'
import { prepareRollback } from './prepare-rollback.ts'
import { suspendedNames } from './suspended.ts'

/**
 * What may be done, at this moment, about what a note tells. A note is not edited: pressed when it no
 * longer applies, a button is refused with its reason.
 */
export function noteButtons(
  incident: Incident,
  event: Event,
  approval: ApprovalSettings,
): readonly Button[] {
  switch (event.type) {
    case 'signatures-missing':
      return ofPlan(incident, planOf(incident, event.plan), approval)
    case 'plan-voided':
    case 'plan-infeasible': {
      const newer = replacing(incident, event.plan)
      return ofPlan(incident, newer ?? planOf(incident, event.plan), approval)
    }
    case 'people-asked':
      return stepDone(incident, event)
    case 'run-ended': {
      const state = planOf(incident, event.plan)
      // What went well is undone on its card: here nothing is to be decided.
      if (!state?.run || hasDone(state.run)) return []
      return runButtons(incident, state, state.run, approval)
    }
    case 'watch-turned':
      if (event.to === 'relapse') return afterRelapse(incident, approval)
      return event.to === 'blind' ? checkAgain(incident) : []
    case 'report-missed':
      return reportPublished(incident)
    default:
      return []
  }
}

/** The headline's one next button; none where the next thing is to wait, or to read a plan first. */
export function nextButton(incident: Incident, approval: ApprovalSettings): KnownBlock[] {
  return row(nextOf(incident, approval).slice(0, 1))
}

function nextOf(incident: Incident, approval: ApprovalSettings): readonly Button[] {
  if (incident.closed) return []
  const state = leadingPlan(incident)
  if (state && isActive(state)) {
    return state.run ? runButtons(incident, state, state.run, approval) : []
  }
  // There is more than one way on, and its card says what each means.
  if (leftToDecide(incident)) return []
  const standing = standingOf(incident)
  switch (standing.kind) {
    case 'watched':
      return nextWatched(incident, standing.watch, approval)
    case 'assessed': {
      const again = state?.ended ? ofPlan(incident, state, approval) : []
      const way =
        standing.assessment.decision === 'do-not'
          ? NO_BUTTONS
          : prepareRollback(incident, approval).buttons
      return [...again, ...way, ...checkAgain(incident)]
    }
    case 'changed':
    case 'unmeasured':
      return checkAgain(incident)
    case 'looking':
    case 'running':
    case 'closed':
      return []
    default:
      return standing satisfies never
  }
}

const NO_BUTTONS: readonly Button[] = []

function nextWatched(
  incident: Incident,
  { state }: Watch,
  approval: ApprovalSettings,
): readonly Button[] {
  switch (state) {
    case 'relapse':
      return afterRelapse(incident, approval)
    case 'blind':
      return checkAgain(incident)
    case 'stable':
      // What is suspended is given back first.
      return suspendedNames(incident) === null ? close(incident) : []
    case 'settling':
      return []
    default:
      return state satisfies never
  }
}

/** A way back, or back to how it was; and how it is now. */
function afterRelapse(incident: Incident, approval: ApprovalSettings): readonly Button[] {
  const { watch } = incident
  const followed = watch?.plan == null ? null : planOf(incident, watch.plan)
  return [
    ...prepareRollback(incident, approval).buttons,
    ...(followed ? undo(incident, followed, approval) : []),
    ...checkAgain(incident),
  ]
}

function ofPlan(
  incident: Incident,
  state: PlanState | null,
  approval: ApprovalSettings,
): readonly Button[] {
  return state ? planButtons(incident, state, approval) : []
}
