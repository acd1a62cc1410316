import type { Config } from '../config/load-config.ts'
import { ok, wrong, type Check } from '../domain/base/doctor-check.ts'
import { pagersIn } from '../domain/incident/paging-settings.ts'
import { PAGER_NAMES } from '../domain/text/product-names.ts'

/** Which pagers there are, and whether their credentials are accepted. Wakes nobody. */
export async function checkPaging(
  { settings, environment: env }: Config,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { pagerduty, jiraServiceManagement: jira, webhook } = settings.paging
  const names = pagersIn(settings.paging).map((name) => PAGER_NAMES[name])
  // Nobody has to have one: who is called in Slack is looked at with the approvers and contacts.
  if (names.length === 0) return [ok('paging', 'pagers', 'none: people are called in Slack alone')]
  const [{ checkJira, checkPagerDuty, checkWebhook }, { pagerEndpoints }] = await Promise.all([
    import('../adapters/pager/check.ts'),
    import('./pagers.ts'),
  ])
  const reached = { endpoints: pagerEndpoints(), now: Date.now }
  const { BACKOUT_PAGERDUTY_ROUTING_KEY: routingKey, BACKOUT_JSM_API_KEY: apiKey } = env
  const parts = [
    pagerduty &&
      (routingKey === undefined
        ? [missing('pagerduty', 'BACKOUT_PAGERDUTY_ROUTING_KEY')]
        : await checkPagerDuty(
            { ...pagerduty, routingKey, apiToken: env.BACKOUT_PAGERDUTY_API_TOKEN, ...reached },
            signal,
          )),
    jira &&
      (apiKey === undefined
        ? [missing('jira-service-management', 'BACKOUT_JSM_API_KEY')]
        : await checkJira({ ...jira, apiKey, ...reached }, signal)),
    webhook &&
      (env.BACKOUT_PAGING_WEBHOOK_URL === undefined
        ? [missing('webhook', 'BACKOUT_PAGING_WEBHOOK_URL')]
        : checkWebhook()),
  ]
  return [ok('paging', 'pagers', names.join(', ')), ...parts.flatMap((checks) => checks ?? [])]
}

function missing(pager: string, variable: string): Check {
  return wrong(
    pager,
    'credentials',
    `${variable} is not set: nobody can be called`,
    `set ${variable}`,
  )
}
