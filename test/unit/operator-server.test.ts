import { Registry } from 'prom-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import { operatorServer, type Readiness } from '../../src/adapters/http/server.ts'

async function started() {
  let trouble: string | null = null
  let nowMs = 1_000
  const readiness = vi.fn(async (): Promise<readonly Readiness[]> => [
    { part: 'journal', trouble, essential: true },
    { part: 'redis', trouble: 'refused', essential: false },
  ])
  const metrics = botMetrics()
  const server = await operatorServer({
    host: '127.0.0.1',
    port: 0,
    readiness,
    metrics: async () => metrics,
    now: () => nowMs,
  })
  onTestFinished(() => server.stop())
  return {
    readiness,
    get: async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
      return { status: answer.status, body: await answer.text() }
    },
    pass: (ms: number) => (nowMs += ms),
    is: (now: string | null) => (trouble = now),
  }
}

test('only who asks for readiness makes us look', async () => {
  const { get, readiness } = await started()
  expect(await get('/nothing')).toMatchObject({ status: 404 })
  expect(await get('/healthz')).toMatchObject({ status: 200 })
  expect(readiness).not.toHaveBeenCalled()
})

test('however many ask, we look once in half a second', async () => {
  const { get, readiness, pass, is } = await started()
  const ready = { status: 200, body: 'journal: ok\nredis: refused\n' }
  for (let n = 0; n < 3; n += 1) expect(await get('/readyz')).toEqual(ready)
  is('the disk is full')
  expect((await get('/metrics')).body).toContain('backout_ready{part="journal"} 1')
  pass(499)
  expect(await get('/readyz')).toEqual(ready)
  expect(readiness).toHaveBeenCalledTimes(1)
  pass(1)
  expect(await get('/readyz')).toMatchObject({ status: 503 })
  expect((await get('/metrics')).body).toContain('backout_ready{part="journal"} 0')
  expect(readiness).toHaveBeenCalledTimes(2)
})

test('metrics that cannot be collected are answered with 500, and do not end the process', async () => {
  const { get } = await started()
  vi.spyOn(Registry.prototype, 'metrics').mockRejectedValueOnce(new Error('a collector broke'))
  onTestFinished(() => void vi.restoreAllMocks())
  expect(await get('/metrics')).toMatchObject({ status: 500 })
  expect(await get('/metrics')).toMatchObject({ status: 200 })
})
