import { httpEndpoints } from '../adapters/http/endpoints.ts'
import { jiraServiceManagement } from '../adapters/pager/jira-service-management.ts'
import { pagerDuty } from '../adapters/pager/pagerduty.ts'
import { pagingWebhook } from '../adapters/pager/webhook.ts'
import type { Config } from '../config/load-config.ts'
import type { Clock } from '../ports/clock.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import type { Pager } from '../ports/pager.ts'

/** Well below the deadline of a call, so that an address where nobody listens is told from a lost answer. */
const CONNECT_TIMEOUT_MS = 2_000

/** How pagers are reached. */
export function pagerEndpoints(): Endpoints {
  return httpEndpoints({ dependency: 'paging', connectTimeoutMs: CONNECT_TIMEOUT_MS })
}

/** What the settings name, with its credentials from the environment. */
export function pagersOf({ settings, environment: env }: Config, { now }: Clock): readonly Pager[] {
  const { pagerduty, jiraServiceManagement: jira, webhook } = settings.paging
  const reached = { endpoints: pagerEndpoints(), now }
  const { BACKOUT_JSM_API_KEY: apiKey = '', BACKOUT_PAGING_WEBHOOK_URL: url = '' } = env
  return [
    ...(pagerduty
      ? [
          pagerDuty({
            ...pagerduty,
            routingKey: env.BACKOUT_PAGERDUTY_ROUTING_KEY ?? '',
            apiToken: env.BACKOUT_PAGERDUTY_API_TOKEN,
            ...reached,
          }),
        ]
      : []),
    ...(jira ? [jiraServiceManagement({ ...jira, apiKey, ...reached })] : []),
    ...(webhook
      ? [pagingWebhook({ ...webhook, url, token: env.BACKOUT_PAGING_WEBHOOK_TOKEN, ...reached })]
      : []),
  ]
}
