import { z } from 'zod'
import { Severity } from '../assessment/rule.ts'
import type { PagerName } from '../text/product-names.ts'

const Address = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((address) => address.replace(/\/+$/, ''))

/** Who is called, and for what. A service is called as soon as it is named here. */
export const PagingSettings = z.strictObject({
  pagerduty: z
    .strictObject({
      /** In the service region of the EU: https://events.eu.pagerduty.com and https://api.eu.pagerduty.com. */
      eventsUrl: Address.default('https://events.pagerduty.com'),
      apiUrl: Address.default('https://api.pagerduty.com'),
    })
    .optional(),
  jiraServiceManagement: z
    .strictObject({
      url: Address.default('https://api.atlassian.com/jsm/ops/integration'),
      /** Whether alerts can be read with the same key; the documentation promises only that they can be written. */
      canRead: z.boolean().default(false),
    })
    .optional(),
  webhook: z
    .strictObject({
      /** It rings once for one `Idempotency-Key`, however often it gets it. */
      idempotent: z.boolean().default(false),
    })
    .optional(),
  occasions: z
    .strictObject({
      /** The least severity of a declared incident. One that nobody knows calls nobody yet. */
      declared: z.enum([...Severity.options, 'never']).default('critical'),
      relapse: z.boolean().default(true),
      /** With which of the calls for signatures; 0: with none. */
      signatureMissing: z.int().min(0).max(20).default(2),
    })
    .prefault({}),
  /** Whoever can sign is asked by direct message too, with each call for signatures. */
  directMessages: z.boolean().default(false),
})
export type PagingSettings = z.infer<typeof PagingSettings>

/** The pagers that are named, in the order in which they are told. */
export function pagersIn({
  pagerduty,
  jiraServiceManagement,
  webhook,
}: Pick<PagingSettings, 'pagerduty' | 'jiraServiceManagement' | 'webhook'>): readonly PagerName[] {
  return [
    ...(pagerduty ? (['pagerduty'] as const) : []),
    ...(jiraServiceManagement ? (['jira-service-management'] as const) : []),
    ...(webhook ? (['webhook'] as const) : []),
  ]
}
