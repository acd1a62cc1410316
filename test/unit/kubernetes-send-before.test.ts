import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'

const HOUR = 60 * 60_000
const PATCH = [{ op: 'test', path: '/a', value: 1 }] as const
const patience = () => AbortSignal.timeout(20_000)

/** An API server that answers a read only when it is told to, and a client of it. */
async function slowServer() {
  const asked: string[] = []
  const reads: ServerResponse[] = []
  const server = createServer((request, response) => {
    asked.push(request.method ?? '')
    if (request.method === 'GET') reads.push(response)
    else response.end('{}')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo
  const folder = mkdtempSync(join(tmpdir(), 'backout-kubeconfig-'))
  const kubeconfig = join(folder, 'config')
  const cluster = { server: `http://127.0.0.1:${port}` }
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'here',
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: {} }],
    }),
  )
  const client = kubernetesClient({ kubeconfig })
  onTestFinished(async () => {
    vi.restoreAllMocks()
    await client.close()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { client, asked, reads }
}

test('a write whose signatures end while it waits for a connection is never sent (J7)', async () => {
  const { client, asked, reads } = await slowServer()
  const reading = Array.from({ length: 5 }, () => client.get('/', { signal: patience() }))
  await expect.poll(() => reads.length).toBe(5)
  const sendBeforeMs = Date.now() + HOUR
  const write = client.patch('/', PATCH, { signal: patience(), sendBeforeMs })
  write.catch(() => undefined)
  // The machine slept: only the clock on the wall tells.
  vi.spyOn(Date, 'now').mockReturnValue(sendBeforeMs)
  for (const response of reads) response.end('{}')
  await Promise.all(reading)
  await expect(write).rejects.toMatchObject({
    kind: 'retryable',
    detail: 'not sent: a signature ended while it waited to be',
  })
  expect(asked).not.toContain('PATCH')
})

test('one that is in time is sent once, and one without such a moment is', async () => {
  const { client, asked } = await slowServer()
  await client.patch('/', PATCH, { signal: patience(), sendBeforeMs: Date.now() + HOUR })
  await client.patch('/', PATCH, { signal: patience(), sendBeforeMs: Infinity })
  await client.patch('/', PATCH, { signal: patience() })
  expect(asked).toEqual(['PATCH', 'PATCH', 'PATCH'])
})
