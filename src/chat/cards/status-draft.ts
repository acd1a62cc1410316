import { affectedServices } from '../../domain/incident/affected-services.ts'
import { rollsBackBy, undonePlan } from '../../domain/plan/about-request.ts'
import { milestones } from '../../domain/incident/milestones.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { REQUESTS } from '../../domain/plan/requests.ts'
import { hasDone } from '../../domain/plan/run.ts'
import type { StatusStage } from '../../domain/incident/status-page.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { counted, oneLine } from '../text/text.ts'
import { stageWords } from './status-words.ts'

const NOT_KNOWN = 'not yet determined'

/**
 * What the status page could say, in the words of the runbook's template: plain text for people to
 * read again. Times are the journal's; what nobody has counted is said to be not determined.
 */
export function statusDraft(stage: StatusStage, incident: Incident, environment: string): string {
  const { heading, opening, status, next } = stageWords(stage, {
    back: rollback(incident) !== undefined,
    stable: stableSince(incident) !== null,
  })
  const services = affectedServices(incident)
  const affected = [oneLine(environment, 60), ...services.map((one) => oneLine(one, 63))]
  return [
    heading,
    '',
    opening,
    '',
    `Current Status: ${status}`,
    '',
    'What Happened:',
    ...happened(stage, incident).map((line) => `- ${line}`),
    '',
    'Impact:',
    `- Affected: ${affected.slice(0, 12).join(', ')}`,
    `- Affected users: ${fewerUsers(incident) ?? NOT_KNOWN}`,
    ...duration(stage, incident),
    `- Data loss: ${dataLoss(incident) ?? NOT_KNOWN}`,
    '',
    'Next Steps:',
    ...next.map((line) => `- ${line}`),
    '',
    'We apologize for any inconvenience caused.',
  ].join('\n')
}

function happened(stage: StatusStage, incident: Incident): readonly string[] {
  const { detected } = milestones(incident)
  const identified = incident.statusPage.identified?.dueSince
  const seen = detected
    ? [`Issue detected at ${utcDayAndTime(detected)}`]
    : [`Issue detected at: ${NOT_KNOWN}`]
  if (stage === 'investigating') return seen
  if (stage === 'identified') {
    return [...seen, ...(identified ? [`Cause identified at ${utcDayAndTime(identified)}`] : [])]
  }
  const begun = stage === 'rolling-back' ? underWay(incident) : rollback(incident)
  const restored = stage === 'rolling-back' ? null : rollback(incident)?.run?.ended?.at
  return [
    ...seen,
    ...(begun?.run ? [`Rollback initiated at ${utcDayAndTime(begun.run.startedAt)}`] : []),
    ...(restored ? restoredLines(restored, incident) : []),
  ]
}

/** That the rollback is complete is seen; that people are served again, only a watch sees. */
function restoredLines(at: string, incident: Incident): readonly string[] {
  const served = stableSince(incident)
  return [
    `Rollback completed at ${utcDayAndTime(at)}`,
    `Services restored at${served ? ` ${utcDayAndTime(served)}` : `: ${NOT_KNOWN}`}`,
  ]
}

/** Since when production is seen to be stable; `null`: it is not. */
export function stableSince({ watch }: Incident): string | null {
  return watch?.state === 'stable' ? watch.stateSince : null
}

function duration(stage: StatusStage, incident: Incident): readonly string[] {
  if (stage !== 'resolved') return []
  // When somebody first looked: what came before that nobody has written down.
  const from = milestones(incident).detected
  const to = rollback(incident) ? stableSince(incident) : null
  if (!from || !to) return [`- Duration: ${NOT_KNOWN}`]
  const minutes = Math.max(1, Math.round((toMs(to) - toMs(from)) / 60_000))
  return [`- Duration: ${counted(minutes, 'minute')}`]
}

const ACTIVE_USERS = 'active-users-near-baseline'

/** The worst that was measured; `null`: it was not measured, or there were no fewer than usual. */
function fewerUsers({ timeline }: Incident): string | null {
  const measured = timeline.flatMap(({ event }) => {
    if (event.type !== 'assessment-taken') return []
    const { measurements } = event.assessment
    return measurements.flatMap(({ probe, class: kind, summary }) => {
      const [, now, usual] = /^(\d+) active users, usually (\d+) /.exec(summary) ?? []
      if (probe !== ACTIVE_USERS || kind !== 'value' || !now || !usual) return []
      return [{ now: Number(now), usual: Number(usual) }]
    })
  })
  const [worst] = measured.toSorted((a, b) => a.now / a.usual - b.now / b.usual)
  if (!worst || worst.now >= worst.usual) return null
  return `${worst.now} were active at the worst, usually ${worst.usual}`
}

/**
 * What a way back of data takes with it was computed with its plan. A way back of code loses none, and what
 * the release has lost before that, nobody has counted.
 */
function dataLoss(incident: Incident): string | null {
  const state = rollback(incident) ?? underWay(incident)
  if (!state?.plan || REQUESTS[state.request.kind].rollsBack !== 'data') return null
  return oneLine(state.plan.lost, 300)
}

/** The newest rollback that was begun. */
function underWay({ plans }: Incident): PlanState | undefined {
  return plans.findLast(({ request, run }) => rollsBackBy(request) && run !== null)
}

/** The rollback that stands: carried out to its end, and not taken back since. */
function rollback({ plans }: Incident): PlanState | undefined {
  const last = plans.findLast(
    ({ request, run }) => (rollsBackBy(request) || undonePlan(request) !== null) && hasDone(run),
  )
  return last && rollsBackBy(last.request) ? last : undefined
}
