import type { Surface } from './surface.ts'
import type { Place } from './place.ts'
import type { Event } from './event.ts'
import { messageOf, postedAs, type Incident } from './incident.ts'
import { StatusStage } from './status-page.ts'

/** What people have to notice, in a message of its own; everything else changes on its card. */
const NOTED: ReadonlySet<Event['type']> = new Set([
  'backout-restarted',
  'signatures-missing',
  'plan-voided',
  'plan-infeasible',
  'run-held',
  'people-asked',
  'run-ended',
  'watch-turned',
  'incident-reopened',
  'fix-deployed',
  'status-overdue',
  'report-missed',
  'checkpoint-taken',
])

/** Every message that the incident should have now, in the order in which they belong. */
export function surfacesOf(incident: Incident): readonly Surface[] {
  const { declared, outbox, plans, watch, timeline } = incident
  if (!declared) return ['assessment-card']
  return [
    // Declared by hand: the thread carries the assessment, and no card of its own is needed.
    ...(outbox.message['assessment-card'] ? (['assessment-card'] as const) : []),
    'headline',
    'thread-card',
    'checklist',
    ...statusPageSurfaces(incident),
    ...plans.flatMap(({ number, plan, run }): Surface[] => [
      ...(plan ? [`plan-${number}` as const] : []),
      ...(run ? [`run-${number}` as const] : []),
    ]),
    ...Array.from({ length: watch?.number ?? 0 }, (_, index): Surface => `watch-${index + 1}`),
    ...(hasFindings(incident) ? (['verification'] as const) : []),
    ...timeline
      .filter(({ event }) => {
        return NOTED.has(event.type) || tookSignatures(event, plans) || tookLead(event)
      })
      .map(({ sequence }): Surface => `note-${sequence}`),
  ]
}

/** Its card is posted with what was found, so that whoever is notified reads that. */
function hasFindings({ verification, outbox }: Incident): boolean {
  if (!verification) return false
  const isFound = Object.keys(verification.known).length > 0 || verification.due === null
  return isFound || outbox.message.verification !== undefined
}

/** Whoever signed a plan is told when somebody else takes it away. */
function tookSignatures(event: Event, plans: Incident['plans']): boolean {
  if (event.type !== 'plan-withdrawn') return false
  return (plans[event.plan - 1]?.approvals.length ?? 0) > 0
}

/** Whoever has led is told that they need not any more. */
function tookLead(event: Event): boolean {
  return event.type === 'lead-taken' && event.from !== undefined
}

/** One card, and beside it those that an older version has posted: each of them for its stage. */
function statusPageSurfaces(incident: Incident): readonly Surface[] {
  const stage = stageNow(incident)
  if (!stage) return []
  const older = StatusStage.options.filter((one) => hasOwnCard(incident, one))
  return [
    ...older.map((one): Surface => `status-page-${one}`),
    ...(older.includes(stage) ? [] : (['status-page'] as const)),
  ]
}

/** What the status page should be told now; `null` before it should be told anything. */
export function stageNow({ statusPage }: Incident): StatusStage | null {
  return StatusStage.options.findLast((stage) => statusPage[stage]) ?? null
}

/** Posted, or about to be, before there was one card for all stages. */
function hasOwnCard(incident: Incident, stage: StatusStage): boolean {
  return messageOf(incident, `status-page-${stage}`) !== undefined
}

/** Where the message belongs; `null` while it has no place yet. */
export function placeOf(surface: Surface, incident: Incident): Place | null {
  const { opened, declared } = incident
  if (surface === 'assessment-card') return opened?.place ?? null
  if (!isInThread(surface)) return declared && { channel: declared.channel, thread: null }
  const headline = postedAs(incident, 'headline')
  return headline && { channel: headline.channel, thread: headline.ts }
}

export function isInThread(surface: Surface): boolean {
  return surface !== 'assessment-card' && surface !== 'headline'
}

/** Said once: it never changes. */
export function isNote(surface: Surface): boolean {
  return surface.startsWith('note-')
}
