import { expect, test } from 'vitest'
import type {
  KubernetesClient,
  PatchOperation,
} from '../../src/adapters/kubernetes/client/client.ts'
import { kubernetesOwners } from '../../src/adapters/kubernetes/owners/owners.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { OwnerName } from '../../src/domain/plan/owner.ts'
import { patience } from '../support/contracts/outside.ts'

const queue: OwnerName = { kind: 'ScaledObject', namespace: 'production', name: 'queue' }
const plain = {
  metadata: {
    name: 'queue',
    namespace: 'production',
    uid: 'u-1',
    creationTimestamp: '2026-11-22T03:12:07Z',
  },
  spec: { scaleTargetRef: { name: 'backend' } },
}
const refused = () =>
  new Fault({
    kind: 'terminal',
    dependency: 'kubernetes',
    code: '422',
    detail: 'rejected as invalid',
  })

/** An API server that holds one object, and answers patches in this order. */
function asking(answers: readonly (Fault | null)[], object: object = plain) {
  const calls: string[] = []
  const patches: (readonly PatchOperation[])[] = []
  const client = {
    async get() {
      calls.push('GET')
      return object
    },
    async patch(_path: string, patch: readonly PatchOperation[]) {
      calls.push('PATCH')
      const answer = answers[patches.length]
      patches.push(patch)
      if (answer) throw answer
      return {}
    },
  }
  const owners = kubernetesOwners({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of it is asked
    client: client as unknown as KubernetesClient,
    ours: { namespace: 'production', deployments: ['backend'] },
  })
  const write = { owner: queue, uid: 'u-1', from: null, to: 'true' }
  const suspend = () => owners.write(write, { dryRun: true, signal: patience() })
  return { owners, suspend, calls, patches }
}

test('a look at an owner and the trial of its suspension are two requests', async () => {
  const { owners, suspend, calls } = asking([null])
  await owners.list([queue], patience())
  expect(await suspend()).toEqual({ kind: 'written' })
  expect(calls).toEqual(['GET', 'PATCH'])
})

test('where the map around the setting is missing, it is made in the same write', async () => {
  const { suspend, calls, patches } = asking([refused(), null])
  expect(await suspend()).toEqual({ kind: 'written' })
  expect(calls).toEqual(['PATCH', 'GET', 'PATCH'])
  expect(patches[1]).toContainEqual({ op: 'add', path: '/metadata/annotations', value: {} })
})

test('what is refused for another reason is sent no third time', async () => {
  const { suspend, calls } = asking([refused(), refused()])
  expect(await suspend()).toEqual({ kind: 'refused', because: 'rejected as invalid' })
  expect(calls).toEqual(['PATCH', 'GET', 'PATCH', 'GET'])
})

test('what somebody else changed meanwhile is not written to', async () => {
  const annotations = { 'autoscaling.keda.sh/paused': 'true' }
  const changed = { ...plain, metadata: { ...plain.metadata, annotations } }
  const { suspend, calls } = asking([refused()], changed)
  expect(await suspend()).toEqual({ kind: 'changed-meanwhile' })
  expect(calls).toEqual(['PATCH', 'GET'])
})
