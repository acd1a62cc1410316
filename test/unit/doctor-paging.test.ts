import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkPaging } from '../../src/compose/doctor-paging.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { patience } from '../support/contracts/outside.ts'
import { CREDENTIALS, startPagerServer } from '../support/pager-server.ts'

const SETTINGS = `
environment: production
slack: { channels: [C0INCIDENTS] }
services: [{ name: backend, url: "http://backend.example", health: /health, version: null }]
`

async function saidOf(paging: string, variables: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-paging-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, `${SETTINGS}${paging}\n`)
  const config = loadConfig({ file, variables, needs: [] })
  const checks = await checkPaging(config, patience())
  return checks.map(
    ({ dependency, tried, state, found }) => `${state} ${dependency}, ${tried}: ${found}`,
  )
}

test('without a pager it says that people are called in Slack alone', async () => {
  expect(await saidOf('')).toEqual(['ok paging, pagers: none: people are called in Slack alone'])
})

test('each pager is named, and whatever it lacks', async () => {
  expect(await saidOf('paging: { pagerduty: {}, jiraServiceManagement: {}, webhook: {} }')).toEqual(
    [
      'ok paging, pagers: PagerDuty, Jira Service Management, the paging webhook',
      'wrong pagerduty, credentials: BACKOUT_PAGERDUTY_ROUTING_KEY is not set: nobody can be called',
      'wrong jira-service-management, credentials: BACKOUT_JSM_API_KEY is not set: nobody can be called',
      'wrong webhook, credentials: BACKOUT_PAGING_WEBHOOK_URL is not set: nobody can be called',
    ],
  )
})

test('credentials are tried where that wakes nobody', async () => {
  const server = await startPagerServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const { events, rest, jira, webhook } = server.at
  const paging = `paging:
  pagerduty: { eventsUrl: "${events}", apiUrl: "${rest}" }
  jiraServiceManagement: { url: "${jira}" }
  webhook: {}
`
  const said = await saidOf(paging, {
    BACKOUT_PAGERDUTY_ROUTING_KEY: CREDENTIALS.routingKey,
    BACKOUT_PAGERDUTY_API_TOKEN: CREDENTIALS.apiToken,
    BACKOUT_JSM_API_KEY: CREDENTIALS.apiKey,
    BACKOUT_PAGING_WEBHOOK_URL: webhook,
  })
  expect(said.slice(1)).toEqual([
    'careful pagerduty, routing key: set; whether PagerDuty accepts it only a call can show',
    'ok pagerduty, API token: accepted by PagerDuty',
    'ok jira-service-management, API key: accepted by Jira Service Management',
    'careful webhook, address: set; a request to it would call somebody, so none was made',
  ])
  expect([...server.rings, ...server.bodies]).toEqual([])
})
