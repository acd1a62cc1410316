import { createServer } from 'node:https'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { startApp } from '../servers/app/start.ts'
import type { AppServer } from '../servers/app/start.ts'
import { selfSigned } from '../support/contracts/certificate.ts'
import { endpointsContract } from '../support/contracts/endpoints.ts'
import {
  closedPort,
  faultOf,
  patience,
  portOf,
  silentServer,
} from '../support/contracts/outside.ts'

const endpoints = httpEndpoints({ dependency: 'http' })

describe('a real service', () => {
  let app: AppServer
  beforeAll(async () => {
    app = await startApp({ version: 'v2.0.0' })
  })
  afterAll(() => app.stop())

  endpointsContract('the HTTP adapter', {
    start: async () => ({ endpoints, url: app.url }),
    refusing: async () => ({ endpoints, url: `http://127.0.0.1:${await closedPort()}` }),
    silent: async () => ({ endpoints, url: `http://127.0.0.1:${(await silentServer()).port}` }),
  })

  test('one that is down answers 503, and that is an answer', async () => {
    await app.setFaults({ down: true })
    onTestFinished(() => app.setFaults({ down: false }))
    const answer = await endpoints.ask({ url: `${app.url}/health`, signal: patience() })
    expect(answer).toMatchObject({ status: 503, body: '{"status":"down"}' })
  })
})

const secure = async () => {
  const { certificate, key } = await selfSigned()
  const server = createServer({ cert: certificate, key }, (_request, response) => {
    response.end('safe')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const port = portOf(server.address())
  return { certificate, url: `https://127.0.0.1:${port}/`, named: `https://localhost:${port}/` }
}

describe('TLS', () => {
  test('a certificate is trusted with its CA, and only then', async () => {
    const { url, certificate } = await secure()
    const trusting = httpEndpoints({ dependency: 'http', ca: certificate })
    expect(await trusting.ask({ url, signal: patience() })).toMatchObject({ body: 'safe' })
    const fault = await faultOf(endpoints.ask({ url, signal: patience() }))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(fault.detail).toContain('its certificate is not trusted (set the CA file)')
  })

  test('a certificate for another name is not accepted', async () => {
    const { named, certificate } = await secure()
    const trusting = httpEndpoints({ dependency: 'http', ca: certificate })
    const fault = await faultOf(trusting.ask({ url: named, signal: patience() }))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test('a server that never shakes hands ends with the signal', async () => {
    const { port } = await silentServer()
    const url = `https://127.0.0.1:${port}/`
    const fault = await faultOf(endpoints.ask({ url, signal: AbortSignal.timeout(100) }))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
  })
})
