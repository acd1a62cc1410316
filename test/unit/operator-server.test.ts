import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { botMetrics } from '../../src/adapters/http/bot-metrics.ts'
import { operatorServer, type Readiness } from '../../src/adapters/http/server.ts'
import type { ServerLimits } from '../../src/machine/bounded-server.ts'

/** Never reached: what a test is about is set by it. */
const ROOMY: ServerLimits = { mostConnections: 100, headersMs: 60_000, requestMs: 60_000 }

async function started(limits: Partial<ServerLimits> = {}) {
  let trouble: string | null = null
  let nowMs = 1_000
  const readiness = vi.fn(async (): Promise<readonly Readiness[]> => [
    { part: 'journal', trouble, essential: true },
    { part: 'redis', trouble: 'refused', essential: false },
  ])
  const metrics = botMetrics(['production'])
  const server = await operatorServer({
    host: '127.0.0.1',
    port: 0,
    readiness,
    metrics: async () => metrics,
    locks: [],
    alerts: { hooks: [], answered() {}, log: { info() {}, warn() {}, error() {} } },
    now: () => nowMs,
    limits: { ...ROOMY, ...limits },
  })
  onTestFinished(() => server.stop())
  return {
    readiness,
    get: async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`)
      return { status: answer.status, body: await answer.text() }
    },
    /** A connection on which this is sent, and no more. */
    async slow(beginning = ''): Promise<Socket> {
      const socket = connect(server.port, '127.0.0.1').on('error', () => undefined)
      onTestFinished(() => void socket.destroy())
      await once(socket.resume(), 'connect')
      socket.write(beginning)
      return socket
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

const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await once(socket, 'close')
}

test('whoever holds connections and asks nothing keeps no probe out', async () => {
  const { get, slow } = await started({ mostConnections: 2 })
  const first = await slow()
  const others = [await slow('GET /health'), await slow()]
  await closed(first)
  expect(await get('/healthz')).toMatchObject({ status: 200 })
  await closed(others[0]!)
  expect(others[1]?.closed).toBe(false)
})

test.each<[string, Partial<ServerLimits>, string]>([
  ['nothing', { headersMs: 20 }, ''],
  ['half of its headers', { headersMs: 20 }, 'GET /healthz HTTP/1.1\r\nhost: x'],
  [
    'half of a body',
    { headersMs: 20, requestMs: 40 },
    'POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx',
  ],
])('a connection that sends %s in time is hung up on', async (_, limits, beginning) => {
  const { slow } = await started(limits)
  await closed(await slow(beginning))
})
