import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dataFolder, startConfiguredBot, startDemoSlack } from '../support/bot.ts'
import { SOURCE } from '../support/program.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

const TELL = resolve(import.meta.dirname, 'tell-loaded.ts')

const SETTINGS = `
environment: staging
slack: { channels: [${INCIDENTS}] }
services:
  - { name: backend, url: "http://127.0.0.1:1", health: /health, version: null }
deadlineSeconds: 1
`
const WITH_KUBERNETES = `${SETTINGS}
procedures:
  kubernetes: { namespace: production, deployments: { backend: backend } }
`

/** What only one backend needs. */
const OF = {
  kubernetes: /@kubernetes\/client-node|src\/adapters\/kubernetes\//,
  mongodb: /node_modules\/(mongodb|bson)\/|src\/adapters\/mongodb\//,
  redis: /node_modules\/(ioredis|@ioredis)\/|src\/adapters\/redis\//,
  prometheus: /src\/adapters\/prometheus\//,
  'its grammar': /node_modules\/(@prometheus-io|@lezer)\//,
  pager: /src\/adapters\/pager\//,
  unleash: /src\/adapters\/unleash\//,
  pm2: /src\/adapters\/pm2\//,
  mail: /node_modules\/nodemailer\/|src\/adapters\/smtp\//,
  'second factors':
    /node_modules\/(otplib|@otplib)\/|src\/adapters\/(second-factor|signing-page)\//,
  sandbox: /src\/sandbox\/|local-slack/,
} as const

let slack: Slack

beforeAll(async () => {
  slack = await startDemoSlack()
})

afterAll(() => slack.stop())

/** Which of these a bot has loaded once production is open and was asked. */
const loadedBy = async (
  settings: string,
  variables: Readonly<Record<string, string>> = {},
  { says = /Backout started/, loads = /./ } = {},
) => {
  const data = dataFolder()
  const list = join(data, 'loaded')
  const { botToken, appToken } = slack.workspace.app
  await using bot = await startConfiguredBot({
    settings,
    data,
    // As a checkout runs it: there each module is a file of its own.
    entry: SOURCE,
    env: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: botToken,
      SLACK_APP_TOKEN: appToken,
      NODE_OPTIONS: `--import=${TELL}`,
      LOADED_MODULES: list,
      ...variables,
    },
  })
  const loaded = () => readFileSync(list, 'utf8')
  // The last that is loaded, beside what answers people.
  await until(
    () => /compose\/on-production/.test(loaded()) && /compose\/answer/.test(loaded()),
    'it',
  )
  await slack.as(ANA).command(INCIDENTS, '/rollback assess')
  await until(() => says.test(bot.output()), String(says))
  await until(() => loads.test(loaded()), String(loads))
  const names = Object.entries(OF).flatMap(([name, its]) => (its.test(loaded()) ? [name] : []))
  return names
}

it('a bot without a backend loads the client of none', async () => {
  expect(await loadedBy(SETTINGS)).toEqual([])
})

it('one with a pager loads that one', async () => {
  const variables = { BACKOUT_PAGING_WEBHOOK_URL: 'http://127.0.0.1:1/hook' }
  expect(await loadedBy(`${SETTINGS}paging: { webhook: {} }\n`, variables)).toEqual(['pager'])
})

it('one with a mail server loads what writes to it only when somebody presses Send', async () => {
  const settings = `${SETTINGS}communication: { mail: { from: status@pipeshub.example }, customers: [{ name: A, to: [a@b.example] }] }\n`
  expect(await loadedBy(settings, { BACKOUT_SMTP_URL: 'smtps://127.0.0.1:1' })).toEqual([])
})

const kubeconfig = (): string => {
  const file = join(dataFolder(), 'kubeconfig')
  const server = 'https://127.0.0.1:1'
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'hunter2' } }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

it.each([
  ['redis', { REDIS_URL: 'redis://127.0.0.1:1' }],
  ['mongodb', { MONGODB_URI: 'mongodb://127.0.0.1:1/' }],
] as const)('one with %s loads that one', async (name, variables) => {
  expect(await loadedBy(SETTINGS, variables)).toEqual([name])
})

it.each([
  ['unleash', 'in: unleash', { UNLEASH_URL: 'http://127.0.0.1:1', UNLEASH_TOKEN: 'hunter2' }],
  ['pm2', 'in: pm2, app: backend', { PM2_HOME: '/nowhere' }],
] as const)('one with a flag in %s loads that one', async (name, place, variables) => {
  const flag = `procedures: { featureFlag: { name: A, safe: "false", places: [{ ${place} }] } }`
  expect(await loadedBy(`${SETTINGS}${flag}\n`, variables)).toEqual([name])
})

it('one with prometheus loads that one, and its grammar with the first query that is read', async () => {
  const variables = { PROMETHEUS_URL: 'http://127.0.0.1:1' }
  const loads = OF['its grammar']
  expect(await loadedBy(SETTINGS, variables, { loads })).toEqual(['prometheus', 'its grammar'])
})

it('one with kubernetes loads that one, and says that nobody checks its certificate', async () => {
  const says = /insecure-skip-tls-verify is set.*a connection is not protected/
  const variables = { KUBECONFIG: kubeconfig() }
  expect(await loadedBy(WITH_KUBERNETES, variables, { says })).toEqual(['kubernetes'])
})
