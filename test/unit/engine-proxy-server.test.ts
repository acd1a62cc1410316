import { rename, stat, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { engineProxy } from '../../src/adapters/docker-proxy/proxy.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { freshFolder } from '../servers/spawn.ts'
import {
  imageConfig,
  keptSeen,
  newImage,
  onHost,
  proxyId,
  requestLike,
  seen,
  services,
  shopId,
  strangerId,
} from '../support/engine-proxy.ts'

type Came = {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
type Answer = { readonly status: number; readonly body: string }

const secret = 'tr0ub4dor'
const events = [
  { Action: 'start', Actor: { ID: shopId, Attributes: seen.Config.Labels } },
  {
    Action: `exec_start: mysql -p${secret}`,
    Actor: { ID: shopId, Attributes: seen.Config.Labels },
  },
  {
    Action: 'start',
    Actor: { ID: strangerId, Attributes: { name: 'database', password: secret } },
  },
]

/** Answers as an Engine does, and tells what has come. */
const engineAt = async (path: string) => {
  const came: Came[] = []
  const inspected = (id: string) =>
    [seen, keptSeen, { ...seen, Id: strangerId, Name: 'database', Config: { Labels: {} } }].find(
      ({ Id }) => Id === id,
    )
  const answers: readonly (readonly [RegExp, (found: RegExpExecArray) => unknown])[] = [
    [/GET .*\/containers\/json/, () => onHost.map((one) => ({ ...one, Command: secret }))],
    [/GET .*\/containers\/([0-9a-f]{64})\/json/, ([, id]) => inspected(id ?? '')],
    [/GET .*\/images\/sha256:.*\/json/, () => ({ Id: seen.Image, Config: imageConfig })],
    [/GET .*\/info/, () => ({ SystemTime: 'now', HttpProxy: `http://u:${secret}@proxy` })],
    [/GET .*\/events/, () => events],
    [/POST .*\/containers\/create/, () => ({ Id: 'made' })],
  ]
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const line = `${request.method} ${request.url}`
      came.push({ line, headers: request.headers, body })
      for (const [is, answer] of answers) {
        const found = is.exec(line)
        const said = found && answer(found)
        if (!found) continue
        if (said === undefined)
          return response.writeHead(404).end('{"message":"No such container"}')
        response.setHeader('content-type', 'application/json')
        const lines = line.includes('/events') ? events.map((one) => JSON.stringify(one)) : null
        return response.end(lines ? `${lines.join('\n')}\n` : JSON.stringify(said))
      }
      return response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return came
}

const start = async () => {
  const folder = await freshFolder('engine-proxy')
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const [engine, listen] = [join(folder.path, 'engine.sock'), join(folder.path, 'proxy.sock')]
  const came = await engineAt(engine)
  const lines: string[] = []
  const say = (message: string, more?: unknown) =>
    void lines.push(`${message} ${JSON.stringify(more)}`)
  const log = { info: say, warn: say, error: say }
  const options = { listen, engine, services, log, ownId: async () => proxyId }
  const proxy = await engineProxy(options)
  onTestFinished(() => proxy.stop())
  const raw = (sent: string): Promise<string> =>
    new Promise((resolve) => {
      let said = ''
      const socket = connect(listen, () => socket.write(sent, 'latin1'))
      socket.on('data', (data) => (said += String(data)))
      socket.on('error', () => resolve(said))
      socket.on('close', () => resolve(said))
      onTestFinished(() => void socket.destroy())
    })
  const ask = (method: string, path: string, body?: string | readonly string[], headers = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = httpRequest({ socketPath: listen, method, path, headers, agent: false })
      sent.once('error', reject)
      sent.once('response', (response) => {
        void text(response).then((said) =>
          resolve({ status: response.statusCode ?? 0, body: said }),
        )
      })
      for (const part of typeof body === 'string' ? [body] : (body ?? [])) sent.write(part)
      sent.end()
    })
  const writes = () => came.filter(({ line }) => !line.startsWith('GET '))
  return { ask, raw, came, writes, listen, options, lines }
}

const createPath = '/v1.41/containers/create?name=shop-next'

describe('what is sent on', () => {
  test('is what was judged, and nothing of the request as it came', async () => {
    const { ask, writes } = await start()
    const body = JSON.stringify(requestLike())
    const odd = { 'x-forwarded-for': 'x', 'transfer-encoding': 'chunked', 'x-registry-auth': 'x' }
    const made = await ask('POST', createPath, [body.slice(0, 9), body.slice(9)], odd)
    expect(made).toEqual({ status: 200, body: '{"Id":"made"}' })
    const [sent] = writes()
    expect(sent?.line).toBe(`POST ${createPath}`)
    expect(JSON.parse(sent?.body ?? '')).toEqual(requestLike())
    expect(Object.keys(sent?.headers ?? {}).toSorted()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ])
  })

  test('of two keys of one name is the one that was judged', async () => {
    const { ask, writes } = await start()
    const good = JSON.stringify(requestLike())
    const first = await ask(
      'POST',
      createPath,
      good.replace('{', '{"HostConfig":{"Privileged":true},'),
    )
    expect(first.status).toBe(200)
    expect(JSON.parse(writes()[0]?.body ?? '')).toEqual(requestLike())
    expect(writes()[0]?.body.split('"HostConfig"')).toHaveLength(2)
    const last = await ask(
      'POST',
      createPath,
      good.replace(/\}$/, ',"HostConfig":{"Privileged":true}}'),
    )
    expect(last.status).toBe(403)
    expect(writes()).toHaveLength(1)
  })

  test('has no body where Backout sends none, whatever came: a form is read like an address', async () => {
    const { ask, writes } = await start()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const path = `/images/create?fromImage=registry.example/shop/backend&tag=${newImage}`
    const login = { ...form, 'x-registry-auth': 'bG9naW4=' }
    expect((await ask('POST', path, 'fromSrc=http://evil/x.tar', login)).status).toBe(204)
    expect((await ask('POST', `/containers/${shopId}/start`, '{"Binds":["/:/host"]}')).status).toBe(
      204,
    )
    expect(writes().map(({ body }) => body)).toEqual(['', ''])
    expect(writes()[0]?.headers).toMatchObject({
      'content-length': '0',
      'x-registry-auth': 'bG9naW4=',
    })
    expect(writes()[0]?.headers['content-type']).toBeUndefined()
    expect(writes()[1]?.headers['x-registry-auth']).toBeUndefined()
  })
})

