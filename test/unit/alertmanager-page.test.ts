import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { AlertHook, AlertsPage } from '../../src/adapters/http/alertmanager.ts'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import { operatorServer } from '../../src/adapters/http/server.ts'
import { alertHooksOf } from '../../src/compose/alert-hook.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { AlertGroup } from '../../src/domain/alert/alert.ts'
import { sent, sentAlert } from '../support/alerts.ts'

const token = 'a-token-for-the-alertmanager-of-production'
const notification = JSON.stringify(sent([sentAlert('HighErrorRate')]))

/** Longer than may be sent, and JSON from its first letter on. */
const TOO_LARGE = 8 * 1024 * 1024 + 1

async function started(
  receive: AlertHook['receive'] = async () => 'taken',
  options: { readonly withHook?: boolean } = {},
) {
  const told: AlertGroup[] = []
  const warned: unknown[][] = []
  const answered: number[] = []
  let nowMs = 0
  const hook: AlertHook = {
    token,
    receive: async (group) => {
      told.push(group)
      return receive(group)
    },
  }
  const page: Omit<AlertsPage, 'hooks'> = {
    answered: (status) => answered.push(status),
    log: {
      info() {},
      warn: (...said) => void warned.push(said),
      error: (...said) => void warned.push(said),
    },
  }
  const server = await operatorServer({
    host: '127.0.0.1',
    port: 0,
    readiness: async () => [],
    metrics: async () => botMetrics(['production']),
    now: () => nowMs,
    locks: [],
    alerts: { ...page, hooks: options.withHook === false ? [] : [hook] },
  })
  onTestFinished(() => server.stop())
  const url = `http://127.0.0.1:${server.port}/hooks/alertmanager`
  return {
    told,
    warned,
    answered,
    port: server.port,
    pass: (ms: number) => (nowMs += ms),
    send: async (body: string, headers: Readonly<Record<string, string>> = {}, method = 'POST') => {
      const usual = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const answer = await fetch(url, {
        method,
        headers: { ...usual, ...headers },
        ...(method === 'POST' ? { body } : {}),
      })
      return { status: answer.status, headers: answer.headers, body: await answer.text() }
    },
  }
}

test('what it sends is handed on, and answered when that has taken it', async () => {
  const taken = Promise.withResolvers<'taken'>()
  const { send, told, answered } = await started(() => taken.promise)
  let isAnswered = false
  const answer = send(notification).finally(() => (isAnswered = true))
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 20_000 })
  expect(isAnswered).toBe(false)
  taken.resolve('taken')
  expect(await answer).toMatchObject({ status: 200 })
  expect(told[0]?.alerts).toMatchObject([{ name: 'HighErrorRate', state: 'firing' }])
  expect(answered).toEqual([200])
})

test.each([
  '',
  'Bearer',
  'Bearer ',
  `Bearer ${token}x`,
  `Bearer ${token.slice(0, -1)}`,
  `Bearer ${'x'.repeat(token.length)}`,
  `Bearer ${'x'.repeat(4_000)}`,
  `Basic ${token}`,
  token,
])('who sends %.40s is refused before a word is read', async (authorization) => {
  const { send, told, warned } = await started()
  const { status, headers, body } = await send(notification, { authorization })
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toBe('Bearer')
  expect(body).not.toContain(token)
  expect(told).toEqual([])
  expect(JSON.stringify(warned)).not.toContain(token)
})

test('who tries tokens for an hour fills no log', async () => {
  const { send, warned, pass } = await started()
  for (let attempt = 0; attempt < 30; attempt += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await send(notification, { authorization: `Bearer ${attempt}` })
    pass(6_000)
  }
  expect(warned).toHaveLength(3)
})

