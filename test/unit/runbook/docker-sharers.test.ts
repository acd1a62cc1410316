import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { feasibilityReader } from '../../../src/runbook/runbook.ts'
import { patience } from '../../support/contracts/outside.ts'
import { flagInContainer, hostSettings, onHosts, rollbackOnHosts } from './on-hosts.ts'

const BACKEND = 'pipeshub-backend-1'
const only = (service: string): PlanRequest => ({ kind: 'docker', toVersion: null, service })

const FLAG: PlanRequest = { kind: 'feature-flag', flag: null }

const withFlag = () => {
  const hosts = onHosts({ settings: { featureFlag: flagInContainer } })
  hosts.onHosts.deploy('backend', { variable: 'true' })
  return hosts
}

describe('a container of no service that shares what is to be made anew', () => {
  test.each(['processes', 'memory'] as const)(
    'its %s: the plan is refused, and says who',
    async (what) => {
      const hosts = onHosts()
      hosts.onHosts.share(BACKEND, what, 'sidecar')
      const because = `backend: ${BACKEND} on shop-1 cannot be made anew: sidecar shares its ${what}`
      const resolved = await hosts.resolve(only('backend'))
      expect(resolved).toEqual({ kind: 'infeasible', known: true, because })
      const { cautions } = await hosts.drafted(rollbackOnHosts)
      expect(cautions).toContain(`Not rolled back: ${because}.`)
    },
  )

  test('holds up no plan that leaves that one alone', async () => {
    const hosts = onHosts()
    hosts.onHosts.share(BACKEND, 'processes', 'sidecar')
    const { cautions } = await hosts.drafted(only('frontend'))
    expect(cautions.join()).not.toMatch(/sidecar/)
  })

  test('also where only a variable is to be another one', async () => {
    const hosts = withFlag()
    expect((await hosts.resolve(FLAG)).kind).toBe('feasible')
    hosts.onHosts.share(BACKEND, 'processes', 'sidecar')
    expect(await hosts.resolve(FLAG)).toMatchObject({
      kind: 'infeasible',
      because: `VARIABLE of backend: ${BACKEND} on shop-1 cannot be made anew: sidecar shares its processes`,
    })
  })
})

test('where nobody lets it look at what else runs there, the plan says that it is not known', async () => {
  const says =
    'shop-1: shop-1-node-exporter could not be looked at (not allowed). Whether one of them shares the processes or the memory of what is made anew is not known.'
  const hosts = withFlag()
  hosts.onHosts.setStrangers('hidden')
  expect((await hosts.drafted(rollbackOnHosts)).cautions).toContain(says)
  expect((await hosts.drafted(FLAG)).cautions).toContain(says)
})

test('an assessment does not look at what else runs there', async () => {
  const hosts = withFlag()
  const { containers } = hosts.world
  if (!containers) throw new Error('the sandbox has containers')
  let asked = 0
  const sharers: typeof containers.sharers = (...args) => {
    asked += 1
    return containers.sharers(...args)
  }
  const world = { ...hosts.world, containers: { ...containers, sharers } }
  const settings = { ...hostSettings, featureFlag: flagInContainer }
  const ways = await feasibilityReader(settings)(world, [], patience())
  expect(ways.filter(({ feasible }) => feasible).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['docker', 'feature-flag']),
  )
  expect(asked).toBe(0)
})
