import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../../support/fake-api-server.ts'
import { at, pod, proofIn, shop, waiting } from '../../support/kubernetes-days.ts'

const ready = [pod('a', 'r1'), pod('b', 'r1')]
const ending = (name: string, status = {}, metadata = {}) =>
  pod(name, 'r2', status, { deletionTimestamp: at('28T03:41'), ...metadata })

/** What a Service sends to: pods by name, ready or not. */
function slice(...endpoints: readonly (readonly [name: string, ready: boolean])[]): ApiObject {
  return {
    metadata: { name: 'backend-1', uid: 'uid-slice' },
    endpoints: endpoints.map(([name, isReady]) => ({
      targetRef: { kind: 'Pod', name, uid: `uid-${name}` },
      conditions: { ready: isReady },
    })),
  }
}

describe('an old pod that is still ending', () => {
  test.each([
    ['drains for half an hour', ending('old', {}, { deletionGracePeriodSeconds: 1800 })],
    [
      'is on a node that is lost',
      ending('old', { conditions: [{ type: 'Ready', status: 'False' }], reason: 'NodeLost' }),
    ],
  ])('holds nothing up, and is named: it %s', async (_what, old) => {
    expect(await proofIn(shop('good'), { pods: [...ready, old] })).toEqual({
      kind: 'verified',
      says: 'backend: 2 of 2 pods ready; still ending: old',
    })
  })

  test('that still gets requests is the opposite of done', async () => {
    const slices = [slice(['a', true], ['b', true], ['old', true])]
    expect(await proofIn(shop('good'), { pods: [...ready, ending('old')], slices })).toEqual({
      kind: 'not-yet',
      says: 'backend: 2 of 2 pods ready, but requests still go to old of another version',
    })
    const out = [slice(['a', true], ['b', true], ['old', false])]
    const proof = await proofIn(shop('good'), { pods: [...ready, ending('old')], slices: out })
    expect(proof.kind).toBe('verified')
  })
})

test('while the last pods of one that is scaled to 0 end, it says which are still there', async () => {
  const none = { spec: { replicas: 0 }, status: { replicas: 1 } }
  expect(await proofIn(shop('good', none), { pods: [ending('slow')] })).toEqual({
    kind: 'not-yet',
    says: 'backend: it is scaled to 0; still ending: slow',
  })
})

describe('pods that are ready', () => {
  test('and get no request are not done', async () => {
    const slices = [slice(['a', true], ['b', false])]
    expect(await proofIn(shop('good'), { pods: ready, slices })).toEqual({
      kind: 'not-yet',
      says: 'backend: 2 of 2 pods ready, but no request goes to b',
    })
  })

  test('of which no Service knows any are done: nobody sends there', async () => {
    const slices = [slice(['somebody-else', true])]
    expect((await proofIn(shop('good'), { pods: ready, slices })).kind).toBe('verified')
  })

  test('are not done while a pod of the other template goes on', async () => {
    const half = { status: { replicas: 3 } }
    expect(await proofIn(shop('good', half), { pods: [...ready, pod('old', 'r2')] })).toEqual({
      kind: 'not-yet',
      says: 'backend: 2 of 2 pods ready, 1 other pod still there',
    })
  })
})

describe('a pod that does not start', () => {
  const half = { status: { availableReplicas: 1, readyReplicas: 1 } }
  const startingWith = (reason: string, message: string, restarts = 0) =>
    proofIn(shop('good', half), {
      pods: [pod('a', 'r1'), pod('b', 'r1', waiting(reason, message, restarts))],
    })
  const pull = (why: string) => `Back-off pulling image "shop/backend:v1.9.0": ErrImagePull: ${why}`

  test.each([
    ['ImagePullBackOff', pull('unexpected status code 429 Too Many Requests')],
    [
      'ErrImagePull',
      'toomanyrequests: You have reached your pull rate limit. denied: upgrade your plan',
    ],
    ['ImagePullBackOff', pull('dial tcp: i/o timeout')],
    ['ImagePullBackOff', 'Back-off pulling image "shop/backend:v1.9.0"'],
    ['ErrImagePull', 'unexpected status code 503 Service Unavailable'],
    ['CreateContainerConfigError', 'failed to sync configmap cache: timed out waiting'],
    ['ContainerCreating', ''],
  ])('may by itself, and is waited for: %s %s', async (reason, message) => {
    const proof = await startingWith(reason, message)
    expect(proof.kind).toBe('not-yet')
    expect(proof.says).toContain(reason)
  })

  test.each([
    ['ImagePullBackOff', pull('shop/backend:v1.9.0: not found')],
    ['ErrImagePull', 'manifest unknown: manifest unknown'],
    ['ErrImagePull', 'pull access denied, repository does not exist or may require authorization'],
    ['ErrImagePull', 'no match for platform in manifest'],
    ['InvalidImageName', 'couldn’t parse image name'],
    ['CreateContainerConfigError', 'secret "stripe" not found'],
    ['CreateContainerConfigError', "couldn't find key POOL in ConfigMap production/backend"],
  ])('never will, and fails at once by name: %s %s', async (reason, message) => {
    const proof = await startingWith(reason, message)
    expect(proof.kind).toBe('failed')
    expect(proof.says).toContain(message.slice(0, 40))
  })

  test('in a crash loop has failed after three restarts, and not before', async () => {
    expect((await startingWith('CrashLoopBackOff', 'back-off', 2)).kind).toBe('not-yet')
    expect((await startingWith('CrashLoopBackOff', 'back-off', 3)).kind).toBe('failed')
  })

  test('for want of room is waited for, and says so', async () => {
    const unschedulable = {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
      ],
      containerStatuses: [],
    }
    const pods = [pod('a', 'r1'), pod('b', 'r1', unschedulable)]
    const proof = await proofIn(shop('good', half), { pods })
    expect(proof).toMatchObject({ kind: 'not-yet', says: expect.stringMatching(/Unschedulable/) })
  })
})
