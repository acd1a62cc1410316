import { execFile } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'

let cleanup = new AsyncDisposableStack()
afterEach(async () => {
  await cleanup.disposeAsync()
  cleanup = new AsyncDisposableStack()
})

const soon = (): AbortSignal => AbortSignal.timeout(5_000)

const listening = async (server: Server): Promise<string> => {
  const port = await freePort()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  cleanup.defer(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${port}`
}

const answering = async (listener: RequestListener): Promise<string> =>
  `http://${await listening(createHttpServer(listener))}`

const json = (value: unknown): string => JSON.stringify(value)

const fileWith = async (name: string, text: string): Promise<string> => {
  const { path } = cleanup.use(await freshFolder('kubeconfig'))
  await writeFile(join(path, name), text)
  return join(path, name)
}

type Parts = { server?: string; cluster?: object; user?: object; context?: string }

const kubeconfig = ({ server = 'http://127.0.0.1:1', cluster, user = {}, context }: Parts = {}) =>
  fileWith(
    'config',
    json({
      'current-context': context ?? 'here',
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server, ...cluster } }],
      users: [
        { name: 'u', user },
        { name: 'broken', user: { token: 7 } },
      ],
    }),
  )

const clientOf = async (parts: Parts) => {
  const client = kubernetesClient({ kubeconfig: await kubeconfig(parts) })
  return cleanup.adopt(client, (one) => one.close())
}

/** What an API server says whom it was asked by. */
const echo: RequestListener = (request, response) =>
  response.end(json({ authorization: request.headers.authorization ?? null, url: request.url }))

const plugin = async (script: string): Promise<object> => {
  const path = await fileWith('plugin', `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: path } }
}

describe('a call', () => {
  test('sends its query, and gives back the raw JSON', async () => {
    const client = await clientOf({ server: await answering(echo), user: { token: 'abc' } })
    expect(
      await client.get('/api', { signal: soon(), query: { tailLines: 5, all: true } }),
    ).toEqual({ authorization: 'Bearer abc', url: '/api?tailLines=5&all=true' })
  })

  test.each([
    ['never shakes hands', 'https://'],
    ['never answers', 'http://'],
  ])('to a server that %s ends with its signal', async (_, scheme) => {
    const client = await clientOf({ server: scheme + (await listening(createServer())) })
    const started = performance.now()
    const call = client.get('/api', { signal: AbortSignal.timeout(100) })
    await expect(call).rejects.toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    expect(performance.now() - started).toBeLessThan(350)
  })

  test('that is given up takes its connection with it', async () => {
    const closed = Promise.withResolvers<void>()
    const silent = createServer((socket) => {
      socket.resume().on('close', () => closed.resolve())
    })
    const client = await clientOf({ server: `http://${await listening(silent)}` })
    const call = client.get('/api', { signal: AbortSignal.timeout(100) })
    await expect(call).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    await closed.promise
  })

  test('whose answer stops half-way ends with its signal', async () => {
    const server = await answering((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"items":[')
    })
    const call = (await clientOf({ server })).get('/api', { signal: AbortSignal.timeout(100) })
    await expect(call).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  })

  test('that was given up before it began is not sent', async () => {
    let asked = 0
    const server = await answering((_, response) => response.end(String(++asked)))
    const call = (await clientOf({ server })).get('/api', { signal: AbortSignal.abort() })
    await expect(call).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(asked).toBe(0)
  })

  test('to nobody says so', async () => {
    const server = `http://127.0.0.1:${await freePort()}`
    const call = (await clientOf({ server })).get('/api', { signal: soon() })
    await expect(call).rejects.toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
  })

  test.each([
    ['HTML', 200, '<html>', 'UNEXPECTED_ANSWER'],
    ['a redirection to a login page', 302, '', '302'],
  ])('that brings %s is no answer', async (_, status, body, code) => {
    const server = await answering((_request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/login' }).end(body)
    })
    const call = (await clientOf({ server })).get('/api', { signal: soon() })
    await expect(call).rejects.toMatchObject({ kind: 'terminal', code })
  })
})

