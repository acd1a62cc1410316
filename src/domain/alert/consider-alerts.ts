import { alertDelivery, keptOf, type Alert, type AlertGroup } from './alert.ts'
import type { AlertSettings } from './settings.ts'

/** So many firing ones of a notification are looked up; the others are counted. */
export const MOST_CONSIDERED = 200

/** So many that have ended: Alertmanager tells of an end once, however many others fire. */
export const MOST_ENDED = 200

/** So many that nobody has told of are noted of one notification; the others are counted. */
export const MOST_FRESH = 20

export type Considered = {
  /** Each once, what matters most first: in whatever order they came, the same ones in the same order. */
  readonly alerts: readonly Alert[]
  /** Firing, and not looked up because there are too many. */
  readonly more: number
  readonly ignored: number
}

/** Which alerts of a notification are looked at. */
export function considerAlerts(
  { alerts, truncated }: AlertGroup,
  settings: AlertSettings,
): Considered {
  const wanted = alerts.filter((alert) => !isIgnored(alert, settings))
  const each = new Map(wanted.map((alert) => [alertDelivery(alert), alert]))
  const ranked = [...each]
    .map(([delivery, alert]) => ({
      alert,
      rank: `${rankOf(alert, settings)}${alert.startsAt}${delivery}`,
    }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ alert }) => alert)
  const firing = ranked.filter(({ state }) => state === 'firing')
  const ended = ranked.filter(({ state }) => state === 'ended')
  return {
    alerts: [...firing.slice(0, MOST_CONSIDERED), ...ended.slice(0, MOST_ENDED)].map(keptOf),
    more: Math.max(0, firing.length - MOST_CONSIDERED) + truncated,
    ignored: alerts.length - wanted.length,
  }
}

/** Whether it opens an incident when it fires and belongs to none. */
export function opensIncident({ state, severity }: Alert, settings: AlertSettings): boolean {
  return state === 'firing' && !isAmong(severity, settings.onlyNoteSeverities)
}

function isIgnored({ name, severity }: Alert, settings: AlertSettings): boolean {
  return settings.ignoreNames.includes(name) || isAmong(severity, settings.ignoreSeverities)
}

/** A severity that nobody has named here is none of these. */
function isAmong(severity: string | null, names: readonly string[]): boolean {
  return severity !== null && names.some((one) => one.toLowerCase() === severity.toLowerCase())
}

function rankOf(alert: Alert, settings: AlertSettings): number {
  if (opensIncident(alert, settings)) return 0
  return alert.state === 'firing' ? 1 : 2
}
