import type { Incident } from '../../domain/incident/incident.ts'
import { leftOpen, type LeftOpen } from '../../domain/incident/left-open.ts'
import { COMMAND } from '../reading/commands.ts'
import { bothEnds, mrk, namesUpTo, trusted, type Mrkdwn } from '../text/text.ts'
import { ITEM_WORDS, STAGE_WORDS, WATCH_WORDS } from '../text/words.ts'

const MOST_LINES = 12

/** What is not as it was before, or not done yet; each with what to do about it. */
export function leftOpenLines(
  incident: Incident,
  /** What the card says in other words. */
  without: ReadonlySet<string> = new Set(),
): readonly Mrkdwn[] {
  const left = leftOpen(incident).filter(({ what }) => !without.has(what))
  const lines = left.slice(0, MOST_LINES).map((one) => mrk`• ${inWords(one)}`)
  const more = left.length - MOST_LINES
  return more > 0 ? [...lines, mrk`• … and ${more} more`] : lines
}

function inWords(left: LeftOpen): Mrkdwn {
  switch (left.what) {
    case 'maintenance':
      return mrk`Maintenance is on since plan ${left.plan}: people see its page. \`${COMMAND} maintenance off\` turns it off.`
    case 'suspended':
      return mrk`${bothEnds(left.owner, 150)} is suspended by plan ${left.plan}. \`${COMMAND} resume\` lets it go on; once the incident is closed, somebody has to do it by hand.`
    case 'plan':
      return mrk`Plan ${left.plan} waits. It is withdrawn.`
    case 'watch':
      return watchInWords(left)
    case 'verification':
      return mrk`Not verified: ${namesUpTo(12, left.titles)}.`
    case 'status-page':
      return mrk`Nobody has said that the status page was told: ${STAGE_WORDS[left.stage]}.`
    case 'checklist':
      return mrk`Not ticked: ${ITEM_WORDS[left.item]}.`
    case 'deploy-lock':
      return mrk`The version that plan ${left.plan} rolled back from is locked. Press _Fixed version deployed_ once a fixed one runs.`
    case 'kept':
      return mrk`Kept since plan ${left.plan} for a way back: ${left.kept}. Once nobody needs that, \`${COMMAND} tidy-up\` removes it.`
    default:
      return left satisfies never
  }
}

function watchInWords({ state, goesOn }: Extract<LeftOpen, { what: 'watch' }>): Mrkdwn {
  const was = state === 'stable' ? '' : ` Production is ${WATCH_WORDS[state]}.`
  return goesOn ? trusted(`The watch still goes on, and ends now.${was}`) : trusted(was.trim())
}
