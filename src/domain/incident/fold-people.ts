import type { Assessment } from '../assessment/assessment.ts'
import type { Edit } from './closing.ts'
import { maySendAgain } from '../outbox/sending.ts'
import { ownerTarget, type OwnerName } from '../plan/owner.ts'
import { contradicted, takingWhatRuns } from '../watch/watch.ts'
import type { Event } from './event.ts'
import { prompted } from './fold-watch.ts'
import type { Illegal } from './illegal-event.ts'
import type { Incident } from './incident.ts'
import { publicationOf } from './publication.ts'
import { nextKey, type StatusPrompt } from './status-page.ts'

type LifeEvent = Extract<
  Event,
  {
    type:
      | `incident-${string}`
      | `symptom-${string}`
      | `assessment-${string}`
      | 'lead-taken'
      | 'fix-deployed'
      | 'resumed-elsewhere'
  }
>
type ChecklistEvent = Extract<Event, { type: `item-${string}` | `status-${string}` }>

/** From the first question to the end of the incident. */
export function foldLife(
  incident: Incident,
  event: LifeEvent,
  at: string,
  illegal: Illegal,
): Incident {
  switch (event.type) {
    case 'incident-opened': {
      if (incident.opened) throw illegal('opened twice')
      const { by, place, environment = null } = event
      return { ...incident, opened: { by, at, place, environment } }
    }
    case 'symptom-reported':
      if (incident.symptoms.includes(event.symptom)) throw illegal('reported twice')
      return { ...incident, symptoms: [...incident.symptoms, event.symptom] }
    case 'symptom-retracted': {
      const symptoms = incident.symptoms.filter((one) => one !== event.symptom)
      if (symptoms.length === incident.symptoms.length) throw illegal('nobody reported it')
      return { ...incident, symptoms }
    }
    case 'assessment-requested': {
      const assessmentDueSince = incident.assessmentDueSince ?? at
      return { ...incident, assessmentDueSince, assessmentAskedBy: event.by }
    }
    case 'assessment-taken':
      if (incident.assessmentDueSince === null) throw illegal('nobody asked for it')
      return assessed(incident, event.assessment, at)
    case 'incident-declared': {
      if (incident.declared) throw illegal('declared twice')
      const { type: _, ...declaration } = event
      return prompted({ ...incident, declared: { ...declaration, at } }, 'investigating', at)
    }
    case 'incident-closed':
      if (!incident.declared || incident.closed) throw illegal('not open')
      return {
        ...incident,
        closed: { by: event.by, at, closing: event.closing ?? null },
        assessmentDueSince: null,
        verification: incident.verification && { ...incident.verification, due: null },
      }
    case 'incident-reopened':
      if (!incident.closed) throw illegal('not closed')
      return reopened(incident)
    case 'incident-edited':
      if (!incident.declared) throw illegal('not declared')
      return edited(incident, incident.declared, event.edit)
    case 'resumed-elsewhere':
      return worksAgain(incident, event.owner, at)
    case 'fix-deployed':
      if (!incident.declared) throw illegal('not declared')
      return fixed(incident, event.by, at)
    case 'lead-taken':
      if (!incident.declared || incident.closed) throw illegal('not open')
      if (incident.lead?.by !== event.from) throw illegal('somebody else leads it')
      return { ...incident, lead: { by: event.by, at } }
    default:
      return event satisfies never
  }
}

/** It will be closed once more, and its thread told of that once more. */
function reopened(incident: Incident): Incident {
  const checkpoints = incident.checkpoints.filter(({ of }) => of !== 'closed')
  return { ...incident, closed: null, fixDeployed: null, checkpoints }
}

/** From here on other versions may run: the locks are open, and the watch takes what it finds. */
function fixed(incident: Incident, by: string, at: string): Incident {
  const watch = incident.watch && takingWhatRuns(incident.watch, at)
  return { ...incident, fixDeployed: { by, at }, watch }
}

function worksAgain(incident: Incident, owner: OwnerName, at: string): Incident {
  const resumedElsewhere = { ...incident.resumedElsewhere, [ownerTarget(owner)]: at }
  return { ...incident, resumedElsewhere }
}

function edited(
  incident: Incident,
  declared: NonNullable<Incident['declared']>,
  { title = declared.title, description = declared.description, severity }: Edit,
): Incident {
  return {
    ...incident,
    declared: { ...declared, title, description },
    severitySet: severity === undefined ? incident.severitySet : severity,
  }
}

/** An assessment that calls for something ends what an older watch has claimed. */
function assessed(incident: Incident, assessment: Assessment, at: string): Incident {
  const { watch } = incident
  const otherwise = watch !== null && assessment.decision !== 'do-not'
  return {
    ...incident,
    assessment,
    assessmentDueSince: null,
    watch: otherwise ? contradicted(watch, at) : watch,
  }
}

/** What only people do, and what the status page says. */
export function foldChecklist(
  incident: Incident,
  event: ChecklistEvent,
  at: string,
  illegal: Illegal,
): Incident {
  if (event.type === 'item-ticked') {
    if (incident.ticked[event.item]) throw illegal('ticked twice')
    return { ...incident, ticked: { ...incident.ticked, [event.item]: { by: event.by, at } } }
  }
  const prompt = incident.statusPage[event.stage]
  if (!prompt || prompt.decided) throw illegal('nobody was asked')
  if (event.type === 'status-publishing') {
    const kind = publicationOf(incident, event.stage)?.state.kind
    if (!maySendAgain(kind)) throw illegal('it is on its way')
  }
  const answered = answeredBy(prompt, event, at)
  return { ...incident, statusPage: { ...incident.statusPage, [event.stage]: answered } }
}

function answeredBy(
  prompt: StatusPrompt,
  event: Exclude<ChecklistEvent, { type: 'item-ticked' }>,
  at: string,
): StatusPrompt {
  switch (event.type) {
    case 'status-draft-edited':
      return { ...prompt, text: event.text }
    case 'status-decided':
      return { ...prompt, decided: { decision: event.decision, by: event.by, at } }
    case 'status-publishing': {
      const { by, post, stage } = event
      const publication = { key: nextKey(stage, prompt), by, at, post }
      return { ...prompt, publications: [...prompt.publications, publication] }
    }
    case 'status-overdue':
      return { ...prompt, overdue: true }
    default:
      return event satisfies never
  }
}
