import { describe, expect, test } from 'vitest'
import { owned } from '../../src/adapters/kubernetes/read/ownership.ts'
import { Deployment, Pod, ReplicaSet } from '../../src/adapters/kubernetes/read/schema.ts'
import { toRollout } from '../../src/adapters/kubernetes/read/to-rollout.ts'
import { refusalOf } from '../../src/adapters/kubernetes/write/write.ts'
import { Fault } from '../../src/domain/base/fault.ts'

type Json = Record<string, unknown>

const at = '2026-11-22T12:00:00Z'
const labels = { app: 'backend' }

const ownedBy = (kind: string, name: string) => ({
  ownerReferences: [{ kind, name, uid: `uid-${name}`, controller: true }],
})

const metadata = (name: string, more: Json = {}) => ({
  name,
  uid: `uid-${name}`,
  creationTimestamp: at,
  labels,
  ...more,
})

const template = (image: string, hash?: string) => ({
  metadata: { labels: hash === undefined ? labels : { ...labels, 'pod-template-hash': hash } },
  spec: { containers: [{ name: 'app', image }] },
})

const replicaSet = (name: string, image: string, conditions: Json[] = []) =>
  ReplicaSet.parse({
    metadata: metadata(name, {
      labels: { ...labels, 'pod-template-hash': name },
      ...ownedBy('Deployment', 'backend'),
    }),
    spec: { template: template(image, name) },
    status: { conditions },
  })

