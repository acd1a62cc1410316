import { z } from 'zod'
import type { Alert, AlertGroup } from '../../domain/alert/alert.ts'
import { toIso, toMs } from '../../domain/base/instant.ts'
import { jsonOf } from '../../domain/base/json-of.ts'

/** More than this is counted and not looked at. */
const MOST_READ = 10_000

/** Of more than this it matters to nobody how many more. */
const MOST_TRUNCATED = 1_000_000

/** Only years of four digits are read back: with its offset a time may be of the one before, or after. */
const EARLIEST_MS = toMs('0000-01-01T00:00:00.000Z')
const LATEST_MS = toMs('9999-12-31T23:59:59.999Z')

const Time = z.iso.datetime({ offset: true }).refine((at) => !Number.isNaN(toMs(at)), 'is no time')
const Texts = z.record(z.string(), z.string())

const WebhookAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: Texts,
  annotations: Texts.default({}),
  startsAt: Time,
  /** While it fires: when it would end without further news, or the year 1. */
  endsAt: Time.optional(),
  generatorURL: z.string().default(''),
  fingerprint: z.string().regex(/^[\w-]{1,64}$/, 'is no fingerprint'),
})

/** What Alertmanager sends: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. */
const Webhook = z.object({
  version: z.literal('4', 'is not 4'),
  externalURL: z.string().default(''),
  truncatedAlerts: z
    .int()
    .min(0)
    .default(0)
    .transform((count) => Math.min(count, MOST_TRUNCATED)),
  alerts: z.array(z.unknown()),
})

/** How much of what is wrong is said. */
const MOST_TOLD = 3

/**
 * A notification in our words, or in words what is wrong with it: never its values, which are somebody
 * else's. What is known of it is checked; what is not known does no harm.
 */
export function readNotification(body: string): AlertGroup | string {
  const json = jsonOf(body)
  if (json === undefined) return 'it is not JSON'
  const webhook = Webhook.safeParse(json)
  if (!webhook.success) return inWords(webhook.error)
  const { alerts, truncatedAlerts, externalURL } = webhook.data
  const read = z.array(WebhookAlert).safeParse(alerts.slice(0, MOST_READ))
  if (!read.success) return `alerts.${inWords(read.error)}`
  return {
    alerts: read.data.map((alert) => alertOf(alert, externalURL)),
    truncated: truncatedAlerts + Math.max(0, alerts.length - MOST_READ),
  }
}

function alertOf(alert: z.infer<typeof WebhookAlert>, externalURL: string): Alert {
  const { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint } = alert
  const ended = status === 'resolved'
  const summary = annotations['summary'] ?? annotations['description'] ?? annotations['message']
  return {
    fingerprint,
    state: ended ? 'ended' : 'firing',
    name: labels['alertname'] || 'without a name',
    severity: labels['severity'] || null,
    summary: summary || null,
    // One spelling for one moment: it is part of what the alert is known again by.
    startsAt: utc(startsAt),
    endsAt: ended ? utc(endsAt ?? startsAt) : null,
    links: {
      source: generatorURL || null,
      runbook: annotations['runbook_url'] || null,
      alertmanager: externalURL || null,
    },
  }
}

function utc(at: string): string {
  return toIso(Math.min(Math.max(toMs(at), EARLIEST_MS), LATEST_MS))
}

function inWords({ issues }: z.ZodError): string {
  return issues
    .slice(0, MOST_TOLD)
    .map(({ path, message }) => `${path.map(String).join('.').slice(0, 80) || 'it'}: ${message}`)
    .join('; ')
}
