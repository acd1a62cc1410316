import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesInstances } from '../../src/adapters/kubernetes/instances/instances.ts'
import { freshFolder } from '../servers/spawn.ts'
import { faultOf, patience, portOf } from '../support/contracts/outside.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** As the API server says that it will not, or could not, hand a question on. */
const own = (code: number, reason: string, message: string) => ({
  status: code,
  body: JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message,
    reason,
    code,
  }),
})

const ANSWERS: Readonly<Record<string, { readonly status: number; readonly body: string }>> = {
  '/flags': { status: 200, body: '{"on":false}' },
  '/forbidden': { status: 403, body: '{"error":"not for you","code":403}' },
  '/moved': { status: 302, body: '' },
  '/long': { status: 200, body: 'x'.repeat(200_000) },
  '/missing-right': own(
    403,
    'Forbidden',
    'pods "p" is forbidden: User "u" cannot get resource "pods/proxy" in API group "" in the namespace "shop"',
  ),
  '/silent': own(
    503,
    'ServiceUnavailable',
    'error trying to reach service: dial tcp 10.0.0.1:80: connect: connection refused',
  ),
  '/gone': own(404, 'NotFound', 'pods "p" not found'),
}

const asked: string[] = []
const server = createServer((request, response) => {
  const url = request.url ?? ''
  asked.push(url)
  const [, path = ''] = /^\/api\/v1\/namespaces\/shop\/pods\/p:8080\/proxy(\/.*)$/.exec(url) ?? []
  const { status, body } = ANSWERS[path] ?? { status: 404, body: '{"error":"not found"}' }
  const moved = status === 302 ? { location: '/elsewhere' } : {}
  response.writeHead(status, { 'content-type': 'application/json', ...moved }).end(body)
})
const stack = new AsyncDisposableStack()
let ask: (path: string) => Promise<unknown>

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { path: folder } = stack.use(await freshFolder('ask-pod'))
  const kubeconfig = join(folder, 'config')
  const cluster = { server: `http://127.0.0.1:${portOf(server.address())}` }
  const named = [
    { name: 'it', cluster, user: { token: 't' }, context: { cluster: 'it', user: 'it' } },
  ]
  const file = { 'current-context': 'it', clusters: named, users: named, contexts: named }
  await writeFile(kubeconfig, JSON.stringify(file))
  const client = stack.adopt(kubernetesClient({ kubeconfig }), (one) => one.close())
  const pods = kubernetesInstances({ client, namespace: 'shop', deployments: { backend: 'b' } })
  ask = (path) => pods.ask('backend', 'p', { port: 8080, path, signal: patience() })
})
afterAll(async () => {
  await stack.disposeAsync()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('what the pod says is its answer, whatever it is; a redirect too', async () => {
  expect(await ask('/flags')).toEqual({
    status: 200,
    body: '{"on":false}',
    contentType: 'application/json',
    truncated: false,
  })
  expect(await ask('/forbidden')).toMatchObject({ status: 403 })
  expect(await ask('/moved')).toMatchObject({ status: 302 })
  expect(await ask('/long')).toMatchObject({ truncated: true, body: 'x'.repeat(64 * 1024) })
})

test.each([
  [
    '/missing-right',
    'terminal',
    'pods cannot be asked one by one: the account lacks the right to get pods/proxy in namespace shop',
  ],
  [
    '/silent',
    'retryable',
    'pod p does not answer at port 8080: dial tcp 10.0.0.1:80: connect: connection refused',
  ],
  ['/gone', 'retryable', 'there is no pod p any more'],
])('what the API server says itself is no answer of the pod: %s', async (path, kind, detail) => {
  expect(await faultOf(ask(path))).toMatchObject({ kind, detail })
})

test.each(['/../../../secrets', '/%2e%2e/%2E%2e/../x', '/a/../../..'])(
  'no path leads out of the pod: %s',
  async (path) => {
    await ask(path)
    expect(asked.at(-1)).toMatch(/^\/api\/v1\/namespaces\/shop\/pods\/p:8080\/proxy\/[a-z]*$/)
  },
)
