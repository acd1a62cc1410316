import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import { z } from 'zod'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { portOf } from './contracts/outside.ts'

/** What every pod of a test serves: nothing runs in it, so one server stands at the addresses of all. */
export type PodPages = AsyncDisposable & {
  readonly host: string
  readonly port: number
  /** What came, as the pods see it. */
  readonly asked: () => readonly IncomingMessage['headers'][]
}

/** The API server never goes to a loopback address for a pod. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? [])
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (!found)
    throw new Error('a pod needs an address that is no loopback, and this machine has none')
  return found.address
}

/** Which pod is meant, the API server tells. */
const calledIn = ({ headers }: IncomingMessage): { pod: string; path: string } => {
  const uri = String(headers['x-forwarded-uri'] ?? '')
  const [, pod = '', path = ''] = /\/pods\/([^/:]+):\d+\/proxy(\/.*)$/.exec(uri) ?? []
  return { pod, path }
}

/** `/flags` as the team's app has it, and what no app should have. */
export const startPodPages = async (value: string | null): Promise<PodPages> => {
  const asked: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    asked.push(request.headers)
    const { pod, path } = calledIn(request)
    const answer = (status: number, body: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
    }
    switch (path) {
      case '/flags':
        answer(200, JSON.stringify({ MULTI_TENANT_ENABLED: value, instance: pod }))
        return
      case '/forbidden':
        answer(403, JSON.stringify({ error: 'not for you', code: 403 }))
        return
      case '/moved':
        answer(302, '', { location: '/flags' })
        return
      case '/long':
        answer(200, 'x'.repeat(200_000))
        return
      case '/slow':
        return
      default:
        answer(404, JSON.stringify({ error: 'not found' }))
    }
  })
  const host = ownAddress()
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    host,
    port: portOf(server.address()),
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const Pods = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })

/** From now on the pods of the namespace stand at this address. */
export const movePods = async (
  { admin }: KubernetesCluster,
  namespace: string,
  ip: string,
): Promise<readonly string[]> => {
  const path = `/api/v1/namespaces/${namespace}/pods`
  const { items } = Pods.parse(await admin.must('GET', path))
  for (const { metadata } of items) {
    const status = { podIP: ip, podIPs: [{ ip }] }
    await admin.must('PATCH', `${path}/${metadata.name}/status`, { status })
  }
  return items.map(({ metadata }) => metadata.name)
}
