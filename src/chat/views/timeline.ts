import type { KnownBlock } from '@slack/types'
import type { Event } from '../../domain/event.ts'
import type { Incident, Moment } from '../../domain/incident.ts'
import { context } from '../blocks.ts'
import { SYMPTOM_LABELS } from '../symptoms.ts'
import { clockTime, mention, mrk, trusted, type Mrkdwn } from '../text.ts'
import { answerInWords } from './answer-parts.ts'

/** Who said what, when no metric shows it. */
export function reportedLine({ symptoms }: Incident): readonly Mrkdwn[] {
  if (symptoms.length === 0) return []
  return [mrk`*Reported:* ${symptoms.map((symptom) => SYMPTOM_LABELS[symptom].label).join(', ')}`]
}

/** The newest moments of the incident, oldest of them first. */
export function timelineBlock({ timeline }: Incident, newest: number): KnownBlock {
  const left = timeline.length - newest
  return context(
    trusted('*What happened*'),
    ...(left > 0 ? [mrk`… ${left} earlier`] : []),
    ...timeline.slice(-newest).map(momentLine),
  )
}

function momentLine({ at, event }: Moment): Mrkdwn {
  return mrk`${clockTime(at)}  ${happened(event)}`
}

function happened(event: Event): Mrkdwn {
  switch (event.type) {
    case 'incident-opened':
      return mrk`${mention(event.by)} asked for an assessment`
    case 'symptom-reported':
      return mrk`${mention(event.by)} reported: ${SYMPTOM_LABELS[event.symptom].label}`
    case 'assessment-taken':
      return mrk`${answerInWords(event.assessment)}`
    case 'incident-declared':
      return mrk`${mention(event.by)} declared the incident`
    case 'incident-closed':
      return mrk`${mention(event.by)} closed the incident`
    case 'backout-restarted':
      return trusted('Backout was restarted and carries on')
    default:
      return trusted(event.type)
  }
}
