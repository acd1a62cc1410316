import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { checkAccess, rules } from '../../src/adapters/kubernetes/client/access.ts'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { eventually } from '../servers/eventually.ts'
import type { AuditedCall } from '../servers/kubernetes/audit.ts'
import { kubeconfigText } from '../servers/kubernetes/kubeconfig.ts'
import { startKubernetes, type KubernetesCluster } from '../servers/kubernetes/start.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'

export const NAMESPACE = 'production'
export const FIRST = 'v1.9.0'
export const SECOND = 'v2.0.0'
/** The same, and their pods take three seconds to become ready. */
export const SLOW = { first: 'slow-1.9.0', second: 'slow-2.0.0' } as const

/** Who calls the API server, as its audit log has them. */
type Caller = 'backout' | 'operator'

export type Stage = AsyncDisposable & {
  readonly cluster: KubernetesCluster
  readonly kubeconfig: (caller: Caller) => string
  /** Until no rollout of them is under way. */
  readonly rolledOut: (names: readonly string[]) => Promise<void>
  /** What was asked since then, once `enough` of it is in the log. */
  readonly callsSince: (
    caller: Caller,
    sinceMs: number,
    enough: (calls: readonly AuditedCall[]) => boolean,
  ) => Promise<readonly AuditedCall[]>
  /** Answers every health check. */
  readonly servicesUrl: string
}

const image = (name: string, version: string): string => `example.test/${name}:${version}`

const accountOf = (caller: Caller): string => `system:serviceaccount:backout:${caller}`

/** The bot with the Role it is shipped with; whoever runs kubectl may do everything. */
const rights = (names: readonly string[]): string => {
  const apiGroup = 'rbac.authorization.k8s.io'
  const apiVersion = `${apiGroup}/v1`
  const subject = (name: Caller) => [{ kind: 'ServiceAccount', name, namespace: 'backout' }]
  const account = (name: Caller) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'backout' },
  })
  const metadata = { name: 'backout', namespace: NAMESPACE }
  return [
    account('backout'),
    account('operator'),
    { apiVersion, kind: 'Role', metadata, rules: rules(names) },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup, kind: 'Role', name: 'backout' },
      subjects: subject('backout'),
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'operator' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: subject('operator'),
    },
  ]
    .map((one) => JSON.stringify(one))
    .join('\n---\n')
}

/** A real API server with real controllers, and Deployments on their second release. */
export const rollbackStage = async (
  names: readonly string[],
  { first, second }: { readonly first: string; readonly second: string } = {
    first: FIRST,
    second: SECOND,
  },
): Promise<Stage> => {
  await using starting = new AsyncDisposableStack()
  const cluster = starting.use(await startKubernetes())
  const { path } = starting.use(await freshFolder('rollback'))
  await Promise.all([NAMESPACE, 'backout'].map(cluster.createNamespace))
  await cluster.applyManifest(rights(names))
  const ca = readFileSync(cluster.caFile, 'utf8')
  const kubeconfig = (caller: Caller): string => join(path, caller)
  for (const caller of ['backout', 'operator'] as const) {
    const token = await cluster.tokenFor('backout', caller)
    writeFileSync(kubeconfig(caller), kubeconfigText({ url: cluster.url, ca, token }))
  }
  const client = kubernetesClient({ kubeconfig: kubeconfig('backout') })
  const granted = await eventually(
    () =>
      checkAccess(
        client,
        { namespace: NAMESPACE, deployments: names },
        AbortSignal.timeout(10_000),
      ),
    ({ missing }) => missing.length === 0,
  )
  await client.close()
  if (granted.missing.length > 0) throw new Error(`not granted: ${granted.missing.join('; ')}`)

  await cluster.writeLogs(['starting', 'ready'])
  await Promise.all(
    names.map(async (name) => {
      await cluster.deploy(NAMESPACE, name, image(name, first), 1)
      await cluster.setImage(NAMESPACE, name, image(name, second))
    }),
  )

  const services = createServer((_, answer) => answer.end('{"ok":true}'))
  const port = await freePort()
  await new Promise<void>((listening) => services.listen(port, '127.0.0.1', listening))
  starting.defer(() => {
    services.closeAllConnections()
    services.close()
  })
  const resources = starting.move()
  return {
    cluster,
    kubeconfig,
    servicesUrl: `http://127.0.0.1:${port}`,
    async rolledOut(which) {
      await Promise.all(which.map((name) => cluster.waitForRollout(NAMESPACE, name)))
    },
    async callsSince(caller, sinceMs, enough) {
      const look = async () =>
        (await cluster.callsBy(accountOf(caller))).filter(
          ({ receivedAtMs }) => receivedAtMs >= sinceMs,
        )
      const seen = await eventually(look, enough)
      if (enough(seen)) return seen
      const made = seen.map(({ verb, uri }) => `${verb} ${uri}`).join(', ')
      throw new Error(`too little in the audit log: ${made}`)
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
