import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OWNER_KINDS } from '../../src/adapters/kubernetes/owners/owner-kinds.ts'
import type { OwnerName, OwnerSetting } from '../../src/domain/plan/owner.ts'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'

const definitions = join(import.meta.dirname, '../servers/kubernetes/owners.yaml')

/** The cluster knows what Argo CD, Flux and KEDA define; nobody acts on it. */
export async function defineOwners({ applyManifest }: KubernetesCluster): Promise<void> {
  await applyManifest(await readFile(definitions, 'utf8'))
}

const SPECS = {
  Application: {
    project: 'default',
    source: { repoURL: 'https://git.example/shop.git' },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ['CreateNamespace=true'],
    },
  },
  Kustomization: { interval: '10m', prune: true },
  HelmRelease: { interval: '5m', suspend: false },
  ScaledObject: { scaleTargetRef: { name: 'backend' }, maxReplicaCount: 10 },
} as const

/** An object of this kind that works by itself, with whatever else is said of it. */
export async function putOwner(
  { applyManifest }: KubernetesCluster,
  { kind, namespace, name }: OwnerName,
  more: { readonly metadata?: object; readonly status?: object } = {},
): Promise<void> {
  const { group, version } = OWNER_KINDS[kind]
  const { metadata = {}, ...rest } = more
  const object = {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name, namespace, ...metadata },
    spec: SPECS[kind],
    ...rest,
  }
  await applyManifest(JSON.stringify(object))
}

export const ownerPath = ({ kind, namespace, name }: OwnerName): string => {
  const { group, version, resource } = OWNER_KINDS[kind]
  return `/apis/${group}/${version}/namespaces/${namespace}/${resource}/${name}`
}

/** As its own people would change it: by merging. */
export async function setOwner(
  { admin }: KubernetesCluster,
  owner: OwnerName,
  setting: OwnerSetting,
): Promise<void> {
  const merged = OWNER_KINDS[owner.kind].place.reduceRight<unknown>(
    (inner, name) => ({ [name]: inner }),
    setting,
  )
  await admin.must(
    'PATCH',
    ownerPath(owner),
    JSON.stringify(merged),
    'application/merge-patch+json',
  )
}