const pod = (name: string, owner: string | null, status: Json = {}, more: Json = {}) =>
  Pod.parse({
    metadata: metadata(name, { ...(owner && ownedBy('ReplicaSet', owner)), ...more }),
    spec: { containers: [{ name: 'app' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...status },
  })

const waiting = (reason: string, restartCount = 0) => ({
  conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
  containerStatuses: [
    { name: 'app', restartCount, state: { waiting: { reason, message: 'why' } } },
  ],
})

const going = { deletionTimestamp: at }
const full = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
const newPods = [pod('a', 'new'), pod('b', 'new')]
const sets = [replicaSet('old', 'app:v1'), replicaSet('new', 'app:v2')]

const rollout = (
  pods: readonly Pod[] = newPods,
  status: Json = {},
  { replicas = 2, rss = sets }: { replicas?: number; rss?: readonly ReplicaSet[] } = {},
) => {
  const deployment = Deployment.parse({
    metadata: metadata('backend', { generation: 5 }),
    spec: { replicas, selector: { matchLabels: labels }, template: template('app:v2') },
    status: { observedGeneration: 5, ...full, ...status },
  })
  return toRollout('api', owned(deployment, rss, pods))
}

const overdue = (name: string) => ({
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: `ReplicaSet "${name}" has timed out progressing.`,
})

describe('a rollout is complete', () => {
  test('when it was observed, and all that is wanted is updated and available', () => {
    expect(rollout()).toMatchObject({ complete: true, ready: 2, others: 0, templateHash: 'new' })
  })

  test.each<[string, Json]>([
    ['was not observed yet', { observedGeneration: 4 }],
    ['has too few updated', { updatedReplicas: 1 }],
    ['has too few available', { availableReplicas: 1 }],
    ['has more than wanted', { replicas: 3 }],
  ])('and not while it %s', (_, status) => {
    expect(rollout(newPods, status).complete).toBe(false)
  })

  test.each<[string, Pod]>([
    ['of the template before', pod('c', 'old')],
    ['whose ReplicaSet was deleted', pod('c', 'deleted')],
    ['that was left behind by its ReplicaSet', pod('c', null)],
  ])('and not while there is a pod %s', (_, other) => {
    expect(rollout([...newPods, other])).toMatchObject({ complete: false, others: 1 })
  })

  test('also while a pod of the template before is ending, which it names', () => {
    const { complete, others, ending } = rollout([...newPods, pod('c', 'old', {}, going)])
    expect({ complete, others, ending }).toEqual({ complete: true, others: 0, ending: ['c'] })
  })

  test.each<[string, Pod]>([
    ['that has ended', pod('c', 'old', { phase: 'Failed' })],
    ['of somebody else', pod('c', 'deleted', {}, { labels: { app: 'frontend' } })],
    ['of another controller', pod('c', null, {}, ownedBy('Job', 'migration'))],
  ])('whatever becomes of a pod %s', (_, other) => {
    expect(rollout([...newPods, other])).toMatchObject({ complete: true, others: 0 })
  })

  test('at zero only when no pod is left, of whatever template', () => {
    const zero = { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 }
    const scaled = (pods: readonly Pod[]) => rollout(pods, zero, { replicas: 0 })
    expect(scaled([])).toMatchObject({ complete: true, ready: 0 })
    expect(scaled([pod('a', 'new', {}, going)])).toMatchObject({
      complete: false,
      ready: 0,
      others: 0,
    })
    expect(scaled([pod('a', 'deleted', {}, going)])).toMatchObject({ complete: false, others: 0 })
    expect(scaled([pod('a', 'new', { phase: 'Succeeded' }, going)]).complete).toBe(true)
  })

  test('by no ReplicaSet while none has the template', () => {
    const [old] = sets
    expect(rollout(newPods, {}, { rss: [old!] })).toMatchObject({ templateHash: null, others: 2 })
  })
})

describe('a rollout has failed', () => {
  test.each([
    ['InvalidImageName', 0],
    ['CrashLoopBackOff', 3],
  ])('with a pod in %s after %d restarts, in its words', (reason, restarts) => {
    const { failed, troubles } = rollout([pod('a', 'new', waiting(reason, restarts))])
    expect(failed).toBe(`app: ${reason}: why`)
    expect(troubles).toEqual([`app: ${reason}: why`])
  })

  test.each([
    ['ErrImagePull', 0],
    ['ImagePullBackOff', 0],
    ['CreateContainerConfigError', 0],
    ['ContainerCreating', 0],
    ['CrashLoopBackOff', 2],
  ])('not with a pod in %s after %d restarts, which it tells', (reason, restarts) => {
    const { failed, troubles } = rollout([pod('a', 'new', waiting(reason, restarts))])
    expect([failed, troubles]).toEqual([null, [`app: ${reason}: why`]])
  })

  test('not with a pod of the template before, or one that is ending', () => {
    const bad = waiting('InvalidImageName')
    expect(rollout([pod('a', 'old', bad), pod('b', 'new', bad, going)])).toMatchObject({
      failed: null,
      troubles: [],
    })
  })

  test('with the deadline of its own ReplicaSet, not with that of another or of an older change', () => {
    const late = 'ProgressDeadlineExceeded: ReplicaSet "new" has timed out progressing.'
    const own = { conditions: [overdue('new')] }
    expect(rollout(newPods, own)).toMatchObject({ failed: late, troubles: [late] })
    const stale = { conditions: [overdue('old')] }
    expect(rollout(newPods, stale)).toMatchObject({ failed: null, troubles: [] })
    expect(rollout(newPods, { ...own, observedGeneration: 4 }).failed).toBeNull()
  })

  const refused = (message: string, name = 'new') => {
    const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
    const other = name === 'new' ? 'old' : 'new'
    const image = (one: string) => (one === 'new' ? 'app:v2' : 'app:v1')
    return [replicaSet(name, image(name), [condition]), replicaSet(other, image(other))]
  }
  const quota = 'pods "x" is forbidden: exceeded quota: small'

  test.each(['admission webhook "w" denied the request: no', 'Pod "x" is invalid: spec'])(
    'when its pods are refused: %s',
    (message) => {
      const { failed, troubles } = rollout(newPods, {}, { rss: refused(message) })
      expect(failed).toBe(`FailedCreate: ${message}`)
      expect(troubles).toEqual([failed])
    },
  )

  test('not by a refusal that may pass, or one of the template before', () => {
    const unreachable = refused('failed calling webhook "w": connection refused')
    expect(rollout(newPods, {}, { rss: unreachable })).toMatchObject({
      failed: null,
      troubles: [expect.stringContaining('failed calling webhook')],
    })
    expect(rollout(newPods, {}, { rss: refused(quota) })).toMatchObject({
      failed: null,
      troubles: [`FailedCreate: ${quota}`],
    })
    expect(rollout(newPods, {}, { rss: refused(quota, 'old') })).toMatchObject({
      failed: null,
      troubles: [],
    })
  })
})

describe('a write', () => {
  const fault = (code: string, detail: string, kind: Fault['kind'] = 'terminal') =>
    new Fault({ kind, dependency: 'kubernetes', code, detail })
  const sideEffects = 'HTTP 400: admission webhook "w" does not support dry run'

  test('whose dry run some webhook does not allow says nothing of the write', () => {
    const answer = { kind: 'dry-run-unavailable', because: sideEffects }
    expect(refusalOf(fault('400', sideEffects), { dryRun: true })).toEqual(answer)
    expect(refusalOf(fault('400', sideEffects), { dryRun: false })?.kind).toBe('refused')
    expect(refusalOf(fault('400', 'HTTP 400: unknown field'), { dryRun: true })?.kind).toBe(
      'refused',
    )
  })

  test.each([
    fault('401', 'credentials were refused'),
    fault('429', 'later', 'retryable'),
    fault('500', 'HTTP 500', 'unknown-outcome'),
    fault('CONFIG', 'no kubeconfig'),
  ])('is not refused by what says nothing of it: $code', (one) => {
    expect(refusalOf(one, { dryRun: false })).toBeNull()
  })
})
