import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { readinessOf } from '../../../src/runbook/docker/readiness.ts'
import { onHosts } from './on-hosts.ts'
import { container } from './swap-model.ts'

const backendBack: PlanRequest = { kind: 'docker', toVersion: null, service: 'backend' }
const restart: PlanRequest = { kind: 'restart', service: 'backend' }

describe('a container that does not become well', () => {
  const both = { readyWithinMs: 60_000, settleMs: 10_000 }
  const states = [
    [{ state: 'exited', trouble: 'exit code 3' }, 'the container ended: exit code 3'],
    [{ restarts: 2 }, 'the container ends again and again'],
    [{ state: 'paused' }, 'the container is paused'],
  ] as const

  test.each(states)('is called new only where it is: %o', (state, says) => {
    expect(readinessOf(container(state), null, both)).toMatchObject({ says })
  })

  test('is called new where an old one stands beside it, and not by a restart', async () => {
    const hosts = onHosts()
    hosts.change({ sickVersions: { 'v1.9.0': 'exits' } })
    const [swapping] = (await hosts.drafted(backendBack)).steps
    expect(await hosts.carryOut(swapping!)).toMatchObject({
      proof: { says: expect.stringMatching(/^backend on shop-1: the new container ends/) },
    })
    hosts.change({ sickVersions: { 'v2.0.0': 'exits' } })
    const [again] = (await hosts.drafted(restart)).steps
    expect(await hosts.carryOut(again!, 'i-1/plan-2')).toMatchObject({
      proof: { says: expect.stringMatching(/^pipeshub-backend-1 on shop-1: the container ends/) },
    })
  })
})
