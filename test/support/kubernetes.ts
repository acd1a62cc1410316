import { sign } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkAccess } from '../../src/adapters/kubernetes/access.ts'
import { kubernetesClient } from '../../src/adapters/kubernetes/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'

const manifests = join(import.meta.dirname, '../../manifests/kubernetes')

export const botName = 'system:serviceaccount:backout:backout'

export const soon = (): AbortSignal => AbortSignal.timeout(10_000)

export const eventually = async <T>(
  look: () => Promise<T>,
  good: (seen: T) => boolean,
): Promise<T> => {
  const deadline = Date.now() + 15_000
  for (;;) {
    const seen = await look()
    if (good(seen) || Date.now() > deadline) return seen
    await sleep(100)
  }
}

export type BotCluster = AsyncDisposable & {
  readonly cluster: KubernetesCluster
  /** Of the ServiceAccount in `manifests/`, with the rights the Role there gives it. */
  readonly token: string
  /** A folder as the kubelet mounts it, with this text for a token. */
  readonly botFolder: (token: string) => Promise<string>
  readonly botClient: (token?: string, server?: string) => Promise<KubernetesClient>
  readonly adminClient: () => KubernetesClient
}

/** A cluster with everything of `manifests/kubernetes`, and clients that close when it stops. */
export const startBotCluster = async (): Promise<BotCluster> => {
  await using starting = new AsyncDisposableStack()
  const cluster = starting.use(await startKubernetes())
  await cluster.createNamespace('production')
  const files = await readdir(manifests)
  const others = files.filter((file) => !/^(namespace|kustomization)/.test(file))
  for (const file of ['namespace.yaml', ...others]) {
    await cluster.applyManifest(await readFile(join(manifests, file), 'utf8'))
  }
  const token = await cluster.tokenFor('backout', 'backout')

  const resources = starting.move()
  const closing = (client: KubernetesClient): KubernetesClient =>
    resources.adopt(client, (one) => one.close())
  const botFolder = async (text: string): Promise<string> => {
    const { path } = resources.use(await freshFolder('bot'))
    await writeFile(join(path, 'ca.crt'), await readFile(cluster.caFile))
    await writeFile(join(path, 'token'), text)
    return path
  }
  const botClient = async (text = token, server = cluster.url): Promise<KubernetesClient> =>
    closing(kubernetesClient({ inCluster: { server, folder: await botFolder(text) } }))

  // The authorizer hears of a new binding a moment after it was written.
  const bot = await botClient()
  await eventually(
    () => checkAccess(bot, 'production', [], soon()),
    ({ missing }) => missing.length === 0,
  )
  return {
    cluster,
    token,
    botFolder,
    botClient,
    adminClient: () => closing(kubernetesClient({ kubeconfig: cluster.kubeconfig })),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** The claims of a token, changed, under a signature the API server accepts. */
export const resigned = async (
  { caFile }: KubernetesCluster,
  token: string,
  claims: Record<string, number>,
): Promise<string> => {
  const [header = '', payload = ''] = token.split('.')
  const before: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = Buffer.from(JSON.stringify(Object.assign({}, before, claims)))
  const signed = `${header}.${changed.toString('base64url')}`
  const key = await readFile(join(dirname(caFile), 'service-account.key'))
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

/** Passes everything on, and counts who came. */
export const countingProxy = async (toPort: number, toHost: string) => {
  let connections = 0
  const server = createServer((incoming) => {
    connections += 1
    const outgoing = connect(toPort, toHost)
    incoming.pipe(outgoing).pipe(incoming)
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { port, connections: () => connections, close: () => server.close() }
}

/** Autoscalers of both kinds, for the two Deployments of the tests. */
export const autoscalers = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: backend, namespace: production }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: backend }
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } } }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: scaledobjects.keda.sh }
spec:
  group: keda.sh
  scope: Namespaced
  names: { kind: ScaledObject, plural: scaledobjects }
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: queue, namespace: production }
spec: { scaleTargetRef: { name: frontend }, maxReplicaCount: 5 }
`
