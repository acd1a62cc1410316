import { z } from 'zod'
import type { Actor } from '../base/actor.ts'
import { toMs } from '../base/instant.ts'
import { redact } from '../text/redact.ts'

/** How much of what others wrote is kept. */
const KEPT = { name: 80, severity: 40, summary: 300, link: 300 } as const

/** The state of a monitored thing, as another system told it. Every text is somebody else's. */
export const Alert = z.object({
  /** The same for the same labels, whoever delivers it and however often it fires. */
  fingerprint: z.string(),
  state: z.enum(['firing', 'ended']),
  name: z.string(),
  /** As the alert calls it. It is shown, and says nothing of the incident's own severity. */
  severity: z.string().nullable(),
  summary: z.string().nullable(),
  startsAt: z.iso.datetime(),
  /** `null` while it fires. */
  endsAt: z.iso.datetime().nullable(),
  /** Where more is told; shown as text, never as a link. */
  links: z.object({
    source: z.string().nullable(),
    runbook: z.string().nullable(),
    alertmanager: z.string().nullable(),
  }),
})
export type Alert = z.infer<typeof Alert>

/** What comes in one notification: they belong together. */
export type AlertGroup = {
  readonly alerts: readonly Alert[]
  /** So many more belong to it and did not come with it. */
  readonly truncated: number
}

export function alertActor({ name }: Pick<Alert, 'name'>): Actor {
  return `alert:${name}`
}

type Told = Pick<Alert, 'fingerprint' | 'startsAt' | 'state'>

/**
 * The delivery of an alert's state: whoever tells of it again, in whatever company, tells the same (J2).
 * `round`: so often it was told to have ended and then fired on, of the same start.
 */
export function alertDelivery({ fingerprint, startsAt, state }: Told, round = 0): string {
  return `${deliveriesOf(fingerprint)}${startsAt}:${state}${round > 0 ? `:${round}` : ''}`
}

/** How the deliveries of an alert begin, whenever it fired. In their order the newest is the last. */
export function deliveriesOf(fingerprint: string): string {
  return `alert:${fingerprint}:`
}

/** Whether that delivery tells of the same alert firing since then, or since later. */
export function tellsNewerFiring(delivery: string, { fingerprint, startsAt }: Told): boolean {
  const [, since] =
    /^(.*):firing(?::\d)?$/.exec(delivery.slice(deliveriesOf(fingerprint).length)) ?? []
  return since !== undefined && since >= startsAt
}

/** Within so long after an end, whoever says that it fires is late. */
const LATE_MS = 2 * 60_000

/** A digit, so that in the order of deliveries the newest stays the last. */
const LAST_ROUND = 9

/** When what was received under a delivery became durable. */
type Kept = { readonly delivery: string; readonly at: string }

/**
 * The round that it tells of; `null`: that was told before. Who watches may be away for a while: then the
 * alert is told to have ended, and afterwards to fire, since when it ever did.
 */
export function roundTold(
  alert: Told & Pick<Alert, 'endsAt'>,
  told: readonly Kept[],
  nowMs: number,
): number | null {
  const keptMs = new Map(told.map(({ delivery, at }) => [delivery, toMs(at)]))
  const atMs = (state: Alert['state'], round: number): number | undefined =>
    keptMs.get(alertDelivery({ ...alert, state }, round))
  let round = 0
  while (atMs('firing', round + 1) !== undefined) round += 1
  if (alert.state === 'ended') {
    const firedMs = atMs('firing', round) ?? 0
    // Of the round before, and told late.
    if (round > 0 && toMs(alert.endsAt ?? alert.startsAt) < firedMs - LATE_MS) return null
    return atMs('ended', round) === undefined ? round : null
  }
  if (told.some(({ delivery }) => tellsNewerFiring(delivery, alert))) {
    const endedMs = atMs('ended', round)
    const isLate = endedMs === undefined || nowMs - endedMs <= LATE_MS
    const isNewest = !told.some(({ delivery }) => tellsLaterFiring(delivery, alert))
    return isLate || !isNewest || round === LAST_ROUND ? null : round + 1
  }
  return 0
}

function tellsLaterFiring(delivery: string, alert: Told): boolean {
  const same = `${deliveriesOf(alert.fingerprint)}${alert.startsAt}:`
  return tellsNewerFiring(delivery, alert) && !delivery.startsWith(same)
}

/** As much of it as is journaled and shown: bounded, and without what looks like a credential. */
export function keptOf(alert: Alert): Alert {
  const { source, runbook, alertmanager } = alert.links
  return {
    ...alert,
    name: kept(alert.name, KEPT.name) ?? 'without a name',
    severity: kept(alert.severity, KEPT.severity),
    summary: kept(alert.summary, KEPT.summary),
    links: {
      source: kept(source, KEPT.link),
      runbook: kept(runbook, KEPT.link),
      alertmanager: kept(alertmanager, KEPT.link),
    },
  }
}

/** `null`: there is nothing. */
function kept(text: string | null, most: number): string | null {
  // Cut before it is looked through, and not so short that half a credential is left unseen.
  const shown = redact((text ?? '').slice(0, 4 * most).toWellFormed()).trim()
  if (shown === '') return null
  return shown.length > most
    ? `${shown.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
    : shown
}
