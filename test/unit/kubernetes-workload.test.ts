import { describe, expect, test } from 'vitest'
import { owned } from '../../src/adapters/kubernetes/read/ownership.ts'
import { Deployment, Pod, ReplicaSet } from '../../src/adapters/kubernetes/read/schema.ts'
import { toSighting } from '../../src/adapters/kubernetes/read/to-sighting.ts'
import { toWorkload } from '../../src/adapters/kubernetes/read/to-workload.ts'

type Json = Record<string, unknown>

const metadata = (name: string, more: Json = {}) => ({
  name,
  uid: `uid-${name}`,
  creationTimestamp: '2026-11-22T12:00:00Z',
  ...more,
})

const revision = (number: number) => ({ 'deployment.kubernetes.io/revision': String(number) })

const ownedBy = (kind: string, name: string, controller = true) => ({
  ownerReferences: [{ kind, name, uid: `uid-${name}`, controller }],
})

const template = (image: string, labels: Json = {}) => ({
  metadata: { labels: { app: 'backend', ...labels } },
  spec: { containers: [{ name: 'app', image }, { name: 'proxy' }], dnsPolicy: 'ClusterFirst' },
})

const selector = { matchLabels: { app: 'backend' } }

const deployment = (meta: Json = {}, status: Json = {}, spec: Json = {}) =>
  Deployment.parse({
    metadata: metadata('backend', { generation: 2, annotations: revision(2), ...meta }),
    spec: { replicas: 2, selector, template: template('app:v2'), ...spec },
    status: { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 2, ...status },
  })

const replicaSet = (name: string, number: number, image: string, meta: Json = {}) =>
  ReplicaSet.parse({
    metadata: metadata(name, {
      labels: { 'pod-template-hash': `hash-${name}` },
      annotations: revision(number),
      ...ownedBy('Deployment', 'backend'),
      ...meta,
    }),
    spec: { template: template(image, { 'pod-template-hash': `hash-${name}` }) },
  })

const pod = (name: string, status: Json, meta: Json = {}) =>
  Pod.parse({
    metadata: metadata(name, { ...ownedBy('ReplicaSet', 'rs2'), ...meta }),
    spec: { containers: [{ name: 'app' }] },
    status: { phase: 'Running', ...status },
  })

const waiting = (reason: string, message = '', more: Json = {}) => ({
  containerStatuses: [{ name: 'app', state: { waiting: { reason, message } }, ...more }],
})

const sets = [replicaSet('rs1', 1, 'app:v1'), replicaSet('rs2', 2, 'app:v2')]

const workload = (d = deployment(), pods: Pod[] = [], rss: ReplicaSet[] = sets) =>
  toWorkload('api', owned(d, rss, pods), { own: 'api', servedBy: null, managers: [] })

const troubles = (...pods: Pod[]) => workload(deployment(), pods).troubles

describe('revisions', () => {
  const rss = [...sets, replicaSet('rs9', 9, 'app:v9'), replicaSet('rs10', 10, 'app:v10')]

  test('current is the ReplicaSet with the template of the Deployment, the others follow, newest first', () => {
    const asked = deployment({}, {}, { template: template('app:v9') })
    const { current, previous } = workload(asked, [], rss)
    expect(current).toEqual({
      number: 9,
      uid: 'uid-rs9',
      templateHash: 'hash-rs9',
      images: ['app:v9', ''],
      content: expect.stringMatching(/^[0-9a-f]{64}$/),
      needs: [],
      createdAt: '2026-11-22T12:00:00Z',
    })
    expect(previous.map(({ number }) => number)).toEqual([10, 2, 1])
  })

  test('current does not wait for the controller to write the number', () => {
    const lagging = deployment({ annotations: revision(10) }, {}, { template: template('app:v1') })
    expect(workload(lagging, [], rss).current?.uid).toBe('uid-rs1')
  })

  test('there is no current one while no ReplicaSet has the template', () => {
    const asked = deployment({ annotations: revision(9) }, {}, { template: template('app:v11') })
    const { current, previous } = workload(asked, [], rss)
    expect(current).toBeNull()
    expect(previous.map(({ number }) => number)).toEqual([10, 9, 2, 1])
  })

  test('of two with the same template the oldest is current, as for the controller', () => {
    const younger = { creationTimestamp: '2026-11-22T12:00:01Z' }
    const twins = [replicaSet('twin', 3, 'app:v2', younger), ...sets]
    expect(workload(deployment(), [], twins).current?.uid).toBe('uid-rs2')
  })

  test('a ReplicaSet of another Deployment that had this name is not ours', () => {
    const stranger = replicaSet('old', 7, 'app:v7', ownedBy('Deployment', 'earlier-backend'))
    const orphan = replicaSet('orphan', 2, 'app:v2', { ownerReferences: [] })
    const guest = replicaSet('guest', 8, 'app:v8', ownedBy('Deployment', 'backend', false))
    const { current, previous } = workload(deployment(), [], [stranger, orphan, guest, ...sets])
    expect(current?.uid).toBe('uid-rs2')
    expect(previous.map(({ uid }) => uid)).toEqual(['uid-rs1'])
  })

  test('one that is being deleted is nothing to return to', () => {
    const going = replicaSet('rs1', 1, 'app:v1', { deletionTimestamp: '2026-11-22T12:01:00Z' })
    expect(workload(deployment(), [], [going, sets[1]!]).previous).toEqual([])
  })
})

