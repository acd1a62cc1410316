import { createHash } from 'node:crypto'
import { statusPost, type PostSettings } from '../../src/chat/cards/status-post.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { StatusStage } from '../../src/domain/incident/status-page.ts'
import type { Drafted, StatusPost } from '../../src/domain/outbox/status-post.ts'
import { canonicalJson } from '../../src/domain/text/canonical-json.ts'

export const postSettings: PostSettings = {
  environment: 'production',
  components: { backend: 'c-backend' },
  impact: { critical: 'critical', high: 'major', medium: 'minor', low: 'minor' },
}

/** What would be published, as the program drafts it. */
export function drafted(incident: Incident, stage: StatusStage): Drafted {
  const now = statusPost(stage, incident, postSettings)
  const digest = createHash('sha256').update(canonicalJson(now)).digest('hex').slice(0, 32)
  return { post: now, digest }
}

/** Something that somebody had published. */
export function post(changes: Partial<StatusPost> = {}): StatusPost {
  return {
    title: 'Issue affecting backend',
    body: 'We are investigating.',
    stage: 'investigating',
    status: 'investigating',
    impact: 'major',
    components: [{ service: 'backend', id: 'c-backend', state: 'partial_outage' }],
    ...changes,
  }
}
