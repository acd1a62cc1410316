import { z } from 'zod'

/*
 * What the services take, written down from their documentation, and not from our adapters:
 * https://developer.pagerduty.com/docs/send-alert-event (fields, lengths, severities)
 * https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2/api-group-integration-events/
 * https://support.atlassian.com/opsgenie/docs/what-are-alerts-and-alert-fields/ (lengths)
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */

/** Control characters, and half a character, are what a phone or a log chokes on. */
const Text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => text.isWellFormed(), 'half a surrogate pair')
    // oxlint-disable-next-line no-control-regex -- these are what must not come
    .refine((text) => !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text), 'a control character')

const Line = (max: number) =>
  Text(max)
    .min(1)
    .refine((text) => !text.includes('\n'), 'not one line')

const Routing = { routing_key: z.string().length(32), dedup_key: Line(255).optional() }

export const PagerDutyEvent = z.discriminatedUnion('event_action', [
  z.strictObject({
    ...Routing,
    event_action: z.literal('trigger'),
    payload: z.strictObject({
      summary: Line(1024),
      source: Line(1024),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime({ offset: true }).optional(),
      component: Text(1024).optional(),
      group: Text(1024).optional(),
      class: Text(1024).optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
    images: z.array(z.strictObject({ src: z.url({ protocol: /^https$/ }) })).optional(),
    links: z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional(),
    client: z.string().optional(),
    client_url: z.url().optional(),
  }),
  z.strictObject({ ...Routing, dedup_key: Line(255), event_action: z.literal('acknowledge') }),
  z.strictObject({ ...Routing, dedup_key: Line(255), event_action: z.literal('resolve') }),
])

/** An event is limited to 512 KB. */
export const PAGERDUTY_BYTES = 512 * 1024

export const JiraAlert = z.strictObject({
  message: Line(130),
  alias: Line(512).optional(),
  description: Text(15_000).optional(),
  responders: z.array(z.unknown()).max(50).optional(),
  tags: z.array(Line(50)).max(20).optional(),
  details: z.record(z.string(), z.string()).optional(),
  entity: Text(512).optional(),
  source: Text(100).optional(),
  priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']).optional(),
  user: Text(100).optional(),
  note: Text(25_000).optional(),
})

export const JiraAction = z.strictObject({
  source: Text(100).optional(),
  user: Text(100).optional(),
  note: Text(25_000).optional(),
})

const Labels = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), Text(8_192))

export const AlertmanagerWebhook = z.strictObject({
  version: z.literal('4'),
  groupKey: z.string().min(1),
  truncatedAlerts: z.int(),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string(),
  groupLabels: Labels,
  commonLabels: Labels,
  commonAnnotations: Labels,
  externalURL: z.string(),
  alerts: z
    .array(
      z.strictObject({
        status: z.enum(['firing', 'resolved']),
        labels: Labels,
        annotations: Labels,
        startsAt: z.iso.datetime(),
        endsAt: z.iso.datetime(),
        generatorURL: z.string(),
        fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
      }),
    )
    .min(1),
})
