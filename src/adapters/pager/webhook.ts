import { createHash } from 'node:crypto'
import type { Call, Pager, Taken } from '../../ports/pager.ts'
import { askingOver, type Reached } from './asking.ts'
import { lineWithin, within } from './limits.ts'

/** The time that Alertmanager writes for an alert that has not ended. */
const NOT_ENDED = '0001-01-01T00:00:00Z'

/**
 * Anything that takes the webhook of an Alertmanager: Grafana, ntfy with its template for it, a script.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 *
 * A call of which the answer was lost may ring a second time when it is sent again, unless the receiver is
 * known to keep to the `Idempotency-Key` that each request carries.
 */
export function pagingWebhook(
  options: Reached & {
    /** Its path may be a secret: it is in no message. */
    readonly url: string
    readonly token: string | undefined
    readonly idempotent: boolean
  },
): Pager {
  const { url, token, idempotent, now } = options
  const ask = askingOver(options, {
    pager: 'webhook',
    secrets: [url, token ?? ''],
    named: 'not-at-all',
    // Whatever stands behind the address may repeat what it was sent.
    reason: () => null,
  })

  async function send(key: string, body: object, signal: AbortSignal): Promise<Taken> {
    const id = lineWithin(key, 255)
    const headers = {
      'idempotency-key': id,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    return ask({ method: 'POST', url, headers, body, signal }, () => ({ id: null, link: null }))
  }

  return {
    name: 'webhook',
    repeat: idempotent ? 'harmless' : 'may-ring',
    trigger: (call, signal) => send(`${call.key}:trigger`, firing(call), signal),
    resolve: (key, signal) => send(`${key}:resolve`, resolved(key, now()), signal),
  }
}

function firing({ key, summary, detail, severity, environment, incident, since, link }: Call) {
  return notification(key, {
    status: 'firing',
    labels: {
      ...labelsOf(key),
      severity,
      environment: lineWithin(environment, 255),
      incident: lineWithin(incident, 255),
    },
    annotations: {
      summary: lineWithin(summary, 1_024),
      description: within(detail, 8_000),
    },
    startsAt: since,
    endsAt: NOT_ENDED,
    generatorURL: link ?? '',
  })
}

function resolved(key: string, nowMs: number) {
  const at = new Date(nowMs).toISOString()
  return notification(key, {
    status: 'resolved',
    labels: labelsOf(key),
    annotations: { summary: 'It is over, says Backout', description: '' },
    startsAt: at,
    endsAt: at,
    generatorURL: '',
  })
}

function labelsOf(key: string) {
  return { alertname: 'Backout', key: lineWithin(key, 255) }
}

/** One alert, in a group of its own. */
function notification(
  key: string,
  alert: {
    readonly status: 'firing' | 'resolved'
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly startsAt: string
    readonly endsAt: string
    readonly generatorURL: string
  },
) {
  const name = lineWithin(key, 255)
  return {
    version: '4',
    groupKey: `backout:${name}`,
    truncatedAlerts: 0,
    status: alert.status,
    receiver: 'backout',
    groupLabels: labelsOf(key),
    commonLabels: alert.labels,
    commonAnnotations: alert.annotations,
    externalURL: alert.generatorURL,
    alerts: [
      { ...alert, fingerprint: createHash('sha256').update(name).digest('hex').slice(0, 16) },
    ],
  }
}
