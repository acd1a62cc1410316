import { expect, onTestFinished, test } from 'vitest'
import { checkJira, checkPagerDuty, checkWebhook } from '../../src/adapters/pager/check.ts'
import { jiraServiceManagement } from '../../src/adapters/pager/jira-service-management.ts'
import { pagerDuty } from '../../src/adapters/pager/pagerduty.ts'
import { pagingWebhook } from '../../src/adapters/pager/webhook.ts'
import { pagerEndpoints } from '../../src/compose/pagers.ts'
import { patience } from '../support/contracts/outside.ts'
import { pagerContract } from '../support/contracts/pager.ts'
import { CREDENTIALS, startPagerServer, type PagerServer } from '../support/pager-server.ts'

const { routingKey, apiToken, apiKey, token, path } = CREDENTIALS
const reached = { endpoints: pagerEndpoints(), now: Date.now }

function pagerDutyAt(eventsUrl: string, apiUrl = eventsUrl, key: string = routingKey) {
  return pagerDuty({ eventsUrl, apiUrl, routingKey: key, apiToken, ...reached })
}

pagerContract('pagerDuty', {
  over: ({ at }) => pagerDutyAt(at.events, at.rest),
  withWrongCredentials: ({ at }) => pagerDutyAt(at.events, at.rest, `Wr0ng${routingKey.slice(5)}`),
  nowhere: (port) => pagerDutyAt(`http://127.0.0.1:${port}`),
  asks: { answeredBy: true, find: true },
  garbage: 'is no answer',
})

pagerContract('jiraServiceManagement', {
  over: ({ at }) => jiraServiceManagement({ url: at.jira, apiKey, canRead: true, ...reached }),
  withWrongCredentials: ({ at }) =>
    jiraServiceManagement({ url: at.jira, apiKey: 'Wr0ng', canRead: true, ...reached }),
  nowhere: (port) =>
    jiraServiceManagement({ url: `http://127.0.0.1:${port}`, apiKey, canRead: true, ...reached }),
  asks: { answeredBy: true, find: false },
  garbage: 'is no answer',
})

pagerContract('pagingWebhook', {
  over: ({ at }) => pagingWebhook({ url: at.webhook, token, idempotent: false, ...reached }),
  withWrongCredentials: ({ at }) =>
    pagingWebhook({ url: at.webhook, token: 'Wr0ng', idempotent: false, ...reached }),
  nowhere: (port) =>
    pagingWebhook({
      url: `http://127.0.0.1:${port}/${path}`,
      token,
      idempotent: false,
      ...reached,
    }),
  asks: { answeredBy: false, find: false },
  garbage: 'is not read',
})

test('a webhook is harmless to repeat only where that was said of it', () => {
  const one = (idempotent: boolean) =>
    pagingWebhook({ url: 'http://x.invalid', token, idempotent, ...reached }).repeat
  expect([one(false), one(true)]).toEqual(['may-ring', 'harmless'])
})

test('who has answered is not asked where nothing can be read', () => {
  const read = { eventsUrl: 'http://x.invalid', apiUrl: 'http://x.invalid', routingKey, ...reached }
  expect(pagerDuty({ ...read, apiToken: undefined }).answeredBy).toBeUndefined()
  const jira = jiraServiceManagement({
    url: 'http://x.invalid',
    apiKey,
    canRead: false,
    ...reached,
  })
  expect(jira.answeredBy).toBeUndefined()
})

async function server(): Promise<PagerServer> {
  const started = await startPagerServer()
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

test('doctor tries what can be tried without waking anybody, and says what cannot', async () => {
  const { at, rings, requests } = await server()
  const pd = { eventsUrl: at.events, apiUrl: at.rest, routingKey, apiToken, ...reached }
  const checks = [
    ...(await checkPagerDuty(pd, patience())),
    ...(await checkPagerDuty({ ...pd, apiToken: undefined }, patience())),
    ...(await checkPagerDuty({ ...pd, apiToken: 'Wr0ng' }, patience())),
    ...(await checkJira({ url: at.jira, apiKey, canRead: false, ...reached }, patience())),
    ...(await checkJira({ url: at.jira, apiKey: 'Wr0ng', canRead: false, ...reached }, patience())),
    ...checkWebhook(),
  ]
  expect(checks.map(({ tried, state }) => `${tried}: ${state}`)).toEqual([
    'routing key: careful',
    'API token: ok',
    'routing key: careful',
    'API token: careful',
    'routing key: careful',
    'API token: wrong',
    'API key: ok',
    'API key: wrong',
    'address: careful',
  ])
  expect(JSON.stringify(checks)).not.toMatch(/Wr0ng|Secret|R0UTING/)
  expect([...rings, ...requests]).toEqual([])
})
