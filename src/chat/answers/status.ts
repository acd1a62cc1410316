import { severityOf } from '../../domain/incident/declaration.ts'
import { isOpen, type Incident } from '../../domain/incident/incident.ts'
import type { View } from '../../domain/base/view.ts'
import { header, listed, section, view } from '../parts/blocks.ts'
import { COMMAND } from '../reading/commands.ts'
import { SYMPTOM_LABELS } from '../reading/symptoms.ts'
import { dayAndTime } from '../text/moments.ts'
import {
  channelLink,
  counted,
  lines,
  mention,
  mrk,
  namesUpTo,
  oneLine,
  trusted,
  type Mrkdwn,
} from '../text/text.ts'
import { SEVERITY_WORDS } from '../text/words.ts'
import { link } from '../text/links.ts'
import { answerInWords } from '../parts/answer-parts.ts'
import { progressLine } from '../parts/plan-progress.ts'
import { standingSentence, standingSign } from '../parts/standing-words.ts'
import { suspendedNames } from '../parts/suspended.ts'

/** Where each incident's thread opens; `null`: whoever reads it may not be able to open Slack. */
type Links = ReadonlyMap<string, string> | null

/** The incidents given, each as it stands: all open ones, or the one asked for. */
export function statusView(
  incidents: readonly Incident[],
  environment: string,
  links: Links = new Map(),
  /** Those that cannot be read. */
  unreadable: readonly string[] = [],
): View {
  const where = oneLine(environment, 60)
  const [only] = incidents
  const missing = unreadable.length > 0 ? [section(notShown(unreadable))] : []
  if (!only && missing.length > 0) {
    return view(`Not every incident in ${where} can be read.`, missing)
  }
  if (!only) {
    const none = `No incident is open in ${where}.`
    const look = links === null ? 'run backout assess where Backout runs' : `type ${COMMAND} assess`
    return view(none, [section(mrk`${none} To look at production now ${look}.`)])
  }
  const summary =
    incidents.length === 1
      ? `${where}: ${inOneLine(only)}.`
      : `${counted(incidents.length, 'incident')} in ${where}: ${incidents.slice(0, 3).map(inOneLine).join('; ')}.`
  return view(summary, [
    header(incidents.length === 1 ? `Incident: ${where}` : `Incidents: ${where}`),
    ...missing,
    ...listed(
      incidents.map((incident) => paragraph(incident, links)),
      {
        apart: true,
        leftOut: (count) => `${counted(count, 'more incident')} did not fit here.`,
      },
    ),
  ])
}

/** That nothing is shown does not mean that nothing is open (J10). */
export function notShown(unreadable: readonly string[]): Mrkdwn {
  const names = namesUpTo(
    4,
    unreadable.map((id) => oneLine(id, 40)),
  )
  const which = counted(unreadable.length, 'incident')
  return mrk`⚠️ *Not shown:* ${which} (${names}), which this process of Backout cannot read. It may be open: see its thread, and have somebody run doctor.`
}

/** "Open, severity critical: 5xx 62 %". */
function inOneLine(incident: Incident): string {
  return `${standingSign(incident)} ${stateOf(incident)}: ${titleOf(incident)}`
}

export function titleOf({ declared, assessment }: Incident): string {
  if (declared) return oneLine(declared.title, 120)
  return assessment ? oneLine(answerInWords(assessment), 120) : 'no answer yet'
}

/** Severity in words, and whether people work on it. */
export function stateOf(incident: Incident): string {
  const severity = severityOf(incident)
  const state = isOpen(incident) ? 'Open' : incident.closed ? 'Closed' : 'Only assessed'
  if (!incident.declared) return state
  return `${state}, severity ${severity ? SEVERITY_WORDS[severity] : 'not known yet'}`
}

function paragraph(incident: Incident, links: Links): Mrkdwn {
  const { id, declared, closed, opened, symptoms } = incident
  const looksAgain = incident.assessment !== null && incident.assessmentDueSince !== null
  const since = declared?.at ?? opened?.at
  return lines([
    mrk`*${titleOf(incident)}* (${oneLine(id, 100)})`,
    mrk`${stateOf(incident)}${since ? mrk`, since ${dayAndTime(since)}` : ''}.${closed ? mrk` Closed ${dayAndTime(closed.at)} by ${mention(closed.by)}.` : ''}`,
    mrk`Now: ${standingSentence(incident)}${looksAgain ? ' Looking again.' : ''}`,
    ...(symptoms.length > 0
      ? [mrk`Reported: ${symptoms.map((symptom) => SYMPTOM_LABELS[symptom].label).join(', ')}.`]
      : []),
    ...(incident.lead ? [mrk`Lead: ${mention(incident.lead.by)}.`] : []),
    ...planLine(incident),
    whereToGo(incident, links),
  ])
}

/** What is being done about it, where there is a plan. */
export function planLine(incident: Incident): readonly Mrkdwn[] {
  const progress = progressLine(incident, 300)
  return progress === null ? [] : [mrk`${progress}.`]
}

/** The buttons are on the cards, not here. */
function whereToGo(incident: Incident, links: Links): Mrkdwn {
  const { declared, opened, closed } = incident
  const suspended = suspendedNames(incident)
  if (closed && suspended) return mrk`Next: resume ${suspended} by hand.`
  const channel = declared?.channel ?? opened?.place.channel
  if (closed || !channel) return trusted('Nothing is left to do here.')
  if (links === null) {
    return declared
      ? mrk`Its thread is in ${channelLink(channel)}.`
      : mrk`It is not declared. Its card is in ${channelLink(channel)}.`
  }
  const url = links.get(incident.id) ?? null
  return declared
    ? mrk`Next: ${link(url, 'its thread')} in ${channelLink(channel)}.`
    : mrk`Next: ${link(url, 'its card')} in ${channelLink(channel)}. It is not declared.`
}