describe('refused for good, in words and in the log, with nothing handed on:', () => {
  test.each([
    ['garbage', 400, 'a'.repeat(1_000_000), {}],
    ['nested deeply', 400, '[{"a":'.repeat(150_000), {}],
    ['another version', 400, JSON.stringify(sent([], { version: '5' })), {}],
    ['an alert without a fingerprint', 400, JSON.stringify(sent([{ status: 'firing' }])), {}],
    ['a form', 415, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', 415, notification, { 'content-type': 'text/plain' }],
    ['too much', 413, `"${'a'.repeat(TOO_LARGE)}"`, {}],
  ])('%s', async (_what, status, body, headers) => {
    const { send, told, warned, answered } = await started()
    const answer = await send(body, headers)
    expect(answer.status).toBe(status)
    expect(answer.body.length).toBeLessThan(500)
    expect(told).toEqual([])
    expect(warned).toMatchObject([[expect.stringContaining('refused'), { status }]])
    expect(answered).toEqual([status])
    expect(await send(notification)).toMatchObject({ status: 200 })
  })

  test.each(['GET', 'PUT', 'DELETE', 'HEAD'])('%s', async (method) => {
    const { send, told } = await started()
    const { status, headers } = await send('', {}, method)
    expect([status, headers.get('allow'), told.length]).toEqual([405, 'POST', 0])
  })
})

describe('to be sent again, because', () => {
  test('it could not be written', async () => {
    const detail = 'the disk is full'
    const fault = new Fault({ kind: 'retryable', dependency: 'journal', detail })
    const { send, warned } = await started(() => Promise.reject(fault))
    expect(await send(notification)).toMatchObject({ status: 503 })
    expect(warned).toMatchObject([[expect.stringContaining('sent again'), { error: fault }]])
  })

  test('the process is ending', async () => {
    const { send } = await started(async () => ({ notNow: 'restarting' }))
    expect(await send(notification)).toMatchObject({ status: 503, body: 'restarting\n' })
  })

  test('too many are being written; and when one is done the next is taken', async () => {
    const taken = Promise.withResolvers<'taken'>()
    const { send, told } = await started(() => taken.promise)
    const first = Array.from({ length: 32 }, () => send(notification))
    await vi.waitFor(() => expect(told).toHaveLength(32), { timeout: 20_000 })
    expect(await send(notification)).toMatchObject({ status: 503 })
    taken.resolve('taken')
    expect(new Set((await Promise.all(first)).map(({ status }) => status))).toEqual(new Set([200]))
    expect(await send(notification)).toMatchObject({ status: 200 })
  })
})

test('a body that is cut off tells nothing, and gives its room back', async () => {
  const { port, told, answered, send } = await started()
  const half = 7 * 1024 * 1024
  for (let round = 0; round < 4; round += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await once(socket, 'connect')
    const head = `POST /hooks/alertmanager HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${2 * half}\r\n\r\n`
    socket.write(head)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await new Promise((resolve) => socket.write('a'.repeat(half), resolve))
    socket.destroy()
    // oxlint-disable-next-line no-await-in-loop -- as above
    await vi.waitFor(() => expect(answered).toHaveLength(round + 1), { timeout: 20_000 })
  }
  expect(told).toEqual([])
  expect(await send(notification)).toMatchObject({ status: 200 })
}, 60_000)

test('without a token there is no such page', async () => {
  const { send } = await started(undefined, { withHook: false })
  expect(await send(notification)).toMatchObject({ status: 405 })
  expect(await send('', {}, 'GET')).toMatchObject({ status: 404 })
})

test('what becomes of its alerts is counted, and who has news is woken', async () => {
  const metrics = botMetrics(['production'])
  const woken: string[] = []
  const receiveAlerts = async () => ({
    kind: 'received' as const,
    counts: { noted: 2, known: 1, ignored: 4, leftOut: 7 },
    incidents: ['i-1'],
    opened: 'i-1',
  })
  const [hook] = alertHooksOf(token, {
    engine: { receiveAlerts, wake: (id) => void woken.push(id) },
    metrics: async () => metrics.of('production'),
    log: { info() {}, warn() {}, error() {} },
  })
  expect(await hook?.receive({ alerts: [], truncated: 0 })).toBe('taken')
  await vi.waitFor(
    async () => {
      const shown = await metrics.text()
      expect(shown).toContain('backout_alerts_total{outcome="noted"} 2')
      expect(shown).toContain('backout_alerts_total{outcome="ignored"} 4')
      expect(shown).toContain('backout_alerts_total{outcome="leftOut"} 7')
      expect(woken).toEqual(['i-1'])
    },
    { timeout: 20_000 },
  )
  expect(alertHooksOf(undefined, {} as Parameters<typeof alertHooksOf>[1])).toEqual([])
})
