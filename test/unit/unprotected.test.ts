import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { unprotected } from '../../src/compose/unprotected.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { goesInTheClear } from '../../src/domain/base/in-the-clear.ts'

const SETTINGS = `
environment: production
slack: { channels: [C0INCIDENTS] }
services: [{ name: backend, url: "http://backend.example", health: /health, version: null }]
procedures:
  kubernetes: { namespace: production, deployments: { backend: backend } }
`

async function saidOf(variables: Readonly<Record<string, string>>, cluster?: object, more = '') {
  const folder = mkdtempSync(join(tmpdir(), 'unprotected-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, `${SETTINGS}${more}\n`)
  const kubeconfig = join(folder, 'kubeconfig')
  if (cluster) {
    const config = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 'hunter2' } }],
    }
    writeFileSync(kubeconfig, JSON.stringify(config))
  }
  const given = { ...variables, ...(cluster ? { KUBECONFIG: kubeconfig } : {}) }
  const checks = await unprotected(loadConfig({ file, variables: given, needs: [] }))
  for (const { state, found } of checks) {
    expect(state).toBe('careful')
    expect(found).not.toContain('hunter2')
  }
  return checks.map(({ dependency, found }) => `${dependency}: ${found}`)
}

const CLEAR = /the credentials are sent in the clear/
const UNCHECKED = /nobody checks that it is the right server/

test.each<[string, Record<string, string>, RegExp]>([
  [
    'prometheus',
    { PROMETHEUS_URL: 'http://prometheus:9090', PROMETHEUS_BEARER_TOKEN: 'hunter2' },
    CLEAR,
  ],
  ['prometheus', { PROMETHEUS_URL: 'http://bot:hunter2@prometheus:9090' }, CLEAR],
  ['backend', { SERVICES_PASSWORD: 'hunter2' }, CLEAR],
  ['redis', { REDIS_URL: 'redis://:hunter2@redis:6379' }, CLEAR],
  ['mongodb', { MONGODB_URI: 'mongodb://bot:hunter2@a:27017,b:27017/db' }, CLEAR],
  ['mongodb', { MONGODB_URI: 'mongodb+srv://bot:hunter2@set/db?tls=false' }, CLEAR],
  ['mongodb', { MONGODB_RESTORE_URI: 'mongodb://bot:hunter2@a:27017/db' }, CLEAR],
  ['mongodb', { MONGODB_APPLICATION_URI: 'mongodb://bot:hunter2@a:27017/db' }, CLEAR],
  ['mongodb', { MONGODB_URI: 'mongodb://a/?tls=true&tlsInsecure=true' }, UNCHECKED],
  ['mongodb', { MONGODB_URI: 'mongodb://a/?tlsallowinvalidhostnames=true' }, UNCHECKED],
  ['unleash', { UNLEASH_URL: 'http://unleash:4242', UNLEASH_TOKEN: 'hunter2' }, CLEAR],
  ['slack', { SLACK_API_URL: 'http://slack.example/api/', SLACK_BOT_TOKEN: 'xoxb-1' }, CLEAR],
])('%s: what is not protected is said', async (dependency, variables, words) => {
  const said = await saidOf(variables)
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(new RegExp(`^${dependency}: `))
  expect(said[0]).toMatch(words)
})

test.each<[string, Record<string, string>]>([
  ['nothing is configured', {}],
  [
    'there is nothing to read',
    { PROMETHEUS_URL: 'http://prometheus:9090', REDIS_URL: 'redis://redis:6379' },
  ],
  [
    'it is encrypted',
    {
      PROMETHEUS_URL: 'https://bot:hunter2@prometheus',
      REDIS_URL: 'rediss://:hunter2@redis',
      MONGODB_URI: 'mongodb+srv://bot:hunter2@set/db',
    },
  ],
  [
    'it stays on this machine',
    {
      PROMETHEUS_URL: 'http://bot:hunter2@localhost:9090',
      REDIS_URL: 'redis://:hunter2@127.0.0.1:6379',
      MONGODB_URI: 'mongodb://bot:hunter2@[::1]:27017/',
    },
  ],
])('where %s nothing is said', async (_, variables) => {
  expect(await saidOf(variables)).toEqual([])
})