describe('a patch', () => {
  const test1 = [{ op: 'test', path: '/a', value: 1 }] as const
  const patchOf = async (server: string, signal = soon()) =>
    (await clientOf({ server })).patch('/api', test1, { signal, query: { dryRun: 'All' } })

  test('is a JSON Patch, and gives back what it made', async () => {
    const seen: string[] = []
    const server = await answering((request, response) => {
      seen.push(`${request.method} ${request.url}`, request.headers['content-type'] ?? '')
      request.pipe(response)
    })
    expect(await patchOf(server)).toEqual(test1)
    expect(seen).toEqual(['PATCH /api?dryRun=All', 'application/json-patch+json'])
  })

  test.each<[string, RequestListener]>([
    ['hangs up', (request) => request.resume().on('end', () => request.destroy())],
    [
      'stops half-way',
      (_, response) => void response.writeHead(200).write('{', () => response.destroy()),
    ],
    ['talks HTML', (_, response) => void response.end('<html>')],
    ['fails', (_, response) => void response.writeHead(500).end()],
    ['is overloaded', (_, response) => void response.writeHead(503).end()],
    ['never answers', () => undefined],
  ])('to a server that %s has an unknown outcome, and is sent once', async (_, listener) => {
    let sent = 0
    const server = await answering((request, response) => {
      sent += 1
      listener(request, response)
    })
    const call = patchOf(server, AbortSignal.timeout(300))
    await expect(call).rejects.toMatchObject({ kind: 'unknown-outcome' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(sent).toBe(1)
  })

  test('that was refused, or put off, was certainly not carried out', async () => {
    const put = await answering((_, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end()
    })
    await expect(patchOf(put)).rejects.toMatchObject({ kind: 'retryable', retryAfterMs: 7_000 })
    const refused = await answering((_, response) => void response.writeHead(403).end())
    await expect(patchOf(refused)).rejects.toMatchObject({ kind: 'terminal', code: '403' })
  })

  test('that was never sent may be tried again: nobody there, no handshake, no connection free', async () => {
    const nobody = patchOf(`http://127.0.0.1:${await freePort()}`)
    await expect(nobody).rejects.toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
    const mute = `https://${await listening(createServer())}`
    await expect(patchOf(mute, AbortSignal.timeout(100))).rejects.toMatchObject({
      kind: 'retryable',
      code: 'ETIMEDOUT',
    })
    let patches = 0
    const busy = await answering((request) => {
      if (request.method === 'PATCH') patches += 1
    })
    const client = await clientOf({ server: busy })
    const reads = Array.from({ length: 5 }, () =>
      client.get('/', { signal: AbortSignal.timeout(400) }).catch(() => null),
    )
    const call = client.patch('/', test1, { signal: AbortSignal.timeout(200) })
    await expect(call).rejects.toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    await Promise.all(reads)
    expect(patches).toBe(0)
  })
})

describe('a stream', () => {
  const textsOf = async (chunks: AsyncIterable<Uint8Array>, atMost = Infinity) => {
    const texts: string[] = []
    for await (const chunk of chunks) {
      texts.push(Buffer.from(chunk).toString())
      if (texts.length >= atMost) break
    }
    return texts
  }

  test('is there before it is whole', async () => {
    const rest = Promise.withResolvers<void>()
    const server = await answering((_, response) => {
      response.write('first')
      void rest.promise.then(() => response.end('last'))
    })
    await using log = await (await clientOf({ server })).stream('/log', { signal: soon() })
    const reading = log.chunks[Symbol.asyncIterator]()
    expect(Buffer.from((await reading.next()).value ?? []).toString()).toBe('first')
    rest.resolve()
    expect(Buffer.from((await reading.next()).value ?? []).toString()).toBe('last')
    expect((await reading.next()).done).toBe(true)
  })

  test('that is refused is a fault before it begins', async () => {
    const server = await answering((_, response) => void response.writeHead(404).end())
    const call = (await clientOf({ server })).stream('/log', { signal: soon() })
    await expect(call).rejects.toMatchObject({ kind: 'terminal', code: '404' })
  })

  test('that breaks off, or stops, is a fault', async () => {
    const broken = await answering((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('some', () => response.destroy())
    })
    await using one = await (await clientOf({ server: broken })).stream('/', { signal: soon() })
    await expect(textsOf(one.chunks)).rejects.toMatchObject({ kind: 'retryable' })
    const stopped = await answering((_, response) => void response.write('some'))
    const signal = AbortSignal.timeout(100)
    await using two = await (await clientOf({ server: stopped })).stream('/', { signal })
    await expect(textsOf(two.chunks)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  })

  test.each([0, 1])(
    'that nobody wants after %d chunks takes its connection with it',
    async (n) => {
      const closed = Promise.withResolvers<void>()
      const server = await answering((request, response) => {
        request.socket.on('close', () => closed.resolve())
        response.write('some')
      })
      const client = await clientOf({ server })
      {
        const { signal } = new AbortController()
        await using log = await client.stream('/', { signal })
        if (n > 0) await textsOf(log.chunks, n)
      }
      await closed.promise
    },
    5_000,
  )
})

describe('a kubeconfig', () => {
  test.each([
    ['names no such context', { context: 'there' }, 'kubeconfig has no context "there"'],
    [
      'goes through a proxy',
      { cluster: { 'proxy-url': 'http://p' } },
      'proxy-url is not supported',
    ],
    ['impersonates', { user: { as: 'root' } }, 'as is not supported'],
    ['uses an old login', { user: { 'auth-provider': {} } }, 'auth-provider is not supported'],
    [
      'would send the token in the clear',
      { server: 'http://10.0.0.1:8080', user: { token: 'hunter2' } },
      'http://10.0.0.1:8080 is not https: the credentials would be sent in the clear',
    ],
    ['has a nonsense address', { server: 'nonsense' }, 'cluster c: server Invalid URL'],
  ])('that %s is refused in words', async (_, parts, words) => {
    const call = (await clientOf(parts)).get('/api', { signal: soon() })
    await expect(call).rejects.toMatchObject({
      kind: 'terminal',
      code: 'CONFIG',
      detail: expect.stringContaining(words),
    })
  })

  test('that is missing is looked for again by the next call', async () => {
    const path = await kubeconfig({ server: await answering(echo) })
    const later = `${path}.later`
    const client = cleanup.adopt(kubernetesClient({ kubeconfig: later }), (one) => one.close())
    await expect(client.get('/', { signal: soon() })).rejects.toThrow(
      `cannot read ${later} (ENOENT)`,
    )
    await writeFile(later, json({ clusters: [], users: [], contexts: [] }))
    await expect(client.get('/', { signal: soon() })).rejects.toThrow('no context ""')
  })

  test('of nonsense does not show what it holds', async () => {
    const path = await fileWith('config', 'users: [{ token: hunter2\n\t')
    const call = kubernetesClient({ kubeconfig: path }).get('/', { signal: soon() })
    await expect(call).rejects.toMatchObject({ detail: 'kubeconfig is not YAML' })
  })

  test('may name a file with the token', async () => {
    const tokenFile = await fileWith('token', 'abc\n')
    const client = await clientOf({ server: await answering(echo), user: { tokenFile } })
    expect(await client.get('/', { signal: soon() })).toMatchObject({ authorization: 'Bearer abc' })
  })
})

describe('a credential plugin', () => {
  test('is told what it is for, and asked once for all calls that wait', async () => {
    const log = await fileWith('calls', '')
    const user = await plugin(
      `echo "$KUBERNETES_EXEC_INFO" >> ${log}\nsleep 0.1\necho '{"status":{"token":"abc"}}'`,
    )
    const client = await clientOf({ server: await answering(echo), user })
    const calls = [1, 2, 3].map(() => client.get('/', { signal: soon() }))
    for (const answer of await Promise.all(calls)) {
      expect(answer).toMatchObject({ authorization: 'Bearer abc' })
    }
    const lines = (await readFile(log, 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'ExecCredential' })
  })

  test('that hangs ends with the signal of the call', async () => {
    const client = await clientOf({ user: await plugin('sleep 30') })
    const started = performance.now()
    const call = client.get('/', { signal: AbortSignal.timeout(100) })
    await expect(call).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(performance.now() - started).toBeLessThan(350)
  })

  test.each([
    ['fails', 'echo "expired: token=hunter2" >&2; exit 1', 'failed: expired: token=***'],
    ['talks nonsense', 'echo hello', 'failed:'],
    ['gives nothing', `echo '{}'`, 'failed:'],
  ])('that %s is named, without its secrets', async (_, script, words) => {
    const call = (await clientOf({ user: await plugin(script) })).get('/', { signal: soon() })
    await expect(call).rejects.toMatchObject({
      kind: 'terminal',
      detail: expect.stringMatching(/^the credential plugin .*\/plugin failed: /),
    })
    await expect(call).rejects.toThrow(words)
    await expect(call).rejects.not.toThrow('hunter2')
  })
})

test('of the Kubernetes package two small files are loaded, and no model', async () => {
  const adapter = new URL('../../src/adapters/kubernetes/client/client.ts', import.meta.url).href
  const script = `
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) })
    await import(${json(adapter)})
    console.log(seen.filter((url) => url.includes('client-node')).map((url) => url.split('/').at(-1)).sort().join())`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ])
  expect(stdout.trim()).toBe('exec_auth.js,file_auth.js')
})
