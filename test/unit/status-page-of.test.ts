import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStatusPages, statusPageOf } from '../../src/compose/status-page.ts'
import { Communication } from '../../src/config/communication.ts'
import { loadConfig, type Config } from '../../src/config/load-config.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { declared, incidentAfter, opened } from '../support/builders.ts'

const clock = { now: () => Date.UTC(2026, 10, 22, 3, 12, 7) }

function configWith(
  statusPage: Readonly<Record<string, unknown>> | undefined,
  variables: Readonly<Record<string, string>> = {},
): Config {
  const config = loadConfig({
    file: resolve(import.meta.dirname, '../../backout.yaml'),
    needs: [],
    variables: { BACKEND_URL: 'http://b.invalid', FRONTEND_URL: 'http://f.invalid', ...variables },
  })
  const communication = Communication.parse({ statusPage })
  return { ...config, settings: { ...config.settings, communication } }
}

const webhook = (variables: Readonly<Record<string, string>>) =>
  configWith(
    { provider: 'webhook' },
    { BACKOUT_STATUS_WEBHOOK_URL: 'https://w.invalid', ...variables },
  )

test('without a provider there is nothing to publish on', () => {
  expect(statusPageOf(configWith(undefined), clock)).toBeNull()
})

test('what is drafted is another one as soon as a word of it is', () => {
  const page = statusPageOf(configWith({ provider: 'markdown', folder: 'x' }), clock)
  const digestAfter = (...events: readonly Event[]) =>
    page?.drafted(incidentAfter(opened, declared, ...events), 'investigating').digest
  const edited = (text: string): Event => ({
    type: 'status-draft-edited',
    stage: 'investigating',
    by: 'U0BO',
    text,
  })
  expect(digestAfter()).toMatch(/^[0-9a-f]{32}$/)
  expect(digestAfter()).toBe(digestAfter())
  expect(new Set([digestAfter(), digestAfter(edited('a')), digestAfter(edited('b'))]).size).toBe(3)
})

test('a webhook is asked what it has taken only where it has an address for that', () => {
  const asked = { BACKOUT_STATUS_WEBHOOK_FIND_URL: 'https://w.invalid/{key}' }
  expect(statusPageOf(webhook({}), clock)?.courier.find).toBeUndefined()
  expect(statusPageOf(webhook(asked), clock)?.courier.find).toBeDefined()
})

test.each(['statuspage', 'webhook', 'markdown'] as const)(
  '%s is opened, and can be checked',
  async (provider) => {
    const folder = mkdtempSync(join(tmpdir(), 'status-page-of-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const set = { provider, page: 'abcd1234efgh', folder, apiUrl: 'http://127.0.0.1:1' }
    const config = configWith(set, {
      BACKOUT_STATUSPAGE_API_KEY: 'k',
      BACKOUT_STATUS_WEBHOOK_URL: 'http://127.0.0.1:1',
    })
    const { statusPage } = config.settings.communication
    const pages = statusPage && (await openStatusPages(statusPage, config.environment, clock))
    const checks = await pages?.check(AbortSignal.timeout(5_000))
    const states = { statuspage: ['wrong'], webhook: ['ok', 'careful'], markdown: ['ok'] }
    expect(checks?.map(({ state }) => state)).toEqual(states[provider])
    expect(readdirSync(folder)).toEqual([])
  },
)
