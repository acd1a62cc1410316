import { deployLocks } from '../plan/deploy-locks.ts'
import { touchedBy, undonePlan } from '../plan/about-request.ts'
import type { PlanRequest } from '../plan/plan-request.ts'
import type { Alert } from '../alert/alert.ts'
import type { Actor } from '../base/actor.ts'
import type { RefusalReason } from '../base/refusal.ts'
import type { Symptom } from '../assessment/symptom.ts'
import { isGateOpen } from '../plan/plan-state.ts'
import { REQUESTS } from '../plan/requests.ts'
import { isRunning, mayHaveWritten, openStep } from '../plan/run.ts'
import { isOnItsWay } from '../outbox/sending.ts'
import type { ChecklistItem } from './checklist.ts'
import { stateOfItem } from '../verification/verification.ts'
import { isWatching } from '../watch/watch.ts'
import { isAnyRunning, planOf, type Incident } from './incident.ts'
import { letterTo, wantsLetters } from './letters.ts'
import { publicationOf } from './publication.ts'
import type { StatusStage } from './status-page.ts'
import { stageNow } from './surfaces.ts'

type Availability = true | RefusalReason

/** What may be done to an incident now. The button and the decision both ask here. */
export const incidentCan = {
  declare(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    return incident.declared ? 'already-declared' : true
  },
  checkAgain(incident: Incident): Availability {
    return incident.closed ? 'incident-closed' : true
  },
  /** That an alert has ended is noted afterwards too. */
  noteAlert(incident: Incident, { state }: Pick<Alert, 'state'>): Availability {
    return incident.closed && state === 'firing' ? 'incident-closed' : true
  },
  reportSymptom(incident: Incident, symptom: Symptom): Availability {
    if (incident.closed) return 'incident-closed'
    return incident.symptoms.includes(symptom) ? 'already-reported' : true
  },
  retractSymptom(incident: Incident, symptom: Symptom): Availability {
    if (incident.closed) return 'incident-closed'
    return incident.symptoms.includes(symptom) ? true : 'not-reported'
  },
  close(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    if (isAnyRunning(incident)) return 'run-in-progress'
    return incident.declared ? true : 'not-declared'
  },
  reopen(incident: Incident): Availability {
    return incident.closed ? true : 'not-closed'
  },
  edit(incident: Incident): Availability {
    return incident.declared ? true : 'not-declared'
  },
  /** Also once it is closed: a fix takes days. */
  fixDeployed(incident: Incident): Availability {
    if (deployLocks([incident]).length > 0) return true
    return incident.fixDeployed ? 'fix-deployed-already' : 'nothing-rolled-back'
  },
  /** `by`: `null` for somebody who does not lead it yet. */
  takeLead(incident: Incident, by: Actor | null): Availability {
    if (incident.closed) return 'incident-closed'
    if (!incident.declared) return 'not-declared'
    return by !== null && incident.lead?.by === by ? 'leads-already' : true
  },
  /** Whether such a plan may be asked for: nothing that would write to the same is being carried out. */
  plan(incident: Incident, request: PlanRequest): Availability {
    if (incident.closed) return 'incident-closed'
    const busy = incident.plans.some((other) => {
      return isRunning(other.run) && touchSame(incident, other.request, request)
    })
    return busy ? 'run-in-progress' : true
  },
  /** The same request once more, as long as no newer plan took its place. */
  planAgain(incident: Incident, plan: number): Availability {
    const state = planOf(incident, plan)
    if (!state) return 'stale-card'
    const { request } = state
    const undone = undonePlan(request)
    const can =
      undone === null ? incidentCan.plan(incident, request) : incidentCan.undo(incident, undone)
    if (can !== true) return can
    const newer = incident.plans.some((other) => {
      return other.number > plan && touchSame(incident, other.request, request)
    })
    return newer ? 'stale-card' : true
  },
  /** Whether signatures are wanted at all; whose count is for the gate to say. */
  sign(incident: Incident, plan: number): Availability {
    if (incident.closed) return 'incident-closed'
    const state = planOf(incident, plan)
    return state && isGateOpen(state) ? true : 'plan-ended'
  },
  abort(incident: Incident, plan: number): Availability {
    if (incident.closed) return 'incident-closed'
    const run = planOf(incident, plan)?.run ?? null
    return isRunning(run) && !run.abort ? true : 'nothing-to-abort'
  },
  /** Only a step that people do, while it is its turn. */
  stepDone(
    incident: Incident,
    { plan, step }: { readonly plan: number; readonly step: number },
  ): Availability {
    if (incident.closed) return 'incident-closed'
    const { run = null, plan: signed = null } = planOf(incident, plan) ?? {}
    if (run?.steps[step]?.kind === 'succeeded') return 'already-ticked'
    if (!signed || !isRunning(run) || run.abort) return 'plan-ended'
    const isAsked = openStep(run, signed.steps) === step
    return isAsked && signed.steps[step]?.byPeople !== undefined ? true : 'stale-card'
  },
  /** The plans that may be stopped now. */
  abortable(incident: Incident): readonly number[] {
    return incident.plans.flatMap(({ number }) =>
      incidentCan.abort(incident, number) === true ? [number] : [],
    )
  },
  /** Whether the plan has left something to undo. That it can be undone is for the new plan to say. */
  undo(incident: Incident, plan: number): Availability {
    const can = incidentCan.plan(incident, { kind: 'undo', plan })
    if (can !== true) return can
    const state = planOf(incident, plan)
    const written = state?.run?.ended && mayHaveWritten(state.run)
    return written && REQUESTS[state.request.kind].leavesState ? true : 'nothing-to-undo'
  },
  watch(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    if (!incident.declared) return 'not-declared'
    return isWatching(incident.watch) ? 'watched-already' : true
  },
  stopWatching(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    return isWatching(incident.watch) ? true : 'not-watched'
  },
  /** Also of one that is closed: its report is written after it. */
  addMoment(incident: Incident): Availability {
    return incident.declared ? true : 'not-declared'
  },
  /** At any time: an open one has a report of what is known so far. */
  writeReport({ declared, report }: Incident): Availability {
    if (!declared) return 'not-declared'
    return report.dueSince === null ? true : 'report-under-way'
  },
  publishReport({ declared, report }: Incident): Availability {
    if (!declared) return 'not-declared'
    return report.published ? 'already-ticked' : true
  },
  tick(incident: Incident, item: ChecklistItem): Availability {
    if (incident.closed) return 'incident-closed'
    if (!incident.declared) return 'not-declared'
    return incident.ticked[item] ? 'already-ticked' : true
  },
  /** What is on its way is decided, and cannot be changed any more. */
  editStatus(incident: Incident, stage: StatusStage): Availability {
    const open = openStatus(incident, stage)
    if (open !== true) return open
    const kind = publicationOf(incident, stage)?.state.kind
    return isOnItsWay(kind) ? 'status-under-way' : true
  },
  verify(incident: Incident): Availability {
    if (incident.closed) return 'incident-closed'
    if (!incident.declared) return 'not-declared'
    return isAnyRunning(incident) ? 'run-in-progress' : true
  },
  /** Only what Backout could not measure is for people to say. */
  tickVerified(incident: Incident, id: string): Availability {
    if (incident.closed) return 'incident-closed'
    const { verification } = incident
    const item = verification?.items.find((one) => one.id === id)
    if (!verification || !item || verification.outdatedBy !== null) return 'stale-card'
    const { kind } = stateOfItem(verification, item)
    if (kind === 'ticked') return 'already-ticked'
    return kind === 'wants-person' ? true : 'measured-itself'
  },
  /** Of what may be on the page nobody says that it was skipped. */
  decideStatus(
    incident: Incident,
    stage: StatusStage,
    decision: 'published' | 'skipped',
  ): Availability {
    const open = openStatus(incident, stage)
    if (open !== true) return open
    const kind = publicationOf(incident, stage)?.state.kind
    if (kind === 'under-way') return 'status-under-way'
    return kind === 'unknown' && decision === 'skipped' ? 'stale-card' : true
  },
  /** Once to each list; what was refused, or is not known to have arrived, may be sent again. */
  sendLetter(incident: Incident, list: string): Availability {
    if (incident.closed) return 'incident-closed'
    if (!incident.declared) return 'not-declared'
    if (incident.ticked['customers-told']) return 'already-ticked'
    if (!wantsLetters(incident)) return 'stale-card'
    const kind = letterTo(incident, list)?.state.kind
    if (kind === 'delivered') return 'letter-sent'
    return isOnItsWay(kind) ? 'letter-under-way' : true
  },
  /** Only what is true now; what was refused, or is not known to be there, may be sent again. */
  publishStatus(incident: Incident, stage: StatusStage): Availability {
    const can = incidentCan.editStatus(incident, stage)
    if (can !== true) return can
    return stageNow(incident) === stage ? true : 'stale-card'
  },
}

function openStatus({ statusPage }: Incident, stage: StatusStage): Availability {
  const prompt = statusPage[stage]
  if (!prompt) return 'stale-card'
  return prompt.decided ? 'status-decided' : true
}

/** Whether both may write to the same, as far as that is known before they are planned. */
export function touchSame({ plans }: Incident, one: PlanRequest, other: PlanRequest): boolean {
  const others = touchedBy(other, plans)
  return touchedBy(one, plans).some((area) => others.includes(area))
}