describe('nothing is sent on', () => {
  const good = JSON.stringify(requestLike())
  test.each([
    ['what stands after the end', `${good}{"HostConfig":{"Privileged":true}}`, 403],
    ['half of it', good.slice(0, -1), 403],
    ['a list', `[${good}]`, 403],
    ['a word', 'null', 403],
    ['nothing', '', 403],
    ['more than anybody needs', `${good}${' '.repeat(600 * 1024)}`, 413],
    ['what is nested without end', `{"Labels":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 403],
    ['all rights', good.replace('"Privileged":false', '"Privileged":true'), 403],
  ])('of a body with %s', async (_, body, status) => {
    const { ask, writes } = await start()
    const answer = await ask('POST', createPath, body)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toEqual({ message: expect.stringMatching(/^[A-Z].*\.$/s) })
    expect(writes()).toEqual([])
  })

  test('of a body that is no text', async () => {
    const { raw, writes } = await start()
    const head = `POST ${createPath} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\n`
    expect(await raw(`${head}{\u0080\u0081}`)).toContain('403')
    expect(writes()).toEqual([])
  })

  test.each([
    ['with two lengths', 'content-length: 2\r\ncontent-length: 40\r\n\r\n{}'],
    [
      'with a length and in pieces',
      'content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['in pieces of another kind', 'transfer-encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ])('of a request %s', async (_, rest) => {
    const { raw, came } = await start()
    const said = await raw(`POST /containers/${shopId}/start HTTP/1.1\r\nhost: x\r\n${rest}`)
    expect(said).toMatch(/^HTTP\/1.1 4\d\d/)
    expect(came).toEqual([])
  })

  test('of one who wants a connection of his own', async () => {
    const { raw, came } = await start()
    const upgrade = 'host: x\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n'
    for (const line of [
      `POST /exec/${shopId}/start`,
      'POST /session',
      'GET /_ping',
      'CONNECT docker:1',
    ]) {
      const said = await raw(`${line} HTTP/1.1\r\n${upgrade}GET /secrets HTTP/1.1\r\n\r\n`)
      expect(said, line).toMatch(/^HTTP\/1.1 403[^]*"message"/)
    }
    expect(came).toEqual([])
  })
})

describe('what is told', () => {
  test('of others is that they are there, and of events and the host only what Backout reads', async () => {
    const { ask } = await start()
    const list = JSON.parse((await ask('GET', '/containers/json?all=true')).body)
    expect(list).toHaveLength(onHost.length)
    expect(list[0]).toMatchObject({ Id: shopId, Command: secret, Labels: seen.Config.Labels })
    expect(list[2]).toEqual({
      Id: strangerId,
      State: '',
      Names: [],
      Image: '',
      ImageID: '',
      HostConfig: { NetworkMode: '' },
    })
    expect(JSON.stringify(list.slice(2))).not.toContain(secret)
    expect((await ask('GET', '/info')).body).toBe('{"SystemTime":"now"}')
    const query = new URLSearchParams({ since: '1', until: '2', filters: '{"type":["container"]}' })
    const told = await ask('GET', `/events?${query.toString()}`)
    expect(told.body).toBe(`${JSON.stringify(events[0])}\n`)
  })

  test('of a stranger is only what it shares with others, and of one of ours all', async () => {
    const { ask } = await start()
    const { status, body } = await ask('GET', `/containers/${strangerId}/json`)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({
      Id: strangerId,
      HostConfig: { NetworkMode: 'shop_default', PidMode: '', IpcMode: 'private' },
    })
    const own = await ask('GET', `/containers/${shopId}/json`)
    expect(JSON.parse(own.body)).toMatchObject({ Id: shopId, Config: { Env: seen.Config['Env'] } })
    const absent = await ask('GET', `/containers/${'9'.repeat(64)}/json`)
    expect(absent.status).toBe(404)
  })

  test('of what a stranger has written is nothing, and a refusal is logged without what was in it', async () => {
    const { ask, came, lines } = await start()
    const logs = `/containers/${strangerId}/logs?tail=10&stdout=true`
    expect(await ask('GET', logs)).toEqual({
      status: 403,
      body: '{"message":"database is no container of a service of the settings."}',
    })
    expect(came.filter(({ line }) => line.includes(`${strangerId}/logs`))).toEqual([])
    const body = JSON.stringify({ ...requestLike(), Env: [`PASSWORD=${secret}`] })
    expect((await ask('POST', createPath, body)).status).toBe(403)
    expect(lines.join('\n')).toContain('differs in Env')
    expect(lines.join('\n')).not.toContain(secret)
  })

  test('an Engine that is not there is said to give no answer', async () => {
    const { options, listen } = await start()
    const other = await engineProxy({ ...options, listen: `${listen}2`, engine: `${listen}3` })
    onTestFinished(() => other.stop())
    const said = await new Promise<Answer>((resolve) => {
      httpRequest({ socketPath: `${listen}2`, path: '/_ping' }, (response) => {
        void text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }))
      }).end()
    })
    expect(said).toEqual({ status: 502, body: '{"message":"The Engine gives no answer: ENOENT."}' })
  })
})

describe('the socket', () => {
  test('is for its own user and group, and takes the place of one that was left behind', async () => {
    const { listen, options } = await start()
    expect(((await stat(listen)).mode & 0o777).toString(8)).toBe('660')
    await expect(engineProxy(options)).rejects.toThrow(Fault)
    const left = `${listen}.left`
    const killed = createServer()
    await new Promise<void>((resolve) => killed.listen(`${left}2`, resolve))
    await rename(`${left}2`, left)
    await new Promise((resolve) => killed.close(resolve))
    const next = await engineProxy({ ...options, listen: left })
    await next.stop()
  })

  test('is never put over a file', async () => {
    const { listen, options } = await start()
    await writeFile(`${listen}.txt`, 'mine')
    await expect(engineProxy({ ...options, listen: `${listen}.txt` })).rejects.toThrow('EADDRINUSE')
  })
})
