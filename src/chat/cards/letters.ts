import { affectedServices } from '../../domain/incident/affected-services.ts'
import { milestones } from '../../domain/incident/milestones.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { rollsBackBy } from '../../domain/plan/about-request.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { namesUpTo, oneLine } from '../text/text.ts'

const NOT_KNOWN = 'not yet determined'
const MOST_NAMED = 12

const SUBJECT_MAX = 200

/** What key customers could be told: plain text for people to read again and to send. */
export function customerLetter(incident: Incident): {
  readonly subject: string
  readonly text: string
} {
  const subject = `Issue affecting ${servicesIn(incident, 'our service')}`
  const text = [
    'Dear customer,',
    '',
    `since ${detectedIn(incident)} we have had an issue with ${servicesIn(incident, 'our service')}. You may see errors. ${stateOf(incident)}`,
    '',
    'We will write to you again when it is resolved. We apologize for the inconvenience.',
  ].join('\n')
  return { subject: oneLine(subject, SUBJECT_MAX), text }
}

/** The same, as people copy it. */
export function letterToCopy({ subject, text }: ReturnType<typeof customerLetter>): string {
  return [`Subject: ${subject}`, '', text].join('\n')
}

/** What an external support could be asked. */
export function supportLetter(incident: Incident, environment: string): string {
  return [
    'Priority: critical, production is affected',
    `Environment: ${oneLine(environment, 60)}`,
    `Since: ${detectedIn(incident)}`,
    `Affected: ${servicesIn(incident, NOT_KNOWN)}`,
    '',
    'What we see: (put in what the assessment measured, and the errors of your system)',
    'What changed last: (put in the newest change)',
    'What we ask of you: (put in)',
  ].join('\n')
}

function detectedIn(incident: Incident): string {
  const { detected } = milestones(incident)
  return detected ? utcDayAndTime(detected) : NOT_KNOWN
}

function servicesIn(incident: Incident, otherwise: string): string {
  const services = affectedServices(incident)
  return services.length === 0 ? otherwise : namesUpTo(MOST_NAMED, services)
}

/** No more is promised than the journal holds. */
function stateOf({ plans, statusPage }: Incident): string {
  const begun = plans.some(({ request, run }) => rollsBackBy(request) && run !== null)
  if (begun) return 'We are rolling back a recent update, or have done so.'
  return statusPage.identified
    ? 'A recent update is the likely cause, and we are preparing to roll it back.'
    : 'We are investigating it.'
}
