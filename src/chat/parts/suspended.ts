import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { ownerInWords, worksInWords } from '../../domain/plan/owner.ts'
import { stillSuspended } from '../../domain/plan/suspension.ts'
import { COMMAND } from '../reading/commands.ts'
import { bothEnds, mrk, namesUpTo, trusted, type Mrkdwn } from '../text/text.ts'

/** Until it is resumed nothing of what it keeps is updated: easily forgotten once all is well. */
export function suspendedLines(incident: Incident): readonly Mrkdwn[] {
  const suspended = stillSuspended(incident)
  if (suspended.length === 0) return []
  const { closed } = incident
  const lines = suspended.slice(0, 3).map(({ owner, plan, certain, from }) => {
    const before = closed ? ` (before: ${worksInWords(from)})` : ''
    const word = certain ? 'Suspended' : 'Perhaps suspended'
    return mrk`*${word} by plan ${plan}:* ${bothEnds(`${ownerInWords(owner)}${before}`, 300)}`
  })
  return [...lines, howToResume(incident)]
}

function howToResume(incident: Incident): Mrkdwn {
  if (incident.closed) {
    return trusted('Backout has not resumed it, and cannot any more: do it by hand.')
  }
  return incidentCan.plan(incident, { kind: 'resume' }) === true
    ? mrk`Backout has not resumed it. To plan that, type \`${COMMAND} resume\`.`
    : trusted('Backout has not resumed it. That can be planned when what is being done has ended.')
}

/** Their names for a sentence; `null` when nothing is. */
export function suspendedNames(incident: Incident): string | null {
  const names = stillSuspended(incident).map(({ owner }) => ownerInWords(owner))
  return names.length === 0 ? null : bothEnds(namesUpTo(3, names), 150)
}
