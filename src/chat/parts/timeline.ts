/* oxlint-disable typescript/no-unsafe-type-assertion -- what belongs to a kind is known by its table; the compiler cannot follow a kind that is only known later */

import type { KnownBlock } from '@slack/types'
import { chronological } from '../../domain/incident/chronological.ts'
import { ownerInWords } from '../../domain/plan/owner.ts'
import type { Event } from '../../domain/incident/event.ts'
import type { Incident, Moment } from '../../domain/incident/incident.ts'
import { context } from './blocks.ts'
import { SYMPTOM_LABELS } from '../reading/symptoms.ts'
import { clockTime } from '../text/moments.ts'
import { bothEnds, clipped, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { ITEM_WORDS, OUTCOMES_OF_CLOSING, STAGE_WORDS, WATCH_WORDS } from '../text/words.ts'
import { verifiedWords } from '../text/verification-words.ts'
import { checkpointLine } from '../text/checkpoint-words.ts'
import { answerInWords } from './answer-parts.ts'
import { pageOfKey } from '../../domain/outbox/page.ts'
import { PAGER_NAMES } from '../../domain/text/product-names.ts'
import { answeredInWords } from './page-lines.ts'
import { occasionInWords, sentenceCase } from '../text/page-words.ts'
import { OUTCOME_WORDS } from './run-words.ts'
import { wayAfter } from './way-words.ts'

/** What one moment may say of itself. */
const LINE = 200

/** Who said what, when no metric shows it. */
export function reportedLine({ symptoms }: Incident): readonly Mrkdwn[] {
  if (symptoms.length === 0) return []
  return [mrk`*Reported:* ${symptoms.map((symptom) => SYMPTOM_LABELS[symptom].label).join(', ')}`]
}

/** The newest moments of the incident, oldest of them first. */
export function timelineBlock(incident: Incident, newest: number): KnownBlock {
  const timeline = chronological(incident.timeline)
  const left = timeline.length - newest
  return context(
    trusted('*What happened*'),
    ...(left > 0 ? [mrk`… ${left} earlier`] : []),
    ...timeline.slice(-newest).map((moment) => momentLine(incident, moment)),
  )
}

function momentLine(incident: Incident, { at, event }: Moment): Mrkdwn {
  return mrk`${clockTime(at)}  ${momentInWords(incident, event)}`
}

type Plans = Incident['plans']
type Line<Type extends Event['type']> = (
  event: Extract<Event, { type: Type }>,
  plans: Plans,
) => Mrkdwn

/** Each event in a line; `null`: not for the timeline, as it was only asked or only changes a card. */
const LINES: { readonly [Type in Event['type']]: Line<Type> | null } = {
  'incident-opened': ({ by }) => mrk`${mention(by)} asked for an assessment`,
  'symptom-reported': ({ by, symptom }) =>
    mrk`${mention(by)} reported: ${SYMPTOM_LABELS[symptom].label}`,
  'symptom-retracted': ({ by, symptom }) =>
    mrk`${mention(by)} took back: ${SYMPTOM_LABELS[symptom].label}`,
  'alert-fired': ({ by, alert, over, more }) => {
    const says = alert.summary === null ? '' : mrk`: ${clipped(alert.summary, LINE)}`
    const others = more === undefined ? '' : mrk`, and ${more} more with it`
    return mrk`${mention(by)} fires since ${clockTime(alert.startsAt)}${others}${over ? ', of another group' : ''}${says}`
  },
  'alert-ended': ({ by, alert }) =>
    alert.endsAt === null
      ? mrk`${mention(by)} has ended`
      : mrk`${mention(by)} has ended at ${clockTime(alert.endsAt)}`,
  'assessment-taken': ({ assessment }) => clipped(answerInWords(assessment), LINE),
  'incident-declared': ({ by }) => mrk`${mention(by)} declared the incident`,
  'incident-closed': ({ by, closing }) =>
    closing
      ? mrk`${mention(by)} closed the incident: ${OUTCOMES_OF_CLOSING[closing.outcome]}`
      : mrk`${mention(by)} closed the incident`,
  'incident-reopened': ({ by }) => mrk`${mention(by)} reopened the incident`,
  'incident-edited': ({ by, edit }) =>
    mrk`${mention(by)} changed the ${Object.keys(edit).join(', ')}${edit.title === undefined ? '' : mrk`: ${clipped(edit.title, LINE)}`}`,
  'resumed-elsewhere': ({ owner }) =>
    mrk`${clipped(ownerInWords(owner), LINE)} works by itself again; nobody let it by a plan`,
  'fix-deployed': ({ by }) => mrk`${mention(by)} said that a fixed version is deployed`,
  'lead-taken': ({ by, from }) =>
    from === undefined
      ? mrk`${mention(by)} leads from here on`
      : mrk`${mention(by)} leads from here on, after ${mention(from)}`,
  'plan-requested': ({ by, plan, again }) =>
    again
      ? mrk`${mention(again)} asked again for what ${mention(by)} had asked for: plan ${plan}`
      : mrk`${mention(by)} asked for plan ${plan}`,
  'plan-infeasible': ({ plan, because }) =>
    mrk`Plan ${plan} is not possible: ${clipped(because, LINE)}`,
  'plan-proposed': ({ plan, proposal }) =>
    mrk`Plan ${plan} is proposed: ${clipped(bothEnds(proposal.title, 120), LINE)}`,
  'plan-asked-again': ({ plan, by }) => mrk`${mention(by)} asked again for plan ${plan}`,
  'plan-cautioned': ({ plan, cautions }) =>
    mrk`What to know before signing plan ${plan} is now: ${clipped(cautions.join('; ') || 'nothing more', LINE)}`,
  'plan-approved': ({ by, plan, via, rightsAsOf }) =>
    mrk`${mention(by)} signed plan ${plan}${wayAfter({ via, rightsAsOf })}`,
  'approval-expired': ({ by, plan }) => mrk`${mention(by)}’s signature on plan ${plan} expired`,
  'plan-denied': ({ by, plan, reason }) => {
    const why = reason === undefined ? '' : mrk`: ${clipped(reason, LINE)}`
    return mrk`${mention(by)} denied plan ${plan}${why}`
  },
  'plan-voided': ({ plan, because }) =>
    mrk`Plan ${plan} is void: ${clipped(because.join('; '), LINE)}`,
  'plan-withdrawn': ({ plan, by }) => mrk`Plan ${plan} is withdrawn by ${mention(by)}`,
  'signatures-missing': ({ plan }) => mrk`Plan ${plan} lacks signatures, people were called`,
  'run-held': ({ plan, by }) => mrk`Plan ${plan} waits for incident ${clipped(by, 80)}`,
  'run-started': ({ plan }) => mrk`Plan ${plan} was begun`,
  'people-asked': (event, plans) => mrk`Asked for: ${stepOf(plans, event)}`,
  'step-succeeded': (event, plans) =>
    mrk`Done${event.by === undefined ? '' : mrk`, says ${mention(event.by)}`}: ${stepOf(plans, event)}`,
  'step-failed': (event, plans) =>
    mrk`Failed: ${stepOf(plans, event)}: ${clipped(event.says, LINE)}`,
  'abort-requested': ({ by, plan }) => mrk`${mention(by)} stopped plan ${plan}`,
  'run-ended': ({ plan, outcome }) => mrk`Plan ${plan} ${OUTCOME_WORDS[outcome]}`,
  'watch-started': ({ watch }) => mrk`Watch ${watch} was begun`,
  'watch-turned': ({ watch, to }) => mrk`Watch ${watch}: ${WATCH_WORDS[to]}`,
  'watch-ended': ({ watch, because }) =>
    mrk`Watch ${watch} ${because === 'over' ? 'is over' : 'was stopped'}`,
  'verification-taken': ({ results }) => mrk`Backout verified: ${verifiedWords(results)}`,
  'verification-ticked': ({ by, title }) => mrk`${mention(by)} verified: ${clipped(title, LINE)}`,
  'moment-added': ({ by, text }) => mrk`${clipped(text, LINE)} (added by ${mention(by)})`,
  'report-written': ({ ok, says }) =>
    ok ? mrk`The report was written` : mrk`The report is not whole: ${clipped(says, LINE)}`,
  'report-missed': () => trusted('Nobody has said that the report is published'),
  'report-published': ({ by }) => mrk`${mention(by)} says that the report is published`,
  'item-ticked': ({ by, item }) => mrk`${mention(by)} ticked: ${ITEM_WORDS[item]}`,
  'status-decided': ({ by, decision, stage }) =>
    mrk`${mention(by)} ${decision} the status page: ${STAGE_WORDS[stage]}`,
  'status-publishing': ({ by, stage }) =>
    mrk`${mention(by)} has the status page say: ${STAGE_WORDS[stage]}`,
  'status-overdue': ({ stage }) =>
    mrk`The status page does not say yet: ${STAGE_WORDS[stage]}; people were reminded`,
  'letter-sending': ({ by, letter }) =>
    mrk`${mention(by)} had a letter sent to ${clipped(letter.name, 80)}`,
  'page-acknowledged': ({ key, by }) => answeredInWords(key, by),
  'outbox-delivered': (event) => ofPage(event, 'accepted a page'),
  'outbox-unknown': (event) => ofPage(event, 'did not say whether it accepted a page'),
  'outbox-refused': (event) => ofPage(event, 'refused a page'),
  'checkpoint-taken': ({ checkpoint }) => checkpointLine(checkpoint),
  'backout-restarted': () => trusted('Backout was restarted and carries on'),
  'report-requested': null,
  'intent-received': null,
  'intent-refused': null,
  'intent-accepted': null,
  'assessment-requested': null,
  'verification-requested': null,
  'plan-prepared': null,
  'step-started': null,
  'step-waiting': null,
  'step-progressed': null,
  'watch-looked': null,
  'status-draft-edited': null,
  'preparation-progressed': null,
  'outbox-claimed': null,
  'outbox-released': null,
  'message-posting': null,
  'message-posted': null,
  'message-lost': null,
}

/** What happened then, without its time. */
export function momentInWords({ plans }: Pick<Incident, 'plans'>, event: Event): Mrkdwn {
  const line = LINES[event.type] as Line<Event['type']> | null
  return line ? line(event, plans) : trusted(event.type)
}

/** Of what is sent outward only calls are read here. */
function ofPage(
  { kind, key }: { readonly kind: string; readonly key: string },
  did: string,
): Mrkdwn {
  const page = kind === 'page' ? pageOfKey(key) : null
  if (!page) return trusted(kind)
  return mrk`${sentenceCase(PAGER_NAMES[page.pager])} ${did}: ${occasionInWords(page.occasion)}`
}

function stepOf(plans: Plans, { plan, step }: { plan: number; step: number }): Mrkdwn {
  const title = plans[plan - 1]?.plan?.steps[step]?.title
  return title ? clipped(title, LINE) : mrk`step ${step + 1} of plan ${plan}`
}
