import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { requireBinary } from '../find.ts'
import { freePort, spawnServer } from '../spawn.ts'
import type { SpawnedServer } from '../spawn.ts'
import type { Certificates } from './certificates.ts'
import type { ApiClient } from './client.ts'

/** What the four programs share. `folder` is also their home: they leave nothing in the user's. */
export type ControlPlane = {
  readonly folder: string
  readonly certificates: Certificates
  readonly admin: ApiClient
  readonly kubeconfig: string
}

const answersOk = async (admin: ApiClient, path: string): Promise<boolean> =>
  (await admin.request('GET', path)).status === 200

const flags = (values: Readonly<Record<string, string | number | boolean>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`)

export const startEtcd = async (
  folder: string,
): Promise<SpawnedServer & { readonly url: string }> => {
  const url = `http://127.0.0.1:${await freePort()}`
  const peerUrl = `http://127.0.0.1:${await freePort()}`
  const server = await spawnServer({
    name: 'etcd',
    command: requireBinary('kubernetes', 'etcd'),
    args: flags({
      name: 'test',
      'data-dir': join(folder, 'etcd'),
      'listen-client-urls': url,
      'advertise-client-urls': url,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      'initial-cluster': `test=${peerUrl}`,
      // Nothing here outlives the test run.
      'unsafe-no-fsync': true,
      'log-level': 'warn',
    }),
    ready: async () => (await fetch(`${url}/health`)).ok,
  })
  return { ...server, url }
}

export const startApiServer = (
  { folder, certificates, admin }: ControlPlane,
  port: number,
  etcdUrl: string,
  auditLog: string,
): Promise<SpawnedServer> => {
  const { caFile, server, admin: kubeletClient, serviceAccountKeyFile } = certificates
  return spawnServer({
    name: 'kube-apiserver',
    command: requireBinary('kubernetes', 'kube-apiserver'),
    env: { HOME: folder },
    args: flags({
      'etcd-servers': etcdUrl,
      'bind-address': '127.0.0.1',
      'advertise-address': '127.0.0.1',
      'endpoint-reconciler-type': 'none',
      'secure-port': port,
      'cert-dir': folder,
      'tls-cert-file': server.certFile,
      'tls-private-key-file': server.keyFile,
      'client-ca-file': caFile,
      'service-account-key-file': serviceAccountKeyFile,
      'service-account-signing-key-file': serviceAccountKeyFile,
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-cluster-ip-range': '10.0.0.0/24',
      'authorization-mode': 'RBAC,Node',
      // It would hold pods back until a token could be mounted, which no fake pod needs.
      'disable-admission-plugins': 'ServiceAccount',
      'kubelet-client-certificate': kubeletClient.certFile,
      'kubelet-client-key': kubeletClient.keyFile,
      'audit-log-path': auditLog,
      'audit-policy-file': join(import.meta.dirname, 'audit-policy.yaml'),
    }),
    ready: () => answersOk(admin, '/readyz'),
    deadlineMs: 40_000,
  })
}

export const startControllerManager = ({
  folder,
  admin,
  kubeconfig,
}: ControlPlane): Promise<SpawnedServer> =>
  spawnServer({
    name: 'kube-controller-manager',
    command: requireBinary('kubernetes', 'kube-controller-manager'),
    env: { HOME: folder },
    args: flags({
      kubeconfig,
      'leader-elect': false,
      'secure-port': 0,
      controllers: [
        'deployment',
        'replicaset',
        'statefulset',
        'daemonset',
        'job',
        'namespace',
        'garbagecollector',
        'endpointslice',
        'horizontalpodautoscaling',
        'disruption',
        'serviceaccount',
      ].join(','),
    }),
    // Made by one of its controllers, so when it is there the controllers run.
    ready: () => answersOk(admin, '/api/v1/namespaces/default/serviceaccounts/default'),
  })

const nodeReadySays = (body: unknown): boolean =>
  /"type":"Ready"[^}]*"status":"True"|"status":"True"[^}]*"type":"Ready"/.test(JSON.stringify(body))

/** kwok in the place of a kubelet: the node is ready, pods on it run, and their logs answer. */
export const startFakeKubelet = async (
  { folder, certificates, admin, kubeconfig }: ControlPlane,
  nodeName: string,
  logsFile: string,
): Promise<SpawnedServer> => {
  const port = await freePort()
  const clusterLogs = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterLogs',
    metadata: { name: 'every-pod' },
    spec: { logs: [{ logsFile, previousLogsFile: logsFile, follow: false }] },
  }
  const stages = await readFile(join(import.meta.dirname, 'fake-kubelet.yaml'), 'utf8')
  const config = join(folder, 'kwok.yaml')
  await writeFile(config, `${stages}---\n${stringify(clusterLogs)}`)
  await admin.must('POST', '/api/v1/nodes', {
    metadata: {
      name: nodeName,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'kubernetes.io/hostname': nodeName, 'kubernetes.io/os': 'linux' },
    },
  })
  return spawnServer({
    name: 'kwok',
    command: requireBinary('kubernetes', 'kwok'),
    env: { HOME: folder },
    args: flags({
      config,
      kubeconfig,
      'manage-nodes-with-annotation-selector': 'kwok.x-k8s.io/node=fake',
      'node-ip': '127.0.0.1',
      'node-port': port,
      'server-address': `127.0.0.1:${port}`,
      'tls-cert-file': certificates.server.certFile,
      'tls-private-key-file': certificates.server.keyFile,
    }),
    ready: async () => nodeReadySays(await admin.must('GET', `/api/v1/nodes/${nodeName}`)),
  })
}
