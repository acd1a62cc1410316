import { expect, onTestFinished, test, vi } from 'vitest'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import { operatorServer } from '../../src/adapters/http/server.ts'
import type { DeployLock } from '../../src/domain/plan/deploy-locks.ts'
import { at } from '../support/builders.ts'

const token = 'a-token-for-the-pipelines-of-production'
const lock: DeployLock = {
  service: 'backend',
  version: 'v2.0.0',
  image: 'pipeshub/backend:v2.0.0',
  since: at,
  incident: '20261122-b5ns',
  plan: 1,
  by: ['U0BO', 'U0CY'],
}

async function started(read: () => Promise<readonly DeployLock[]>, withLocks = true) {
  let nowMs = 0
  const server = await operatorServer({
    host: '127.0.0.1',
    port: 0,
    readiness: async () => [],
    metrics: async () => botMetrics(['production']),
    now: () => nowMs,
    locks: withLocks ? [{ token, read }] : [],
    alerts: { hooks: [], answered() {}, log: { info() {}, warn() {}, error() {} } },
  })
  onTestFinished(() => server.stop())
  return {
    pass: (ms: number) => (nowMs += ms),
    ask: async (authorization?: string, method = 'GET') => {
      const headers = authorization === undefined ? {} : { authorization }
      const url = `http://127.0.0.1:${server.port}/locks`
      const answer = await fetch(url, { method, headers })
      return { status: answer.status, headers: answer.headers, text: await answer.text() }
    },
  }
}

test('who has the token reads what is locked', async () => {
  const { ask } = await started(async () => [lock])
  const { status, text, headers } = await ask(`Bearer ${token}`)
  expect({ status, locks: JSON.parse(text) }).toEqual({ status: 200, locks: [lock] })
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('cache-control')).toBe('no-store')
})

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  `Bearer ${token}x`,
  `Bearer ${token.slice(0, -1)}`,
  `Basic ${token}`,
  token,
])('who sends %s reads nothing, and makes us read nothing', async (authorization) => {
  const read = vi.fn(async () => [lock])
  const { ask } = await started(read)
  const { status, text, headers } = await ask(authorization)
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toBe('Bearer')
  expect(text).not.toContain('backend')
  expect(text).not.toContain(token)
  expect((await ask(authorization, 'HEAD')).status).toBe(401)
  expect(read).not.toHaveBeenCalled()
})

test('without a token there is no such page', async () => {
  const { ask } = await started(async () => [lock], false)
  expect((await ask(`Bearer ${token}`)).status).toBe(404)
})

test('a journal that cannot be read is no empty list, and is asked again', async () => {
  const read = vi.fn(async () => [lock]).mockRejectedValueOnce(new Error('the disk is full'))
  const { ask } = await started(read)
  expect((await ask(`Bearer ${token}`)).status).toBe(503)
  expect((await ask(`Bearer ${token}`)).status).toBe(200)
})

test('however many ask, the incidents are read once in a second, and the list has an end', async () => {
  const read = vi.fn(async () => Array.from({ length: 900 }, () => lock))
  const { ask, pass } = await started(read)
  for (let n = 0; n < 3; n += 1) {
    expect(JSON.parse((await ask(`Bearer ${token}`)).text)).toHaveLength(500)
  }
  expect(read).toHaveBeenCalledTimes(1)
  pass(1_000)
  await ask(`Bearer ${token}`)
  expect(read).toHaveBeenCalledTimes(2)
  expect((await ask(`Bearer ${token}`, 'POST')).status).toBe(405)
})
