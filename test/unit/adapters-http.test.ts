import { describe, expect, test } from 'vitest'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { httpFault } from '../../src/adapters/http/faults.ts'
import { answerWith, serve } from '../support/contracts/http-server.ts'
import { closedPort, faultOf, patience } from '../support/contracts/outside.ts'

const dependency = 'prometheus'
const endpoints = httpEndpoints({ dependency })

describe('an answer that never ends, in one way or the other', () => {
  test('of an endless body only the beginning is read', async () => {
    let sentBytes = 0
    const chunk = 'x'.repeat(64 * 1024)
    const closed = Promise.withResolvers<void>()
    const url = await serve((_request, response) => {
      response.once('close', closed.resolve)
      const send = (): void => {
        while (!response.destroyed) {
          sentBytes += chunk.length
          if (!response.write(chunk)) return void response.once('drain', send)
        }
      }
      send()
    })
    const answer = await endpoints.ask({ url, signal: patience(), maxBytes: 100_000 })
    expect(answer.body.length).toBe(100_000)
    expect(answer.truncated).toBe(true)
    // The connection goes too, or the server would wait for ever.
    await closed.promise
    // What fits in the buffers of both sides.
    expect(sentBytes).toBeLessThan(16 * 1024 * 1024)
  })

  test('a body that stops in the middle ends with the signal', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200).write('the beginning')
    })
    const fault = await faultOf(endpoints.ask({ url, signal: AbortSignal.timeout(100) }))
    expect(fault).toMatchObject({ kind: 'retryable', dependency, code: 'ETIMEDOUT' })
  })

  test('a body that is cut off is a fault, not a short body', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('the beginning', () => {
        request.socket.destroy()
      })
    })
    const fault = await faultOf(endpoints.ask({ url, signal: patience() }))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'UND_ERR_SOCKET' })
  })

  test('a redirect to itself is given up, and is the answer', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: '/again' }).end()
    })
    expect(await endpoints.ask({ url, signal: patience() })).toMatchObject({ status: 302 })
  })

  test('a letter cut in two by maxBytes is left out', async () => {
    const url = await serve(answerWith(200, 'aé'))
    const answer = await endpoints.ask({ url, signal: patience(), maxBytes: 2 })
    expect(answer).toMatchObject({ body: 'a', truncated: true })
  })
})

const headerSent = async (
  credentials: Parameters<typeof httpEndpoints>[0]['credentials'],
  userinfo = '',
) => {
  let header: string | undefined
  const url = await serve((request, response) => {
    header = request.headers.authorization
    response.end()
  })
  const asking = httpEndpoints({ dependency, ...(credentials && { credentials }) })
  await asking.ask({ url: url.replace('http://', `http://${userinfo}`), signal: patience() })
  return header
}

describe('credentials', () => {
  test('a token, or a name and a password, go with every question', async () => {
    expect(await headerSent({ bearerToken: 'abc' })).toBe('Bearer abc')
    expect(await headerSent({ username: 'bo', password: 'a:b' })).toBe(`Basic ${btoa('bo:a:b')}`)
    expect(await headerSent(undefined)).toBeUndefined()
  })

  test('those in the address are used when no others were given', async () => {
    expect(await headerSent(undefined, 'bo:p%40ss@')).toBe(`Basic ${btoa('bo:p@ss')}`)
    expect(await headerSent({ bearerToken: 'abc' }, 'bo:pass@')).toBe('Bearer abc')
  })

  test('they follow a redirect within the server and never to another one', async () => {
    const heardBy: Record<string, string | undefined> = {}
    const other = await serve((request, response) => {
      heardBy['other'] = request.headers.authorization
      response.end()
    })
    const url = await serve((request, response) => {
      heardBy[request.url ?? ''] = request.headers.authorization
      if (request.url === '/here') response.writeHead(308, { location: '/there' }).end()
      else if (request.url === '/away') response.writeHead(302, { location: other }).end('bye')
      else response.end('arrived')
    })
    const asking = httpEndpoints({ dependency, credentials: { bearerToken: 'abc' } })
    const here = await asking.ask({ url: `${url}/here`, signal: patience() })
    expect(here).toMatchObject({ status: 200, body: 'arrived' })
    const itself = { url: `${url}/here`, redirects: 'answer', signal: patience() } as const
    expect(await asking.ask(itself)).toMatchObject({ status: 308 })
    const away = await asking.ask({ url: `${url}/away`, signal: patience() })
    expect(away).toMatchObject({ status: 302, body: 'bye' })
    expect(heardBy).toEqual({
      '/here': 'Bearer abc',
      '/there': 'Bearer abc',
      '/away': 'Bearer abc',
    })
  })
})

test('a question with headers of its own goes without the credentials and headers of the others', async () => {
  const heard: Record<string, string | undefined>[] = []
  const url = await serve((request, response) => {
    const { authorization, tenant, 'content-type': type } = request.headers
    heard.push({ method: request.method, authorization, tenant: String(tenant), type })
    request.resume().on('end', () => response.end())
  })
  const credentials = { bearerToken: 'ours' }
  const asking = httpEndpoints({ dependency, credentials, headers: { tenant: 'shop' } })
  const content = { type: 'application/json', text: '{}' }
  await asking.ask({ url, headers: {}, method: 'DELETE', signal: patience() })
  await asking.ask({ url, headers: { Authorization: 'Bearer own' }, content, signal: patience() })
  await asking.ask({ url, signal: patience() })
  expect(heard).toEqual([
    { method: 'DELETE', tenant: 'undefined' },
    { method: 'POST', authorization: 'Bearer own', tenant: 'undefined', type: 'application/json' },
    { method: 'GET', authorization: 'Bearer ours', tenant: 'shop' },
  ])
})

