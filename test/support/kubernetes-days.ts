import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { kubernetesClient } from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesWorkloads } from '../../src/adapters/kubernetes/read/workloads.ts'
import type { TroubleBegan } from '../../src/domain/assessment/onset.ts'
import type { RequestOf } from '../../src/domain/plan/plan-request.ts'
import type { Draft } from '../../src/domain/plan/plan.ts'
import type { Verification } from '../../src/engine/run/step.ts'
import { runbookOver } from '../../src/runbook/runbook.ts'
import { kubeconfigText } from '../servers/kubernetes/kubeconfig.ts'
import { declared, incidentAfter, opened } from './builders.ts'
import { assessSettings, runbookSettingsOf } from './contracts/settings.ts'
import { fakeApiServer, type ApiObject } from './fake-api-server.ts'

type Json = Readonly<Record<string, unknown>>

/** "28T03:00" of the month of the incident. */
export const at = (dayAndTime: string): string => `2026-11-${dayAndTime}:00Z`

type Kept = { readonly name: string; readonly created: string; readonly template: Json }

type Container = Json & { readonly name: string; readonly image: string }

/** A pod template; `app` is the service's own container where nothing else is said. */
export function template(
  containers: string | readonly Container[],
  { pods = {}, app = 'backend', ...own }: Json & { pods?: Json; app?: string } = {},
): Json {
  const all =
    typeof containers === 'string' ? [{ name: 'app', image: containers, ...own }] : containers
  return { metadata: { labels: { app } }, spec: { containers: all, ...pods } }
}

/** A Deployment and its ReplicaSets, the oldest first; the last one is what is asked for. */
export function deployed(
  name: string,
  revisions: readonly Kept[],
  more: { readonly spec?: Json; readonly status?: Json; readonly metadata?: Json } = {},
) {
  const replicas = (more.spec?.['replicas'] as number | undefined) ?? 2
  const controller = { apiVersion: 'apps/v1', kind: 'Deployment', controller: true }
  const deployment = {
    metadata: {
      name,
      uid: `uid-${name}`,
      generation: 5,
      creationTimestamp: at('01T00:00'),
      labels: { app: name },
      annotations: {},
      ...more.metadata,
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: revisions.at(-1)?.template,
      ...more.spec,
    },
    status: {
      observedGeneration: 5,
      replicas,
      readyReplicas: replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
      ...more.status,
    },
  }
  const replicaSets = revisions.map(({ name: set, created, template: kept }, index) => ({
    metadata: {
      name: set,
      uid: `uid-${set}`,
      creationTimestamp: created,
      labels: { app: name, 'pod-template-hash': set },
      annotations: { 'deployment.kubernetes.io/revision': String(index + 1) },
      ownerReferences: [{ ...controller, name, uid: `uid-${name}` }],
    },
    spec: { template: kept },
    status: {},
  }))
  return { deployment: deployment as ApiObject, replicaSets: replicaSets as readonly ApiObject[] }
}

export type Deployed = ReturnType<typeof deployed>

/** A pod of a ReplicaSet, ready where nothing else is said. */
export function pod(name: string, set: string, status: Json = {}, metadata: Json = {}): ApiObject {
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: at('28T03:10'),
      labels: { app: 'backend', 'pod-template-hash': set },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: set,
          uid: `uid-${set}`,
          controller: true,
        },
      ],
      ...metadata,
    },
    spec: { containers: [{ name: 'app', image: 'shop/backend' }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: {} } }],
      ...status,
    },
  } as ApiObject
}

export function waiting(reason: string, message: string, restartCount = 0): Json {
  return {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
    containerStatuses: [
      { name: 'app', ready: false, restartCount, state: { waiting: { reason, message } } },
    ],
  }
}

/** v1.9.0 ran for weeks, v2.0.0 is new and bad. `now`: which of them is asked for. */
export function shop(
  now: 'bad' | 'good' = 'bad',
  more: Parameters<typeof deployed>[2] = {},
): Deployed[] {
  const good = { name: 'r1', created: at('01T10:00'), template: template('shop/backend:v1.9.0') }
  const bad = { name: 'r2', created: at('28T03:00'), template: template('shop/backend:v2.0.0') }
  return [deployed('backend', now === 'good' ? [bad, good] : [good, bad], more)]
}

