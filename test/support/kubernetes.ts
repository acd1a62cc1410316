import { sign } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { checkAccess } from '../../src/adapters/kubernetes/client/access.ts'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import type { KubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { eventually } from '../servers/eventually.ts'
import { startKubernetes } from '../servers/kubernetes/start.ts'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { freePort, freshFolder, spawnServer } from '../servers/spawn.ts'
import type { SpawnedServer } from '../servers/spawn.ts'

const manifests = join(import.meta.dirname, '../../manifests/kubernetes')

export const botName = 'system:serviceaccount:backout:backout'

export const soon = (): AbortSignal => AbortSignal.timeout(10_000)

export type BotCluster = AsyncDisposable & {
  readonly cluster: KubernetesCluster
  /** Of the ServiceAccount in `manifests/`, with the rights the Role there gives it. */
  readonly token: string
  /** A folder as the kubelet mounts it, with this text for a token. */
  readonly botFolder: (token: string) => Promise<string>
  readonly botClient: (token?: string, server?: string) => Promise<KubernetesClient>
  readonly adminClient: () => KubernetesClient
  readonly through: (kubeconfig: string) => KubernetesClient
  /** The rights of the Role, in a namespace of this name that is made for it. */
  readonly grantIn: (namespace: string) => Promise<void>
}

/** A cluster with everything of `manifests/kubernetes`, and clients that close when it stops. */
export const startBotCluster = async (): Promise<BotCluster> => {
  await using starting = new AsyncDisposableStack()
  const cluster = starting.use(await startKubernetes())
  await cluster.createNamespace('production')
  const files = await readdir(manifests)
  const others = files.filter((file) => /^(?!namespace|kustomization).*\.yaml$/.test(file))
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

  const bot = await botClient()
  // The authorizer hears of a new binding a moment after it was written.
  const granted = async (namespace: string): Promise<void> => {
    await eventually(
      () => checkAccess(bot, { namespace, deployments: ['backend', 'frontend'] }, soon()),
      ({ missing }) => missing.length === 0,
    )
  }
  await granted('production')
  return {
    cluster,
    token,
    botFolder,
    botClient,
    async grantIn(namespace) {
      await cluster.createNamespace(namespace)
      for (const file of ['role.yaml', 'rolebinding.yaml']) {
        const manifest = await readFile(join(manifests, file), 'utf8')
        const moved = manifest.replace('namespace: production', `namespace: ${namespace}`)
        await cluster.applyManifest(moved)
      }
      await granted(namespace)
    },
    adminClient: () => closing(kubernetesClient({ kubeconfig: cluster.kubeconfig })),
    through: (kubeconfig) => closing(kubernetesClient({ kubeconfig })),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** The rights of `manifests/kubernetes/suspend`; its namespace has to be there. */
export const grantOwners = async ({ cluster, botClient }: BotCluster): Promise<void> => {
  for (const file of ['role.yaml', 'rolebinding.yaml']) {
    await cluster.applyManifest(await readFile(join(manifests, 'suspend', file), 'utf8'))
  }
  const bot = await botClient()
  const suspend = [{ kind: 'Application', namespace: 'argocd', name: 'pipeshub' }] as const
  await eventually(
    () => checkAccess(bot, { namespace: 'production', deployments: ['backend'], suspend }, soon()),
    ({ missing }) => missing.length === 0,
  )
}

/** The rights of `manifests/kubernetes/read-back`, in a namespace that is there. */
export const grantReadBack = async (
  { cluster, botClient }: BotCluster,
  namespace: string,
): Promise<void> => {
  for (const file of ['role.yaml', 'rolebinding.yaml']) {
    const manifest = await readFile(join(manifests, 'read-back', file), 'utf8')
    await cluster.applyManifest(
      manifest.replace('namespace: production', `namespace: ${namespace}`),
    )
  }
  const bot = await botClient()
  const asked = { namespace, deployments: ['backend'], readsBack: true }
  await eventually(
    () => checkAccess(bot, asked, soon()),
    ({ missing }) => missing.length === 0,
  )
}

/** The rights of `manifests/kubernetes/config-map` for these, in a namespace that is there. */
export const grantConfigMaps = async (
  { cluster, botClient }: BotCluster,
  namespace: string,
  names: readonly string[],
): Promise<void> => {
  for (const file of ['role.yaml', 'rolebinding.yaml']) {
    const manifest = await readFile(join(manifests, 'config-map', file), 'utf8')
    await cluster.applyManifest(
      manifest
        .replace('namespace: production', `namespace: ${namespace}`)
        .replace('[general]', `[${names.join(', ')}]`),
    )
  }
  const bot = await botClient()
  const asked = { namespace, deployments: ['backend'], configMaps: names }
  await eventually(
    () => checkAccess(bot, asked, soon()),
    ({ missing }) => missing.length === 0,
  )
}

/** Kills the API server. What it returns starts it again as it was; stop that before the cluster. */
export const killApiServer = async ({
  pids,
  caFile,
  admin,
}: KubernetesCluster): Promise<() => Promise<SpawnedServer>> => {
  for (const pid of pids) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    const [command = '', ...args] = line.split('\0').slice(0, -1)
    if (!command.endsWith('/kube-apiserver')) continue
    process.kill(pid, 'SIGKILL')
    return () =>
      spawnServer({
        name: 'kube-apiserver',
        command,
        args,
        env: { HOME: dirname(caFile) },
        ready: async () => (await admin.request('GET', '/readyz')).status === 200,
        deadlineMs: 40_000,
      })
  }
  throw new Error('there is no API server of ours')
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

const deploymentsIn = (namespace: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments`

type ServiceOptions = {
  readonly version?: string
  readonly replicas?: number
  readonly wait?: boolean
  /** Besides, or in place of, what is usual. */
  readonly spec?: object
  readonly pod?: object
}

/** A Deployment as teams have them: with variables, annotations and what the server adds. */
export const deployService = async (
  { admin, nodeName, waitForRollout }: KubernetesCluster,
  namespace: string,
  name: string,
  options: ServiceOptions = {},
): Promise<void> => {
  const { version = 'v1.9.0', replicas = 2, spec = {}, pod = {}, wait = true } = options
  const labels = { app: name }
  const env = [
    { name: 'NODE_ENV', value: 'production' },
    { name: 'MONGODB_URI', value: `mongodb://app:${envSecret}@mongo` },
    { name: 'GREETING', value: plainSecret },
  ]
  const container = { name, image: `example.test/${name}:${version}`, env }
  await admin.must('POST', deploymentsIn(namespace), {
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'example.com/owner': 'documents' } },
        spec: { nodeName, terminationGracePeriodSeconds: 1, containers: [container], ...pod },
      },
      ...spec,
    },
  })
  if (wait) await waitForRollout(namespace, name)
}

