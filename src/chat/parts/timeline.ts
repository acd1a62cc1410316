import type { KnownBlock } from '@slack/types'
import type { Event } from '../../domain/incident/event.ts'
import type { Incident, Moment } from '../../domain/incident/incident.ts'
import { context } from './blocks.ts'
import { SYMPTOM_LABELS } from '../reading/symptoms.ts'
import { bothEnds, clipped, clockTime, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { ITEM_WORDS, STAGE_WORDS, WATCH_WORDS } from '../text/words.ts'
import { answerInWords } from './answer-parts.ts'
import { OUTCOME_WORDS } from './run-words.ts'

/** What one moment may say of itself. */
const LINE = 200

/** Who said what, when no metric shows it. */
export function reportedLine({ symptoms }: Incident): readonly Mrkdwn[] {
  if (symptoms.length === 0) return []
  return [mrk`*Reported:* ${symptoms.map((symptom) => SYMPTOM_LABELS[symptom].label).join(', ')}`]
}

/** The newest moments of the incident, oldest of them first. */
export function timelineBlock(incident: Incident, newest: number): KnownBlock {
  const { timeline } = incident
  const left = timeline.length - newest
  return context(
    trusted('*What happened*'),
    ...(left > 0 ? [mrk`… ${left} earlier`] : []),
    ...timeline.slice(-newest).map((moment) => momentLine(incident, moment)),
  )
}

function momentLine(incident: Incident, { at, event }: Moment): Mrkdwn {
  return mrk`${clockTime(at)}  ${happened(incident, event)}`
}

function happened({ plans }: Incident, event: Event): Mrkdwn {
  switch (event.type) {
    case 'incident-opened':
      return mrk`${mention(event.by)} asked for an assessment`
    case 'symptom-reported':
      return mrk`${mention(event.by)} reported: ${SYMPTOM_LABELS[event.symptom].label}`
    case 'assessment-taken':
      return clipped(answerInWords(event.assessment), LINE)
    case 'incident-declared':
      return mrk`${mention(event.by)} declared the incident`
    case 'incident-closed':
      return mrk`${mention(event.by)} closed the incident`
    case 'plan-requested':
      return mrk`${mention(event.by)} asked for plan ${event.plan}`
    case 'plan-infeasible':
      return mrk`Plan ${event.plan} is not possible: ${clipped(event.because, LINE)}`
    case 'plan-proposed':
      return mrk`Plan ${event.plan} is proposed: ${clipped(bothEnds(event.proposal.title, 120), LINE)}`
    case 'plan-approved':
      return mrk`${mention(event.by)} signed plan ${event.plan}`
    case 'approval-expired':
      return mrk`${mention(event.by)}’s signature on plan ${event.plan} expired`
    case 'plan-denied':
      return mrk`${mention(event.by)} denied plan ${event.plan}${event.reason === undefined ? '' : mrk`: ${clipped(event.reason, LINE)}`}`
    case 'plan-voided':
      return mrk`Plan ${event.plan} is void: ${clipped(event.because.join('; '), LINE)}`
    case 'plan-withdrawn':
      return mrk`Plan ${event.plan} is withdrawn by ${mention(event.by)}`
    case 'signatures-missing':
      return mrk`Plan ${event.plan} lacks signatures, people were called`
    case 'run-held':
      return mrk`Plan ${event.plan} waits for incident ${clipped(event.by, 80)}`
    case 'run-started':
      return mrk`Plan ${event.plan} was begun`
    case 'step-succeeded':
      return mrk`Done: ${stepOf(plans, event)}`
    case 'step-failed':
      return mrk`Failed: ${stepOf(plans, event)}: ${clipped(event.says, LINE)}`
    case 'abort-requested':
      return mrk`${mention(event.by)} stopped plan ${event.plan}`
    case 'run-ended':
      return mrk`Plan ${event.plan} ${OUTCOME_WORDS[event.outcome]}`
    case 'watch-started':
      return mrk`Watch ${event.watch} was begun`
    case 'watch-turned':
      return mrk`Watch ${event.watch}: ${WATCH_WORDS[event.to]}`
    case 'watch-ended':
      return mrk`Watch ${event.watch} ${event.because === 'over' ? 'is over' : 'was stopped'}`
    case 'item-ticked':
      return mrk`${mention(event.by)} ticked: ${ITEM_WORDS[event.item]}`
    case 'status-decided':
      return mrk`${mention(event.by)} ${event.decision} the status page: ${STAGE_WORDS[event.stage]}`
    case 'backout-restarted':
      return trusted('Backout was restarted and carries on')
    // Not for the timeline: what was asked, and what only changes a card.
    case 'intent-received':
    case 'intent-refused':
    case 'intent-accepted':
    case 'assessment-requested':
    case 'plan-prepared':
    case 'step-started':
    case 'step-waiting':
    case 'step-progressed':
    case 'watch-looked':
    case 'status-draft-edited':
    case 'preparation-progressed':
    case 'outbox-claimed':
    case 'outbox-delivered':
    case 'outbox-unknown':
    case 'outbox-released':
    case 'message-posting':
    case 'message-posted':
    case 'message-lost':
      return trusted(event.type)
    default:
      return event satisfies never
  }
}

function stepOf(plans: Incident['plans'], { plan, step }: { plan: number; step: number }): Mrkdwn {
  const title = plans[plan - 1]?.plan?.steps[step]?.title
  return title ? clipped(title, LINE) : mrk`step ${step + 1} of plan ${plan}`
}
