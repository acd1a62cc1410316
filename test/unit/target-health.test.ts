import { expect, test } from 'vitest'
import { tellsOfDeploys } from '../../src/compose/readiness/readiness-of.ts'
import { targetHealth } from '../../src/compose/target-health.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { assessSettings } from '../support/contracts/settings.ts'

test('every look asks all but Kubernetes, and that one every fifth time', async () => {
  const settings = { ...assessSettings, deadlineMs: 200 }
  const { world, change } = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => atMs },
    settings,
  })
  const { workloads } = world
  if (!workloads) throw new Error('the sandbox has a cluster')
  let lists = 0
  const counted: typeof workloads = {
    ...workloads,
    list: (services, signal) => {
      lists += 1
      return workloads.list(services, signal)
    },
  }
  const targets = targetHealth(
    async () => ({
      ...world,
      workloads: counted,
      deployments: world.deployments && { ...world.deployments, list: counted.list },
    }),
    settings,
  )
  const troubleOf = (name: string) => targets.troubles().find(({ part }) => part === name)?.trouble

  expect(targets.troubles()).toEqual([])
  await targets.look()
  expect(targets.troubles().map(({ trouble }) => trouble)).toEqual([null, null, null, null])
  change({ kubernetes: 'refusing', redis: 'refusing' })
  for (let n = 2; n <= 5; n += 1) await targets.look()
  expect([lists, troubleOf('kubernetes')]).toEqual([1, null])
  expect(troubleOf('redis')).toBe('connection refused')
  await targets.look()
  expect([lists, troubleOf('kubernetes')]).toEqual([2, 'connection refused'])
})

test('a deploy is seen in the list that is asked for anyway', async () => {
  const { world } = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => atMs },
    settings: assessSettings,
  })
  const told: string[] = []
  const saw = tellsOfDeploys(() => told.push('deploy'))
  const targets = targetHealth(async () => world, assessSettings, saw)
  for (let n = 0; n < 6; n += 1) await targets.look()
  expect(told).toEqual([])
  const [backend] = (await world.workloads?.list(['backend'], AbortSignal.timeout(1_000))) ?? []
  if (!backend?.current) throw new Error('the sandbox runs a backend')
  const { current } = backend
  saw([{ ...backend, current: null }])
  expect(told).toEqual([])
  saw([{ ...backend, current: { ...current, content: 'another' } }])
  expect(told).toEqual(['deploy'])
  saw([{ ...backend, current: { ...current, content: 'another' } }])
  expect(told).toEqual(['deploy'])
})
