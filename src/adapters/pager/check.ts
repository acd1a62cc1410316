import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { Fault } from '../../domain/base/fault.ts'
import { PAGER_NAMES } from '../../domain/text/product-names.ts'
import { jiraAsking, type JiraOptions } from './jira-service-management.ts'
import { askRest, pagerDutyAsking, type PagerDutyOptions } from './pagerduty.ts'

/** Whether the credentials are accepted, as far as that can be tried without waking anybody. */
export async function checkPagerDuty(
  options: PagerDutyOptions,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const routing = careful(
    'pagerduty',
    'routing key',
    'set; whether PagerDuty accepts it only a call can show',
    'trigger a test alert with it once, when nobody minds',
  )
  if (options.apiToken === undefined) {
    const found = 'none: cards cannot say whether somebody has acknowledged'
    const todo = 'set BACKOUT_PAGERDUTY_API_TOKEN to a read-only token'
    return [routing, careful('pagerduty', 'API token', found, todo)]
  }
  const asked = askRest(options, pagerDutyAsking(options), '/incidents?limit=1', signal)
  const todo = 'check BACKOUT_PAGERDUTY_API_TOKEN and paging.pagerduty.apiUrl'
  return [routing, await tried('pagerduty', 'API token', asked, todo)]
}

/** The status of a request that nobody has made: whoever may not ask is told so before that. */
const NO_REQUEST = '00000000-0000-4000-8000-000000000000'

export async function checkJira(
  options: JiraOptions,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const url = `${options.url}/v2/alerts/requests/${NO_REQUEST}`
  const headers = { authorization: `GenieKey ${options.apiKey}` }
  const asked = jiraAsking(options)({ method: 'GET', url, headers, signal }, () => true).catch(
    (error: unknown) => {
      if (error instanceof Fault && error.code === '404') return true
      throw error
    },
  )
  const todo = 'check BACKOUT_JSM_API_KEY and paging.jiraServiceManagement.url'
  return [await tried('jira-service-management', 'API key', asked, todo)]
}

export function checkWebhook(): readonly Check[] {
  const found = 'set; a request to it would call somebody, so none was made'
  const todo = 'send it the example of docs/operator-guide.md once, when nobody minds'
  return [careful('webhook', 'address', found, todo)]
}

async function tried(
  pager: 'pagerduty' | 'jira-service-management',
  what: string,
  asked: Promise<unknown>,
  todo: string,
): Promise<Check> {
  try {
    await asked
    return ok(pager, what, `accepted by ${PAGER_NAMES[pager]}`)
  } catch (error) {
    const found = error instanceof Fault ? error.detail : String(error)
    return wrong(pager, what, found, todo)
  }
}
