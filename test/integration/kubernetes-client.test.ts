import { execFile } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client.ts'
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
  const adapter = new URL('../../src/adapters/kubernetes/client.ts', import.meta.url).href
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
