import { rollsBackBy, undonePlan } from '../../domain/plan/about-request.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone } from '../../domain/plan/run.ts'
import type { StatusStage } from '../../domain/incident/status-page.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { counted, oneLine } from '../text/text.ts'

const NOT_KNOWN = 'not yet determined'

/**
 * What the status page could say, in the words of the runbook's template: plain text for people to
 * read again. Times are the journal's; what nobody has counted is said to be not determined.
 */
export function statusDraft(stage: StatusStage, incident: Incident, environment: string): string {
  const { heading, opening, status, next } = wordsOf(stage, incident)
  const { declared } = incident
  const services = declared?.services ?? []
  return [
    `# ${heading}`,
    '',
    opening,
    '',
    `**Current Status:** ${status}`,
    '',
    '**What Happened:**',
    ...happened(stage, incident).map((line) => `- ${line}`),
    '',
    '**Impact:**',
    `- Affected: ${[oneLine(environment, 60), ...services.map((one) => oneLine(one, 63))].slice(0, 12).join(', ')}`,
    `- Affected users: ${NOT_KNOWN}`,
    ...duration(stage, incident),
    `- Data loss: ${NOT_KNOWN}`,
    '',
    '**Next Steps:**',
    ...next.map((line) => `- ${line}`),
    '',
    'We apologize for any inconvenience caused.',
  ].join('\n')
}

type Words = {
  readonly heading: string
  readonly opening: string
  readonly status: string
  readonly next: readonly string[]
}

function wordsOf(stage: StatusStage, incident: Incident): Words {
  const back = rollback(incident)?.run?.ended
  switch (stage) {
    case 'investigating':
      return {
        heading: 'Investigating an Issue',
        opening: 'We are investigating an issue that some users are experiencing.',
        status: '⚠️ Investigating',
        next: ['We will post an update as soon as we know more'],
      }
    case 'rolling-back':
      return {
        heading: 'Rolling Back a Recent Update',
        opening:
          'We are rolling back the recent update to address the issues some users are experiencing.',
        status: '⚠️ A rollback is under way',
        next: ['We will post an update when the rollback is complete'],
      }
    case 'monitoring':
      return {
        heading: 'Monitoring',
        opening: back
          ? 'We have rolled back the recent update and are monitoring the result.'
          : 'We are monitoring the result of our work.',
        status: '⚠️ Monitoring',
        next: ['We will post an update when we are sure that the issue is resolved'],
      }
    case 'resolved':
      return {
        heading: 'Issue Resolved',
        opening: back
          ? 'We’ve successfully rolled back the recent update to address the issues some users were experiencing.'
          : 'The issue some users were experiencing is resolved.',
        status: operational(incident),
        next: [
          'We’re investigating the root cause',
          'A fix will be deployed after thorough testing',
          'Full incident report will be published within 24 hours',
        ],
      }
    default:
      return stage satisfies never
  }
}

/** Only what was seen is promised to the world. */
function operational(incident: Incident): string {
  return stableSince(incident) ? '✅ All systems operational' : '⚠️ Being confirmed'
}

function happened(stage: StatusStage, incident: Incident): readonly string[] {
  const detected = detectedAt(incident)
  const seen = detected
    ? [`Issue detected at ${utcDayAndTime(detected)}`]
    : [`Issue detected at: ${NOT_KNOWN}`]
  if (stage === 'investigating') return seen
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

function stableSince({ watch }: Incident): string | null {
  return watch?.state === 'stable' ? watch.stateSince : null
}

function duration(stage: StatusStage, incident: Incident): readonly string[] {
  if (stage !== 'resolved') return []
  const from = detectedAt(incident)
  const to = rollback(incident) ? stableSince(incident) : null
  if (!from || !to) return [`- Duration: ${NOT_KNOWN}`]
  const minutes = Math.max(1, Math.round((toMs(to) - toMs(from)) / 60_000))
  return [`- Duration: ${counted(minutes, 'minute')}`]
}

/** When somebody first looked: what came before that nobody has written down. */
function detectedAt({ opened, declared }: Incident): string | null {
  return opened?.at ?? declared?.at ?? null
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