describe('a kept template', () => {
  const kept = (of: Json) => {
    const rs = { ...sets[0], spec: { template: of } }
    const found = owned(deployment(), [ReplicaSet.parse(rs)], [])
    return toSighting('api', found, 'api').previous[0]?.template
  }

  test('is what the cluster holds, with what nobody here knows, but for the hash', () => {
    const unknown = { resizePolicy: [{ a: [1, null] }], image: 'app:v1' }
    const spec = { containers: [unknown], notYetInvented: { deep: null } }
    const labels = { app: 'backend' }
    const hashed = { ...labels, 'pod-template-hash': 'abc' }
    const metadataOf = (own: Json) => ({
      labels: own,
      creationTimestamp: null,
      annotations: { a: 'b' },
    })
    expect(kept({ metadata: metadataOf(hashed), spec })).toEqual({
      metadata: metadataOf(labels),
      spec,
    })
  })

  test('is the same whether the API server writes an absent time or not', () => {
    const { metadata: own, ...rest } = template('app:v1')
    const asked = { ...rest, metadata: { creationTimestamp: null, ...own } }
    const found = owned(deployment({}, {}, { template: asked }), sets, [])
    expect(toSighting('api', found, 'api').current?.uid).toBe('uid-rs1')
  })
})

describe('counts', () => {
  test('are 0 where the API server leaves them out, but one replica is wanted', () => {
    const spec = { selector, template: template('app:v2') }
    const bare = Deployment.parse({ metadata: metadata('backend'), spec })
    expect(workload(bare)).toMatchObject({ desired: 1, ready: 0, updated: 0, paused: false })
  })

  test('of updated pods are not believed before the controller has seen the change', () => {
    const seen = workload(deployment({ generation: 3 }))
    expect(seen.updated).toBe(0)
    expect(seen.troubles).toEqual(['observedGeneration is 2, generation is 3'])
  })

  test('of restarts include those of init containers, and not those of strangers', () => {
    const status = {
      containerStatuses: [
        { name: 'app', restartCount: 3 },
        { name: 'proxy', restartCount: 1 },
      ],
      initContainerStatuses: [{ name: 'migrate', restartCount: 2 }],
    }
    const stranger = pod('c', status, ownedBy('ReplicaSet', 'of-somebody-else'))
    expect(workload(deployment(), [pod('a', status), stranger]).restarts).toBe(6)
  })
})

describe('whether it is stuck', () => {
  test.each([
    ['it does well', { conditions: [] }, undefined],
    [
      'its image is being pulled again',
      waiting('ImagePullBackOff', 'too many requests'),
      undefined,
    ],
    [
      'its image is nowhere',
      waiting('ImagePullBackOff', 'not found'),
      'app: ImagePullBackOff: not found',
    ],
    ['it ended once', waiting('CrashLoopBackOff', 'back-off', { restartCount: 1 }), undefined],
    [
      'it ends again and again',
      waiting('CrashLoopBackOff', 'back-off', { restartCount: 4 }),
      'app: CrashLoopBackOff: back-off',
    ],
  ])('%s', (_what, status, stuck) => {
    expect(workload(deployment(), [pod('a', status)]).stuck).toBe(stuck)
  })
})

describe('troubles', () => {
  test('are none when all is well', () => {
    const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
    expect(troubles(pod('a', ready))).toEqual([])
  })

  test('come once for all pods that have them, with how the last one ended', () => {
    const crash = (name: string) =>
      pod(
        name,
        waiting('CrashLoopBackOff', `back-off 5m0s restarting app in ${name}`, {
          lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
        }),
      )
    expect(troubles(crash('a'), crash('b'), pod('c', waiting('ErrImagePull')))).toEqual([
      'app: CrashLoopBackOff: back-off 5m0s restarting app in a (last: OOMKilled, exit code 137) (2 pods)',
      'app: ErrImagePull',
    ])
  })

  test('of the Deployment: quota, and a rollout that takes too long', () => {
    const conditions = [
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'over quota' },
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' },
      { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' },
    ]
    expect(workload(deployment({}, { conditions })).troubles).toEqual([
      'FailedCreate: over quota',
      'ProgressDeadlineExceeded: late',
    ])
  })

  test('of a pod nobody has room for, and of one that runs and is not ready', () => {
    const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }
    const unready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'app' }
    expect(
      troubles(
        pod('a', { phase: 'Pending', conditions: [{ ...scheduled, message: '0/3 nodes' }] }),
        pod('b', { conditions: [unready] }),
      ),
    ).toEqual(['Unschedulable: 0/3 nodes', 'ContainersNotReady: app'])
  })

  test('of pods that ended or are on their way out are not told', () => {
    const gone = { deletionTimestamp: '2026-11-22T12:00:00Z' }
    const evicted = { phase: 'Failed', ...waiting('Evicted') }
    expect(troubles(pod('a', evicted), pod('b', waiting('ErrImagePull'), gone))).toEqual([])
  })

  test('are one short line without secrets', () => {
    const message = `pull https://bot:hunter2@registry failed\n${'x'.repeat(500)}`
    const [line = ''] = troubles(pod('a', waiting('ErrImagePull', message)))
    expect(line.length).toBe(200)
    expect(line).not.toMatch(/hunter2|\n/)
  })
})
