import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { outsideAddress, requireBinary } from '../find.ts'
import { freePort, freshFolder, stoppable } from '../spawn.ts'
import type { Stoppable } from '../spawn.ts'
import { callsBy } from './audit.ts'
import type { AuditedCall } from './audit.ts'
import { makeCertificates } from './certificates.ts'
import { apiClient } from './client.ts'
import type { ApiClient, Identity } from './client.ts'
import {
  startApiServer,
  startControllerManager,
  startEtcd,
  startFakeKubelet,
} from './control-plane.ts'
import { kubeconfigText, readKubeconfig } from './kubeconfig.ts'
import { applyManifest } from './manifests.ts'
import { workloadHelpers } from './workloads.ts'
import type { WorkloadHelpers } from './workloads.ts'

export type KubernetesCluster = Stoppable &
  WorkloadHelpers & {
    readonly url: string
    readonly caFile: string
    /** Path of the admin's. */
    readonly kubeconfig: string
    readonly admin: ApiClient
    /** The API as somebody else sees it, such as the bot with its service account's token. */
    readonly as: (token: string) => ApiClient
    /** Of a token that was bound to a Secret, the API server knows no more once that is deleted. */
    readonly tokenFor: (
      namespace: string,
      serviceAccount: string,
      boundTo?: string,
    ) => Promise<string>
    readonly applyManifest: (yaml: string, defaultNamespace?: string) => Promise<void>
    /** Undefined on a cluster of somebody else's, as are the audit log and the logs of pods. */
    readonly nodeName: string | undefined
    readonly auditLog: string | undefined
    readonly callsBy: (username: string) => Promise<AuditedCall[]>
    /** What every container answers from now on when it is asked for its log. */
    readonly writeLogs: (lines: readonly string[]) => Promise<void>
    readonly pids: readonly number[]
  }

type ClusterFiles = {
  readonly caFile: string
  readonly kubeconfig: string
  readonly nodeName?: string
  readonly auditLog?: string
  readonly logsFile?: string
}

const tokenSchema = z.object({ status: z.object({ token: z.string() }) })

const notOurs = (what: string): Error =>
  new Error(`The cluster of TEST_KUBECONFIG is not ours: no ${what} there`)

const clusterAt = (
  identity: Identity,
  admin: ApiClient,
  resources: AsyncDisposableStack,
  { nodeName, auditLog, logsFile, ...files }: ClusterFiles,
  pids: readonly number[],
): KubernetesCluster => ({
  ...files,
  url: identity.url,
  admin,
  nodeName,
  auditLog,
  pids,
  as: (token) => resources.use(apiClient({ url: identity.url, ca: identity.ca, token })),
  tokenFor: async (namespace, serviceAccount, boundTo) => {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`
    const boundObjectRef =
      boundTo === undefined ? undefined : { apiVersion: 'v1', kind: 'Secret', name: boundTo }
    const spec = { expirationSeconds: 3600, boundObjectRef }
    const answer = await admin.must('POST', path, { spec })
    return tokenSchema.parse(answer).status.token
  },
  applyManifest: (yaml, defaultNamespace) => applyManifest(admin, yaml, defaultNamespace),
  callsBy: async (username) => {
    if (auditLog === undefined) throw notOurs('audit log')
    return callsBy(auditLog, username)
  },
  writeLogs: async (lines) => {
    if (logsFile === undefined) throw notOurs('writing of logs')
    const at = new Date().toISOString()
    await writeFile(logsFile, lines.map((line) => `${at} stdout F ${line}\n`).join(''))
  },
  ...workloadHelpers(admin, nodeName),
  ...stoppable(resources),
})

const useOutside = async (kubeconfig: string): Promise<KubernetesCluster> => {
  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('kubernetes')).path
  const identity = await readKubeconfig(kubeconfig)
  const caFile = join(folder, 'ca.crt')
  await writeFile(caFile, identity.ca)
  const admin = starting.use(apiClient(identity))
  return clusterAt(identity, admin, starting.move(), { caFile, kubeconfig }, [])
}

/** A control plane with one fake node: etcd, kube-apiserver, kube-controller-manager and kwok. */
export const startKubernetes = async (): Promise<KubernetesCluster> => {
  const outside = outsideAddress('kubernetes')
  if (outside) return useOutside(outside)
  requireBinary('kubernetes', 'kube-apiserver')

  await using starting = new AsyncDisposableStack()
  const folder = starting.use(await freshFolder('kubernetes')).path
  const etcd = starting.use(await startEtcd(folder))
  const certificates = await makeCertificates(folder)
  const { caFile } = certificates
  const port = await freePort()
  const identity: Identity = {
    url: `https://127.0.0.1:${port}`,
    ca: await readFile(caFile, 'utf8'),
    cert: await readFile(certificates.admin.certFile, 'utf8'),
    key: await readFile(certificates.admin.keyFile, 'utf8'),
  }
  const kubeconfig = join(folder, 'admin.kubeconfig')
  const logsFile = join(folder, 'containers.log')
  const auditLog = join(folder, 'audit.log')
  await writeFile(kubeconfig, kubeconfigText(identity))
  await writeFile(logsFile, '')

  const admin = starting.use(apiClient(identity))
  const plane = { folder, certificates, admin, kubeconfig }
  const nodeName = 'fake-node'
  const apiServer = starting.use(await startApiServer(plane, port, etcd.url, auditLog))
  // Both to their end, also when one fails: what has started must be there to be stopped.
  const started = await Promise.allSettled([
    startControllerManager(plane),
    startFakeKubelet(plane, nodeName, logsFile),
  ])
  const servers = started.flatMap((one) =>
    one.status === 'fulfilled' ? [starting.use(one.value)] : [],
  )
  for (const one of started) if (one.status === 'rejected') throw one.reason
  const pids = [etcd, apiServer, ...servers].map(({ pid }) => pid)
  const files = { caFile, kubeconfig, nodeName, auditLog, logsFile }
  return clusterAt(identity, admin, starting.move(), files, pids)
}
