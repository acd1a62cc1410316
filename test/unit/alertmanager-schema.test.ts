import { describe, expect, test } from 'vitest'
import { readNotification } from '../../src/adapters/http/alertmanager-schema.ts'
import type { AlertGroup } from '../../src/domain/alert/alert.ts'
import { sent, sentAlert } from '../support/alerts.ts'

const read = (body: unknown) => readNotification(JSON.stringify(body))

function group(body: unknown): AlertGroup {
  const found = read(body)
  if (typeof found === 'string') throw new Error(found)
  return found
}

const one = (changes: Readonly<Record<string, unknown>>) =>
  group(sent([sentAlert('A', changes)])).alerts[0]

test('a notification of Alertmanager 0.25 is read whole', () => {
  expect(group(sent([sentAlert('HighErrorRate')], { truncatedAlerts: 3 }))).toEqual({
    truncated: 3,
    alerts: [
      {
        fingerprint: 'fp-HighErrorRate',
        state: 'firing',
        name: 'HighErrorRate',
        severity: 'critical',
        summary: 'HighErrorRate says what is wrong',
        startsAt: '2026-11-22T03:12:07.123Z',
        endsAt: null,
        links: {
          source: 'http://prometheus:9090/graph?g0.expr=up',
          runbook: 'https://runbooks/high',
          alertmanager: 'http://alertmanager:9093',
        },
      },
    ],
  })
})

test.each([
  ['what is not known of it', { somethingNew: { deep: [1] } }, {}],
  ['no annotations', { annotations: undefined }, { summary: null }],
  ['a description in place of a summary', { annotations: { description: 'd' } }, { summary: 'd' }],
  ['no severity', { labels: { alertname: 'A' } }, { severity: null }],
  ['no name', { labels: {} }, { name: 'without a name' }],
  ['an empty address', { generatorURL: '' }, { links: { source: null } }],
  [
    'a time of another zone',
    { startsAt: '2026-11-22T04:12:07+01:00' },
    { startsAt: '2026-11-22T03:12:07.000Z' },
  ],
  [
    'an end',
    { status: 'resolved', endsAt: '2026-11-22T03:20:00Z' },
    { state: 'ended', endsAt: '2026-11-22T03:20:00.000Z' },
  ],
  ['a time until which it would fire', { endsAt: '2026-11-22T03:20:00Z' }, { endsAt: null }],
])('%s is taken', (_what, changes, expected) => {
  expect(one(changes)).toMatchObject(expected)
})

describe('what cannot be read is said in words, without what was sent', () => {
  test.each([
    ['', 'it is not JSON'],
    ['null', 'it: '],
    ['[]', 'it: '],
    ['"secret"', 'it: '],
    ['{"version":"4"', 'it is not JSON'],
    ['['.repeat(500_000), 'it is not JSON'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'it: '],
    [JSON.stringify(sent([], { version: '3' })), 'version: is not 4'],
    [JSON.stringify(sent([], { version: 4 })), 'version: is not 4'],
    [JSON.stringify({ ...sent([]), alerts: undefined }), 'alerts: '],
    [JSON.stringify({ ...sent([]), alerts: { 0: sentAlert('A') } }), 'alerts: '],
    [JSON.stringify(sent([], { truncatedAlerts: -1 })), 'truncatedAlerts: '],
  ])('%.60s', (body, why) => {
    const found = readNotification(body)
    expect(found).toMatch(new RegExp(`^${why}`))
    expect(found).not.toContain('secret')
  })

  test.each([
    [{ fingerprint: undefined }, 'alerts.0.fingerprint: '],
    [{ fingerprint: 'a:b' }, 'alerts.0.fingerprint: is no fingerprint'],
    [{ fingerprint: 'f'.repeat(65) }, 'alerts.0.fingerprint: is no fingerprint'],
    [{ status: 'secret' }, 'alerts.0.status: '],
    [{ startsAt: 'yesterday' }, 'alerts.0.startsAt: '],
    [{ startsAt: '2026-11-22' }, 'alerts.0.startsAt: '],
    [{ labels: { alertname: 7 } }, 'alerts.0.labels.alertname: '],
    [{ labels: [] }, 'alerts.0.labels: '],
    [{ generatorURL: {} }, 'alerts.0.generatorURL: '],
  ])('%j', (changes, why) => {
    const found = read(sent([sentAlert('A', changes)]))
    expect(found).toMatch(new RegExp(`^${why}`))
    expect(found).not.toContain('secret')
  })
})

test('of 12,000 alerts 10,000 are read, and the others are counted', () => {
  const alerts = Array.from({ length: 12_000 }, (_, at) => sentAlert(`A${at}`))
  const found = group(sent(alerts, { truncatedAlerts: 5 }))
  expect([found.alerts.length, found.truncated]).toEqual([10_000, 2_005])
})
