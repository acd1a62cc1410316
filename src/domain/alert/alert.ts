import { z } from 'zod'
import type { Actor } from '../base/actor.ts'
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

/** The delivery of an alert's state: whoever tells of it again, in whatever company, tells the same (J2). */
export function alertDelivery({ fingerprint, startsAt, state }: Told): string {
  return `${deliveriesOf(fingerprint)}${startsAt}:${state}`
}

/** How the deliveries of an alert begin, whenever it fired. In their order the newest is the last. */
export function deliveriesOf(fingerprint: string): string {
  return `alert:${fingerprint}:`
}

/** Whether that delivery tells of the same alert firing since then, or since later. */
export function tellsNewerFiring(delivery: string, { fingerprint, startsAt }: Told): boolean {
  const [since] = delivery.slice(deliveriesOf(fingerprint).length).split(/:(?=firing$)/)
  return delivery.endsWith(':firing') && since !== undefined && since >= startsAt
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