type Beside = {
  readonly pods?: readonly ApiObject[]
  readonly slices?: readonly ApiObject[]
  readonly configmaps?: readonly ApiObject[]
  /** When the trouble began; left out: none was measured. */
  readonly began?: TroubleBegan | null
}

/** The runbook over an API server that holds these objects. */
async function runbookOn(
  parts: readonly Deployed[],
  { pods = [], slices = [], configmaps = [] }: Beside = {},
) {
  const server = await fakeApiServer({
    production: () => ({
      deployments: parts.map(({ deployment }) => deployment),
      replicasets: parts.flatMap(({ replicaSets }) => replicaSets),
      pods,
      endpointslices: slices,
      configmaps,
      horizontalpodautoscalers: [],
    }),
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const folder = mkdtempSync(join(tmpdir(), 'days-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigText({ url: server.url, ca: '', token: 't' }))
  const client = kubernetesClient({ kubeconfig })
  onTestFinished(() => client.close())
  const names = parts.map(({ deployment }) => deployment.metadata.name)
  const deployments = kubernetesWorkloads({
    client,
    namespace: 'production',
    deployments: Object.fromEntries(names.map((name) => [name, name])),
  })
  const clock = { now: Date.now }
  const endpoints = {
    ask: async () => ({ status: 200, body: '{}', contentType: '', truncated: false }),
  }
  const world = {
    workloads: deployments,
    deployments,
    containers: null,
    ledger: null,
    endpoints,
    clock,
    cache: null,
    owners: null,
    alerts: null,
    database: null,
    instances: null,
    flagStores: null,
    configMaps: null,
    collections: null,
    backups: null,
    metrics: null,
  }
  const settings = runbookSettingsOf({ ...assessSettings, deployed: { services: names } })
  return { world, runbook: runbookOver(world, settings) }
}

/** What is proposed, or why nothing is. */
export async function planned(
  parts: readonly Deployed[],
  wish: Partial<RequestOf<'kubernetes'>> = {},
  beside: Beside = {},
): Promise<Draft | { readonly because: string }> {
  const { runbook } = await runbookOn(parts, beside)
  const request = { kind: 'kubernetes', toVersion: null, ...wish } as const
  const signal = AbortSignal.timeout(10_000)
  const { began } = beside
  const incident = incidentAfter(opened, declared)
  const resolved = await runbook.resolve(request, incident, signal, { began })
  return resolved.kind === 'feasible' ? resolved.draft : { because: resolved.because }
}

/** A plan that has to be possible. */
export async function draftOf(...args: Parameters<typeof planned>): Promise<Draft> {
  const draft = await planned(...args)
  if (!('steps' in draft)) throw new Error(draft.because)
  return draft
}

type Restored = { readonly changes: readonly { service: string; to: { uid: string } }[] }

/** Which ReplicaSet a plan leads each service to. */
export function leadsTo({ steps }: Draft): Readonly<Record<string, string>> {
  const restore = steps.find(({ id }) => id === 'restore-revisions')
  if (!restore) throw new Error('nothing is restored')
  const { changes } = restore.input as unknown as Restored
  return Object.fromEntries(changes.map(({ service, to }) => [service, to.uid]))
}

/** What the step of the rollback in `shop` says of a cluster like this. */
export async function proofIn(parts: readonly Deployed[], beside: Beside): Promise<Verification> {
  const step = (await draftOf(shop())).steps[0]
  const { world, runbook } = await runbookOn(parts, beside)
  const context = { world, key: 'k', cause: 'c', sendBeforeMs: Infinity }
  if (!step) throw new Error('there is no step')
  return runbook.bind(step).verify({ ...context, signal: AbortSignal.timeout(10_000) })
}

/** The time that the rollback's step gets. */
export async function deadlineMsOf(parts: readonly Deployed[]): Promise<number> {
  const { runbook } = await runbookOn(parts)
  const step = (await draftOf(parts)).steps[0]
  if (!step) throw new Error('there is no step')
  return runbook.bind(step).deadlineMs
}