test('a header of ours may hold a secret, and the name of a tenant is none', async () => {
  const url = { PROMETHEUS_URL: 'http://prometheus:9090' }
  expect(await saidOf(url, undefined, 'prometheus: { headers: { X-Scope-OrgID: shop } }')).toEqual(
    [],
  )
  const [said] = await saidOf(url, undefined, 'prometheus: { headers: { X-Api-Key: hunter2 } }')
  expect(said).toMatch(CLEAR)
})

test('a key or a token of the status page that others can read on the way is said', async () => {
  const page = (more: string) => `communication: { statusPage: { ${more} } }`
  const statuspage = 'provider: statuspage, page: abcd1234efgh'
  const key = { BACKOUT_STATUSPAGE_API_KEY: 'hunter2' }
  expect(await saidOf(key, undefined, page(statuspage))).toEqual([])
  const other = page(`${statuspage}, apiUrl: "http://status.internal"`)
  expect(await saidOf(key, undefined, other)).toEqual([expect.stringMatching(CLEAR)])
  const webhook = { BACKOUT_STATUS_WEBHOOK_URL: 'http://hook.internal' }
  const token = { ...webhook, BACKOUT_STATUS_WEBHOOK_TOKEN: 'hunter2' }
  expect(await saidOf(webhook, undefined, page('provider: webhook'))).toEqual([])
  expect(await saidOf(token, undefined, page('provider: webhook'))).toEqual([
    expect.stringMatching(/^status page: the credentials are sent in the clear/),
  ])
})

test('letters that others can read on the way are said', async () => {
  const mail = (more: string) => `communication: { mail: { from: a@b.example${more} } }`
  const plain = { BACKOUT_SMTP_URL: 'smtp://mail.internal:25' }
  expect(await saidOf(plain, undefined, mail(''))).toEqual([])
  const open = mail(', allowUnencrypted: true')
  expect(await saidOf({ BACKOUT_SMTP_URL: 'smtps://mail.internal' }, undefined, open)).toEqual([])
  expect(await saidOf({ BACKOUT_SMTP_URL: 'smtp://127.0.0.1:25' }, undefined, open)).toEqual([])
  expect(await saidOf(plain, undefined, open)).toEqual([
    'mail: letters to key customers can be read and changed on the way',
  ])
})

test('a cluster whose certificate nobody checks, and that no certificate is checked', async () => {
  const server = 'https://10.0.0.1:6443'
  expect(await saidOf({}, { server })).toEqual([])
  const [said] = await saidOf({}, { server, 'insecure-skip-tls-verify': true })
  expect(said).toMatch(/^kubernetes: insecure-skip-tls-verify is set: nobody checks/)
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await saidOf({}, { server })).toMatchObject([expect.stringMatching(/^TLS: of every/)])
})

test.each([
  ['http://10.0.0.1', true],
  ['http://127.0.0.1.example.com', true],
  ['http://localhost.example.com', true],
  ['redis://redis', true],
  ['http://127.0.0.1:8080', false],
  ['http://LOCALHOST', false],
  ['http://[::1]:8080', false],
  ['https://10.0.0.1', false],
  ['nonsense', false],
])('%s goes in the clear: %j', (address, is) => {
  expect(goesInTheClear(address)).toBe(is)
})

test('a pager that is called in the clear is said, each of its addresses', async () => {
  const more = `paging:
  pagerduty: { eventsUrl: "http://events.invalid", apiUrl: "http://api.invalid" }
  jiraServiceManagement: { url: "http://jsm.invalid" }
  webhook: {}
`
  const hook = { BACKOUT_PAGING_WEBHOOK_URL: 'http://hook.invalid/hunter2' }
  const said = await saidOf({ ...hook, BACKOUT_PAGERDUTY_API_TOKEN: 'hunter2' }, undefined, more)
  expect(said.map((one) => one.split(':')[0])).toEqual([
    'pagerduty',
    'pagerduty',
    'jira-service-management',
    'webhook',
  ])
  expect(await saidOf({}, undefined, more)).toHaveLength(2)
  expect(
    await saidOf({}, undefined, 'paging: { pagerduty: {}, jiraServiceManagement: {} }'),
  ).toEqual([])
})