export const envSecret = 'c0rrect-h0rse'
/** Nothing tells that it is one but where it stands. */
export const plainSecret = 'battery-staple'

/** What is not named is left as it is. */
export const changeDeployment = (
  { admin }: KubernetesCluster,
  namespace: string,
  name: string,
  patch: unknown,
): Promise<unknown> => admin.must('PATCH', `${deploymentsIn(namespace)}/${name}`, patch)

const ReplicaSets = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({
        template: z.object({
          spec: z.object({ containers: z.array(z.object({ image: z.string() })) }),
        }),
      }),
    }),
  ),
})

export const deleteReplicaSet = async (
  cluster: KubernetesCluster,
  namespace: string,
  image: string,
): Promise<void> => {
  for (const path of await replicaSetsOf(cluster, namespace, image)) {
    await cluster.admin.must('DELETE', path)
  }
}

/** Puts a variable into what is kept; the API server lets a template be edited there. */
export const editReplicaSet = async (
  cluster: KubernetesCluster,
  namespace: string,
  image: string,
): Promise<void> => {
  for (const path of await replicaSetsOf(cluster, namespace, image)) {
    const env = [{ name: 'EDITED', value: 'by hand' }]
    const patch = [{ op: 'add', path: '/spec/template/spec/containers/0/env', value: env }]
    await cluster.admin.must('PATCH', path, patch, 'application/json-patch+json')
  }
}

const replicaSetsOf = async (
  { admin }: KubernetesCluster,
  namespace: string,
  image: string,
): Promise<readonly string[]> => {
  const path = `/apis/apps/v1/namespaces/${namespace}/replicasets`
  const { items } = ReplicaSets.parse(await admin.must('GET', path))
  return items
    .filter(({ spec }) => spec.template.spec.containers[0]?.image === image)
    .map(({ metadata }) => `${path}/${metadata.name}`)
}

/** Autoscalers for the two Deployments of the tests: one of the team's, one that KEDA made. */
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
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: keda-hpa-queue
  namespace: production
  labels: { scaledobject.keda.sh/name: queue }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: frontend }
  maxReplicas: 5
  metrics:
    - { type: External, external: { metric: { name: length }, target: { type: Value, value: 10 } } }
`
