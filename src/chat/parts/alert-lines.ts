import type { KnownBlock } from '@slack/types'
import type { NotedAlert } from '../../domain/alert/noted-alerts.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, code, cut, lines, mrk, namesUpTo, trusted, type Mrkdwn } from '../text/text.ts'
import { inSections } from './blocks.ts'

/** So many are told in full. */
const MOST_SHOWN = 3

/** So many names of what is not. */
const MOST_NAMED = 5

/** The alerts that were told to the incident: what they say, and whether they fire still. */
export function alertBlocks({ alerts, alertsLeftOut }: Incident): readonly KnownBlock[] {
  const own = firingFirst(alerts.filter(({ over }) => !over))
  const others = firingFirst(alerts.filter(({ over }) => over))
  const unnamed = own.slice(MOST_SHOWN)
  const more = unnamed.length + alertsLeftOut
  const named = unnamed.length > 0 ? `: ${namesUpTo(MOST_NAMED, unnamed.map(nameOf))}` : ''
  return inSections([
    ...own.slice(0, MOST_SHOWN).map(alertInWords),
    ...(more > 0 ? [mrk`*And ${more} more ${more === 1 ? 'alert' : 'alerts'}*${named}`] : []),
    ...(others.length > 0
      ? [
          mrk`*Alerts of other groups:* ${namesUpTo(MOST_NAMED, others.map(nameOf))}. They are told here because alerts have opened many incidents within a few minutes already.`,
        ]
      : []),
  ])
}

/** Which alert it is about, for a notification; `null`: none is. */
export function alertSentence({ alerts }: Incident): string | null {
  const [first, ...others] = alerts.filter(({ over }) => !over)
  if (!first) return null
  const more = others.length > 0 ? `, and ${others.length} more,` : ''
  return `Asked by the alert ${first.name}${more} from Alertmanager.`
}

function firingFirst(alerts: readonly NotedAlert[]): readonly NotedAlert[] {
  return [
    ...alerts.filter(({ state }) => state === 'firing'),
    ...alerts.filter(({ state }) => state === 'ended'),
  ]
}

function nameOf({ name, state }: NotedAlert): string {
  return state === 'ended' ? `${name} (ended)` : name
}

function alertInWords(alert: NotedAlert): Mrkdwn {
  const { name, severity, summary, startsAt, links } = alert
  const level = severity === null ? trusted('') : mrk` (its severity: ${clipped(severity, 40)})`
  const says = summary === null ? trusted('') : mrk`: ${clipped(summary, 300)}`
  const told = [
    ['Source', links.source],
    ['Runbook', links.runbook],
    ['Alertmanager', links.alertmanager],
  ] as const
  return lines([
    mrk`*Alert:* ${clipped(name, 80)}${level}, since ${clockTime(startsAt)}${says}`,
    ...ended(alert),
    ...told.flatMap(([what, url]) => (url === null ? [] : [mrk`${what}: ${address(url)}`])),
  ])
}

function ended({ state, endsAt }: NotedAlert): readonly Mrkdwn[] {
  if (state !== 'ended') return []
  const when = endsAt === null ? trusted('') : mrk` at ${clockTime(endsAt)}`
  return [mrk`*The alert has ended${when}.* That closes nothing: people do.`]
}

/** To be copied, and never to be pressed: whoever can send alerts has written it. */
function address(url: string): Mrkdwn {
  return trusted(cut(code(url, 200).mrkdwn, 260))
}
