import { expect, test } from 'vitest'
import { Listed } from '../../../src/adapters/docker/read/schema.ts'
import { toWorkload } from '../../../src/adapters/docker/read/to-workload.ts'

const one = Listed.parse({
  Id: 'a'.repeat(64),
  Names: ['/shop-backend-1'],
  Image: 'shop/backend:v2.0.0',
  ImageID: `sha256:${'b'.repeat(64)}`,
  Labels: {},
  State: 'running',
  Status: 'Up 5 seconds (health: starting)',
  Created: 1_700_000_000,
})
const told = (trouble: string | null) =>
  toWorkload('backend', { kind: 'container', name: 'shop-backend-1' }, [
    { host: 'shop-1', one, restarts: 0, trouble },
  ])

test('a container that only starts is not stuck, and one in trouble is', () => {
  expect(told(null)).toMatchObject({ ready: 0, troubles: [] })
  expect(told(null)?.stuck).toBeUndefined()
  const says = 'shop-backend-1: restarting, last exit code 1'
  expect(told('restarting, last exit code 1')).toMatchObject({ troubles: [says], stuck: says })
})
