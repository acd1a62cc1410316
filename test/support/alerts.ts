import type { Alert, AlertGroup } from '../../src/domain/alert/alert.ts'
import { at, atMs } from './builders.ts'

/** An alert that fires; its fingerprint is its name, as every alert of one name here has the same labels. */
export function alert(name: string, changes: Partial<Alert> = {}): Alert {
  return {
    fingerprint: `fp-${name}`,
    state: 'firing',
    name,
    severity: 'critical',
    summary: `${name} says what is wrong`,
    startsAt: at,
    endsAt: null,
    links: { source: null, runbook: null, alertmanager: null },
    ...changes,
  }
}

export function minutesLater(minutes: number): string {
  return new Date(atMs + minutes * 60_000).toISOString()
}

export function ended(name: string, endsAt = minutesLater(5), startsAt = at): Alert {
  return alert(name, { state: 'ended', startsAt, endsAt })
}

export function group(...alerts: readonly (Alert | string)[]): AlertGroup {
  return {
    alerts: alerts.map((one) => (typeof one === 'string' ? alert(one) : one)),
    truncated: 0,
  }
}

type Labels = Readonly<Record<string, string>>

/** One alert as Alertmanager writes it. */
export function sentAlert(name: string, changes: Readonly<Record<string, unknown>> = {}) {
  const labels: Labels = { alertname: name, severity: 'critical', service: 'backend' }
  return {
    status: 'firing',
    labels,
    annotations: { summary: `${name} says what is wrong`, runbook_url: 'https://runbooks/high' },
    startsAt: '2026-11-22T03:12:07.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
    fingerprint: `fp-${name}`,
    ...changes,
  }
}

/** A notification as Alertmanager 0.25 sends it. */
export function sent(
  alerts: readonly unknown[],
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    receiver: 'backout',
    status: 'firing',
    alerts,
    groupLabels: { alertname: 'HighErrorRate' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    version: '4',
    groupKey: '{}:{alertname="HighErrorRate"}',
    truncatedAlerts: 0,
    ...changes,
  }
}
