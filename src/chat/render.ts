import type { Surface } from '../domain/incident/surface.ts'
import type { ApprovalSettings } from '../domain/plan/gate.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { StatusStage } from '../domain/incident/status-page.ts'
import type { View } from '../domain/base/view.ts'
import type { Contacts } from './text/contacts.ts'
import { assessmentCard } from './cards/assessment-card.ts'
import { checklist } from './cards/checklist.ts'
import type { LetterDrafts } from './cards/letter-blocks.ts'
import { headline } from './cards/headline.ts'
import { note } from './cards/note.ts'
import { planCard } from './cards/plan-card.ts'
import { runCard } from './cards/run-card.ts'
import { statusPageCard, statusStageCard, type StatusPageShown } from './cards/status-page-card.ts'
import { threadCard } from './cards/thread-card.ts'
import { verificationCard } from './cards/verification-card.ts'
import { watchCard } from './cards/watch-card.ts'

export type RenderContext = {
  readonly environment: string
  /** Asked only where it is shown: with many incidents it is most of the work. */
  readonly open: () => readonly Incident[]
  readonly approval: ApprovalSettings
  readonly contacts: Contacts
  /** What would be published on the status page; left out where none is configured. */
  readonly drafted?: StatusPageShown['drafted']
  /** What would be sent to key customers; left out where there is no mail server. */
  readonly letters?: LetterDrafts | undefined
}

const MOST_OPEN_SHOWN = 3

/** What a message of the incident says now. A pure function of what the journal holds (J8). */
export function renderSurface(surface: Surface, incident: Incident, shown: RenderContext): View {
  const { environment, open, approval, contacts } = shown
  switch (surface) {
    case 'assessment-card':
      return assessmentCard(
        incident,
        environment,
        incident.declared ? [] : open().slice(0, MOST_OPEN_SHOWN),
      )
    case 'headline':
      return headline(incident, environment, approval)
    case 'thread-card':
      return threadCard(incident, approval)
    case 'checklist':
      return checklist(incident, contacts, environment, shown.letters)
    case 'status-page':
      return statusPageCard(incident, shown)
    case 'verification':
      return verificationCard(incident)
    default:
      return renderNumbered(surface, incident, shown)
  }
}

type Numbered = Exclude<
  Surface,
  'assessment-card' | 'headline' | 'thread-card' | 'checklist' | 'status-page' | 'verification'
>

function renderNumbered(surface: Numbered, incident: Incident, shown: RenderContext): View {
  const stage = StatusStage.options.find((one) => surface === `status-page-${one}`)
  if (stage) return statusStageCard(incident, stage, shown)
  const number = Number(surface.slice(surface.lastIndexOf('-') + 1))
  if (surface.startsWith('plan-')) return planCard(incident, number, shown)
  if (surface.startsWith('run-')) return runCard(incident, number, shown.approval)
  if (surface.startsWith('watch-')) return watchCard(incident, number)
  return note(incident, number, shown)
}
