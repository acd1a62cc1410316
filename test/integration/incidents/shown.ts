import { z } from 'zod'
import { assessmentCard } from '../../../src/chat/cards/assessment-card.ts'
import type { Assessment } from '../../../src/domain/assessment/assessment.ts'
import { inUtc } from '../../../src/chat/text/moments.ts'
import { incidentAfter, opened, requested } from '../../support/builders.ts'
import { INCIDENTS } from '../../support/slack/fixture.ts'
import type { Slack } from '../../support/slack/slack.ts'
import { corpus } from './corpus.ts'
import type { writtenDown } from './written-down.ts'

/** Those whose cards are looked at: each has another thing to say. */
const SHOWN = [
  'all-well',
  'right-after-the-newest-change',
  'before-the-newest-change',
  'right-after-it-was-scaled',
  'ran-for-days-and-a-cause-is-wanted',
  'everything-speaks-against',
  'over-since-110',
  '1-of-8-logins',
  'crash-loop',
  'within-one-bucket',
  'frontend-says-code',
  'all-down-190',
]

export const shown = SHOWN.map((name) => {
  const found = corpus.find((incident) => incident.name === name)
  if (!found) throw new Error(`there is no incident ${name}`)
  return found
})

/** The card that people get who ask then, in Slack; its time there. */
export async function cardOfIncident(
  written: Awaited<ReturnType<typeof writtenDown>>,
  incident: (typeof shown)[number],
  { apiUrl, workspace }: Slack,
): Promise<{ readonly ts: string; readonly assessment: Assessment }> {
  const assessment = await written.assessment(incident)
  const asked = incidentAfter(opened, requested, { type: 'assessment-taken', assessment })
  const { text, blocks } = inUtc(assessmentCard(asked, 'production', []))
  const answer = await fetch(new URL('chat.postMessage', apiUrl), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${workspace.app.botToken}`,
    },
    body: JSON.stringify({ channel: INCIDENTS, text, blocks }),
  })
  const said: unknown = await answer.json()
  const { ts } = Posted.parse(said)
  return { ts, assessment }
}

const Posted = z.object({ ok: z.literal(true), ts: z.string() })
