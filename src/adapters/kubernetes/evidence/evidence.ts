import type { Fault } from '../../../domain/base/fault.ts'
import { unlessRefused } from '../../../domain/base/unless-refused.ts'
import type { EvidencePiece } from '../../../ports/workloads.ts'
import type { KubernetesClient } from '../client/client.ts'
import type { Owned } from '../read/ownership.ts'
import { listInPages } from '../read/pages.ts'
import { redactedText } from './redacted-text.ts'
import { redactedManifest } from './redacted-manifest.ts'
import type { ContainerStatus, Pod } from '../read/schema.ts'

/** Of each container, so that no log fills the disk. The newest lines are those that are kept. */
const mostBytes = 5 * 1024 * 1024
const mostLines = 50_000

/** Of one container: a node that is lost must not take the time of the others. */
const deadlineMs = 30_000

/** There may be thousands, and they are small: 2,000 are about two megabytes. */
const eventsAtOnce = 2_000

type Wanted = {
  readonly client: KubernetesClient
  readonly service: string
  readonly owned: Owned
  /** What was read as it came; more than ours may be among it. */
  readonly raw: { readonly [kind in 'deployments' | 'replicasets' | 'pods']: readonly unknown[] }
  readonly path: (group: string, kind: string) => string
  readonly signal: AbortSignal
}

export async function* evidenceOf(wanted: Wanted): AsyncIterable<EvidencePiece> {
  const { client, service, owned, raw, path, signal } = wanted
  // Credentials that are refused once are refused every time.
  const limits = { signal, concernsAll: ({ code }: Fault) => code === '401' }
  const pods = [...owned.pods, ...owned.strays]
  const uids = {
    deployments: uidsOf([owned.deployment]),
    replicasets: uidsOf(owned.replicaSets),
    pods: uidsOf(pods),
  }
  const ours = (kind: keyof Wanted['raw']): unknown[] =>
    raw[kind].filter((one) => uids[kind].has(uidIn(one, 'metadata')))
  yield manifest(`${service}/deployment.json`, ours('deployments')[0])
  yield manifest(`${service}/replicasets.json`, ours('replicasets'))
  yield manifest(`${service}/pods.json`, ours('pods'))

  const all = new Set([...uids.deployments, ...uids.replicasets, ...uids.pods])
  yield await unlessRefused(`${service}/events.json`, limits, async (name) => {
    const asked = { signal, query: { limit: eventsAtOnce } }
    const events = await listInPages(client, path('api/v1', 'events'), asked, (items) =>
      items.filter((one) => all.has(uidIn(one, 'involvedObject'))),
    )
    return manifest(name, events)
  })

  for (const { pod, container, previous } of pods.flatMap(logsOf)) {
    await using streams = new AsyncDisposableStack()
    const name = `${service}/${pod}/${container}${previous ? '.previous' : ''}.log`
    yield await unlessRefused(name, limits, async () => {
      const log = await client.stream(`${path('api/v1', 'pods')}/${encodeURIComponent(pod)}/log`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
        query: { container, previous, limitBytes: mostBytes, tailLines: mostLines },
      })
      return { name, text: redactedText(streams.use(log).chunks) }
    })
  }
}

type Log = { readonly pod: string; readonly container: string; readonly previous: boolean }

function logsOf({ metadata, spec, status }: Pod): Log[] {
  const statuses: readonly ContainerStatus[] = [
    ...status.initContainerStatuses,
    ...status.containerStatuses,
    ...status.ephemeralContainerStatuses,
  ]
  return [...spec.initContainers, ...spec.containers, ...spec.ephemeralContainers].flatMap(
    ({ name: container }) => {
      const now = { pod: metadata.name, container, previous: false }
      const restarted = statuses.some((one) => one.name === container && one.restartCount > 0)
      return restarted ? [now, { ...now, previous: true }] : [now]
    },
  )
}

function manifest(name: string, value: unknown): EvidencePiece {
  const text = (async function* () {
    yield Buffer.from(`${JSON.stringify(redactedManifest(value), null, 2)}\n`)
  })()
  return { name, text: redactedText(text) }
}

function uidsOf(objects: readonly { readonly metadata: { readonly uid: string } }[]): Set<unknown> {
  return new Set(objects.map(({ metadata }) => metadata.uid))
}

/** `metadata.uid`, or that of the object an event is about. */
function uidIn(object: unknown, field: 'metadata' | 'involvedObject'): unknown {
  const at = new Map(Object.entries(Object(object))).get(field)
  return typeof at === 'object' && at !== null && 'uid' in at ? at.uid : undefined
}
