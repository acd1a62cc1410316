import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubeconfigText } from '../../servers/kubernetes/kubeconfig.ts'
import { freshFolder } from '../../servers/spawn.ts'
import { fakeApiServer } from '../../support/fake-api-server.ts'
import { deployed, pod, template, waiting } from '../../support/kubernetes-days.ts'
import type { Beside, Incident, Ran, Stands } from './incident.ts'

/** An API server whose Deployments have run all of this; a real one would give every ReplicaSet the age of the test. */
export async function clusterThatRan(
  ran: NonNullable<Incident['ran']>,
  nowSeconds: number,
  { scaled, mapWritten }: Beside = {},
  stands: Incident['stands'] = {},
) {
  const ago = (seconds: number) => new Date((nowSeconds - seconds) * 1_000).toISOString()
  const opened = new AsyncDisposableStack()
  const scaledTo = (replicas: number, seconds: number) => {
    const fieldsV1 = { 'f:spec': { 'f:replicas': {} } }
    const managedFields = [
      { manager: 'kubectl', subresource: 'scale', time: ago(seconds), fieldsV1 },
    ]
    return { spec: { replicas }, metadata: { managedFields } }
  }
  const parts = Object.entries(ran).map(([service, versions]: [string, Ran]) =>
    deployed(
      service,
      versions.map(([version, came, setting = 'usual'], index) => ({
        name: setOf(service, index),
        created: ago(came),
        template: made(service, version, setting),
      })),
      {
        ...standing(service === 'backend' ? stands.backend : stands.frontend),
        ...(scaled && service === 'backend' ? scaledTo(...scaled) : {}),
      },
    ),
  )
  const pods = Object.entries(ran).flatMap(([service, versions]: [string, Ran]) => {
    const { waiting: all = [] } = (service === 'backend' ? stands.backend : stands.frontend) ?? {}
    const set = setOf(service, versions.length - 1)
    const labels = { app: service, 'pod-template-hash': set }
    return all.map(([reason, message, restarts = 0], index) =>
      pod(`${service}-${set}-${index}`, set, whyIt(reason, message, restarts), { labels }),
    )
  })
  const server = opened.use(
    await fakeApiServer({
      production: () => ({
        deployments: parts.map(({ deployment }) => deployment),
        replicasets: parts.flatMap(({ replicaSets }) => replicaSets),
        pods,
        horizontalpodautoscalers: [],
        configmaps: mapWritten === undefined ? [] : [flagMap(ago(mapWritten))],
      }),
    }),
  )
  const { path } = opened.use(await freshFolder('ran'))
  const KUBECONFIG = join(path, 'kubeconfig')
  writeFileSync(KUBECONFIG, kubeconfigText({ url: server.url, ca: '', token: 't' }))
  const deployments = Object.fromEntries(Object.keys(ran).map((service) => [service, service]))
  return {
    settings: {
      procedures: {
        kubernetes: { namespace: 'production', deployments },
        ...(mapWritten === undefined ? {} : { featureFlag: FLAG }),
      },
    },
    variables: { KUBECONFIG },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** As long as it is plain letters, the names of its pods tell of which template they are. */
function setOf(service: string, index: number): string {
  return `${service}${index + 1}`
}

function standing({ desired, ready, updated, paused, conditions }: Stands = {}) {
  const replicas = desired ?? 2
  return {
    spec: { replicas, ...(paused === undefined ? {} : { paused }) },
    status: {
      ...(ready === undefined ? {} : { readyReplicas: ready, availableReplicas: ready }),
      ...(updated === undefined ? {} : { updatedReplicas: updated }),
      ...(conditions === undefined ? {} : { conditions }),
    },
  }
}

/** A pod that nothing has started has no container that could wait. */
function whyIt(reason: string, message: string, restarts: number) {
  if (reason !== 'Unschedulable') return waiting(reason, message, restarts)
  const conditions = [{ type: 'PodScheduled', status: 'False', reason, message }]
  return { phase: 'Pending', conditions, containerStatuses: [] }
}

const FLAG = {
  name: 'MULTI_TENANT',
  safe: 'false',
  places: [{ in: 'config-map', configMap: 'general', services: ['backend'] }],
}

function made(service: string, version: string, setting: string) {
  const isRestarted = setting === 'restarted'
  const of = template(`shop/${service}:${version}`, {
    app: service,
    env: [{ name: 'SETTING', value: isRestarted ? 'usual' : setting }],
    envFrom: [{ configMapRef: { name: 'general' } }],
  })
  const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-11-22T03:00:00Z' }
  return isRestarted ? { ...of, metadata: { labels: { app: service }, annotations } } : of
}

function flagMap(time: string) {
  const fieldsV1 = { 'f:data': { 'f:MULTI_TENANT': {} } }
  return {
    metadata: {
      name: 'general',
      uid: 'uid-general',
      resourceVersion: '7',
      creationTimestamp: time,
      managedFields: [{ manager: 'kubectl-edit', time, fieldsV1 }],
    },
    data: { MULTI_TENANT: 'true' },
  }
}
