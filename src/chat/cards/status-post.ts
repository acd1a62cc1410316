import type { Severity } from '../../domain/assessment/rule.ts'
import { affectedServices } from '../../domain/incident/affected-services.ts'
import { severityOf } from '../../domain/incident/declaration.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { StatusStage } from '../../domain/incident/status-page.ts'
import type { Impact, PageStatus, StatusPost } from '../../domain/outbox/status-post.ts'
import { cutPlain, namesUpTo } from '../text/text.ts'
import { stableSince, statusDraft } from './status-draft.ts'

export type PostSettings = {
  readonly environment: string
  /** What the page calls each service. */
  readonly components: Readonly<Record<string, string>>
  readonly impact: Readonly<Record<Severity, Impact>>
}

/** Pages know four states; a rollback that is under way has no word of its own there. */
const ON_PAGE: Readonly<Record<StatusStage, PageStatus>> = {
  investigating: 'investigating',
  identified: 'identified',
  'rolling-back': 'identified',
  monitoring: 'monitoring',
  resolved: 'resolved',
}

const BODY_MAX = 4000
const TITLE_MAX = 200
const MOST_NAMED = 5

/** Exactly what would be published at this stage, by the journal as it is. */
export function statusPost(
  stage: StatusStage,
  incident: Incident,
  { environment, components, impact }: PostSettings,
): StatusPost {
  const services = affectedServices(incident)
  const severity = severityOf(incident)
  const state = stateOf(stage, incident, severity)
  const edited = incident.statusPage[stage]?.text?.trim() ?? ''
  const body = edited === '' ? statusDraft(stage, incident, environment) : edited
  return {
    title: cutPlain(titleOf(services), TITLE_MAX),
    body: cutPlain(body, BODY_MAX),
    stage,
    status: ON_PAGE[stage],
    impact: severity === null ? null : impact[severity],
    components: services.flatMap((service) => {
      const id = Object.hasOwn(components, service) ? components[service] : undefined
      return id === undefined ? [] : [{ service, id, state }]
    }),
  }
}

/** Without the incident's own title: that was written for colleagues. */
function titleOf(services: readonly string[]): string {
  return services.length === 0
    ? 'Issue affecting some users'
    : `Issue affecting ${namesUpTo(MOST_NAMED, services)}`
}

function stateOf(stage: StatusStage, incident: Incident, severity: Severity | null) {
  if (stage === 'resolved' && stableSince(incident)) return 'operational'
  return severity === 'critical' ? 'major_outage' : 'partial_outage'
}