test('what may write is never sent again to where it is redirected', async () => {
  const heard: (string | undefined)[] = []
  const url = await serve((request, response) => {
    heard.push(`${request.method} ${request.url}`)
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  const content = { type: 'text/plain', text: 'a' }
  for (const question of [{ method: 'DELETE' as const }, { content }]) {
    const answer = await endpoints.ask({ url, ...question, signal: patience() })
    expect(answer.status).toBe(307)
  }
  expect(heard).toEqual(['DELETE /', 'POST /'])
})

test('a form is sent as a urlencoded POST', async () => {
  let heard = ''
  const url = await serve((request, response) => {
    heard = `${request.method} ${request.headers['content-type']} `
    request
      .on('data', (chunk: Buffer) => (heard += chunk.toString()))
      .on('end', () => response.end())
  })
  await endpoints.ask({ url, form: { query: 'sum(a{b="c d"})' }, signal: patience() })
  expect(heard).toBe('POST application/x-www-form-urlencoded query=sum%28a%7Bb%3D%22c+d%22%7D%29')
})

describe('its faults', () => {
  test('a connection that is reset', async () => {
    const url = await serve((request) => request.socket.resetAndDestroy())
    const fault = await faultOf(endpoints.ask({ url, signal: patience() }))
    expect(fault.kind).toBe('retryable')
    expect(['ECONNRESET', 'UND_ERR_SOCKET']).toContain(fault.code)
  })

  test('https where only http is spoken', async () => {
    const url = await serve(answerWith(200, ''))
    const asked = endpoints.ask({ url: url.replace('http:', 'https:'), signal: patience() })
    expect(await faultOf(asked)).toMatchObject({
      kind: 'terminal',
      detail: expect.stringContaining('is it http, not https?'),
    })
  })

  test.each(['nonsense', 'ftp://files.test/'])('an address like %s', async (url) => {
    const fault = await faultOf(endpoints.ask({ url, signal: patience() }))
    expect(fault.kind).toBe('terminal')
    expect(fault.detail).toContain('not an http or https address')
  })

  test('no password of an address is in any part of a fault', async () => {
    const port = await closedPort()
    for (const address of [`http://bo:hunter2@127.0.0.1:${port}/`, 'http://bo:hunter2@:x/']) {
      const fault = await faultOf(endpoints.ask({ url: address, signal: patience() }))
      expect(fault.detail).not.toContain('hunter2')
      expect(fault.message).not.toContain('hunter2')
      expect(JSON.stringify([fault, fault.cause, String(fault.cause)])).not.toContain('hunter2')
    }
  })

  test.each([
    ['ECONNREFUSED', 'retryable', 'connection refused'],
    ['ECONNRESET', 'retryable', 'connection reset'],
    ['ENOTFOUND', 'retryable', 'name not found'],
    ['EAI_AGAIN', 'retryable', 'name could not be looked up'],
    ['EHOSTUNREACH', 'retryable', 'no route to the host'],
    ['UND_ERR_CONNECT_TIMEOUT', 'retryable', 'did not answer in time'],
    ['UND_ERR_HEADERS_TIMEOUT', 'retryable', 'did not answer in time'],
    ['HPE_INVALID_HEADER_TOKEN', 'retryable', 'the answer was not HTTP'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'terminal', 'is not trusted (set the CA file)'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'terminal', 'is not trusted (set the CA file)'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'terminal', 'is not trusted (set the CA file)'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'terminal', 'is not trusted (set the CA file)'],
    ['CERT_HAS_EXPIRED', 'terminal', 'has expired'],
    ['CERT_SIGNATURE_FAILURE', 'terminal', 'CERT_SIGNATURE_FAILURE'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'terminal', 'for another name'],
    ['ESOMETHINGNEW', 'retryable', 'ESOMETHINGNEW'],
  ])('%s is %s: %s', (code, kind, words) => {
    const error = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) })
    const fault = httpFault(error, { dependency, where: 'host:1', aborted: false })
    expect(fault).toMatchObject({ kind, dependency })
    expect(fault.detail).toContain(words)
    expect(fault.detail).toMatch(/ at host:1$/)
  })
})

test('the configured headers go with every question, and stay within the origin', async () => {
  const heard: (string | undefined)[] = []
  const url = await serve((request, response) => {
    heard.push(`${request.url} ${String(request.headers['x-scope-orgid'])}`)
    if (request.url === '/a') response.writeHead(302, { location: '/b' })
    response.end()
  })
  const asking = httpEndpoints({ dependency, headers: { 'X-Scope-OrgID': 'shop|web' } })
  await asking.ask({ url: `${url}/a`, signal: patience() })
  await asking.ask({ url: `${url}/c`, form: { query: 'up' }, signal: patience() })
  expect(heard).toEqual(['/a shop|web', '/b shop|web', '/c shop|web'])

  const elsewhere = await serve((_request, response) => {
    response.writeHead(302, { location: `${url}/d` }).end()
  })
  await asking.ask({ url: elsewhere, signal: patience() })
  expect(heard).toHaveLength(3)
})
