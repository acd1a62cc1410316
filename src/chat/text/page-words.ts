import { severityOf } from '../../domain/incident/declaration.ts'
import { planOf, type Incident } from '../../domain/incident/incident.ts'
import type { Severity } from '../../domain/assessment/rule.ts'
import type { Occasion } from '../../domain/outbox/page.ts'
import { redact } from '../../domain/text/redact.ts'
import { bothEnds, oneLine } from './text.ts'
import { SEVERITY_WORDS } from './words.ts'

/** Plain text, for a phone that wakes somebody: what is, and where to go. */
type CallWords = { readonly summary: string; readonly detail: string; readonly severity: Severity }

/** Room for the title: a spoken call reads all of it. */
const TITLE = 200

/** What a person is called for. Somebody else's words are on one line, short, and without what looks like a secret. */
export function callWords(incident: Incident, occasion: Occasion, environment: string): CallWords {
  const severity = severityOf(incident)
  const title = oneLine(redact(oneLine(incident.declared?.title ?? '', TITLE * 4)), TITLE)
  const level = severity ? `severity ${SEVERITY_WORDS[severity]}` : 'severity not known yet'
  const about = `Incident ${incident.id} in ${environment}, ${level}: ${title}`
  const plan = planOfOccasion(occasion)
  if (plan !== null) {
    const asked = planOf(incident, plan)?.plan?.title ?? ''
    const deed = bothEnds(redact(oneLine(asked, TITLE * 4)), TITLE)
    return {
      summary: `${environment}: plan ${plan} lacks signatures: ${deed}`,
      detail: `${about}\nRead plan ${plan} in the incident's thread in Slack, then approve or deny it.`,
      severity: severity ?? 'high',
    }
  }
  return occasion === 'declared'
    ? {
        summary: `${environment}: ${title}`,
        detail: `${about}\nPress "I have it" in the incident's thread in Slack.`,
        severity: severity ?? 'critical',
      }
    : {
        summary: `${environment} is bad again: ${title}`,
        detail: `${about}\nThe watch saw it turn bad again. Nothing was started. Decide in the incident's thread in Slack.`,
        severity: 'critical',
      }
}

/** Why somebody was called, as part of a sentence. */
export function occasionInWords(occasion: Occasion): string {
  const plan = planOfOccasion(occasion)
  if (plan !== null) return `plan ${plan} lacks signatures`
  return occasion === 'declared' ? 'the incident was declared' : 'production is bad again'
}

function planOfOccasion(occasion: Occasion): number | null {
  return occasion.startsWith('signatures-') ? Number(occasion.slice('signatures-'.length)) : null
}

/** Who has it, in plain text: a pager knows nobody's Slack account. */
export function leadWords({ lead }: Incident): string {
  return lead ? `Slack user ${oneLine(lead.by, 40)}` : 'somebody in Slack'
}

export function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
