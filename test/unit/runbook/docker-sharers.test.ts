import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { pauseContainers } from '../../../src/runbook/docker/pause.ts'
import { REGISTRY } from '../../../src/runbook/registry.ts'
import { feasibilityReader, stepIn } from '../../../src/runbook/runbook.ts'
import { patience } from '../../support/contracts/outside.ts'
import { runEnded, stepStarted, stepSucceeded } from '../../support/plan-story.ts'
import { incidentWith } from './in-sandbox.ts'
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

describe('a container of no service that shares something of what is stopped', () => {
  const restart: PlanRequest = { kind: 'restart', service: 'backend' }
  const stop: PlanRequest = { kind: 'scale-down', service: 'backend' }
  const HARM = {
    network:
      'sidecar on shop-1 shares the network of pipeshub-backend-1: it runs on without any, and has to be restarted once pipeshub-backend-1 runs again (“docker restart sidecar”).',
    processes:
      'sidecar on shop-1 shares the processes of pipeshub-backend-1: it ends with it, and has to be started once pipeshub-backend-1 runs again (“docker start sidecar”).',
    memory:
      'sidecar on shop-1 shares the memory of pipeshub-backend-1: it keeps the old one, and has to be restarted once pipeshub-backend-1 runs again (“docker restart sidecar”).',
  }
  const TASK = {
    network: 'Restart sidecar on shop-1: it shares the network of pipeshub-backend-1',
    processes: 'Start sidecar on shop-1: it shares the processes of pipeshub-backend-1',
    memory: 'Restart sidecar on shop-1: it shares the memory of pipeshub-backend-1',
  }

  test.each(['network', 'processes', 'memory'] as const)(
    'its %s: who is harmed by a restart or a stop is said, and what to do then',
    async (what) => {
      const hosts = onHosts()
      for (const request of [restart, stop]) {
        const { cautions, tasks } = await hosts.drafted(request)
        expect([cautions.join(), tasks]).toEqual([expect.not.stringMatching(/sidecar/), undefined])
      }
      hosts.onHosts.share(BACKEND, what, 'sidecar')
      const restarted = await hosts.drafted(restart)
      expect(restarted.cautions).toContain(HARM[what])
      expect(restarted.tasks).toEqual([TASK[what]])
      expect((await hosts.drafted(stop)).cautions).toContain(HARM[what])
    },
  )

  test('is said of those that are stopped for a while, too', async () => {
    const hosts = onHosts()
    hosts.onHosts.share(BACKEND, 'network', 'sidecar')
    const pause = await pausedOn(hosts)
    if ('problem' in pause) throw new Error(pause.problem)
    expect(pause.stop.cautions).toContain(HARM.network)
  })

  test('of a service that is stopped with it is refused: the two could not start at once', async () => {
    const hosts = onHosts()
    const { containers } = hosts.world
    if (!containers) throw new Error('the sandbox has containers')
    const [owner] = (await hosts.sightings()).filter(({ service }) => service === 'backend')
    const by = 'pipeshub-frontend-1'
    const shares = { host: 'shop-1', id: owner!.id, by, what: 'network' } as const
    const sharers: typeof containers.sharers = async (services) => {
      return { sharing: services.includes('backend') ? [shares] : [], notLooked: [] }
    }
    const world = { ...hosts.world, containers: { ...containers, sharers } }
    expect(await pausedOn({ ...hosts, world })).toEqual({
      problem: `${by} on shop-1 shares the network of pipeshub-backend-1, and could not be started again at the same time`,
    })
  })

  test('has to follow where an undo starts what it shares', async () => {
    const hosts = onHosts()
    hosts.onHosts.share(BACKEND, 'network', 'sidecar')
    const draft = await hosts.drafted(stop)
    await hosts.carryOut(draft.steps[0]!)
    const incident = incidentWith(draft, [stepStarted(), stepSucceeded(), runEnded()], stop)
    expect((await hosts.drafted({ kind: 'undo', plan: 1 }, incident)).cautions).toEqual([
      HARM.network,
    ])
  })

  test('is said to be not known where nobody lets it look', async () => {
    const hosts = onHosts()
    hosts.onHosts.setStrangers('hidden')
    expect((await hosts.drafted(restart)).cautions).toContain(
      'shop-1: shop-1-node-exporter could not be looked at (not allowed). Whether one of them shares the processes or the memory of what is stopped is not known.',
    )
  })

  test.each([restart, stop])(
    'what would be gone with its end is not stopped: $kind',
    async (request) => {
      const hosts = onHosts()
      hosts.onHosts.setObstacles('backend', ['it is removed as soon as it stops'])
      expect(await hosts.problem(request)).toBe(
        'backend: pipeshub-backend-1 on shop-1 must not be stopped: it is removed as soon as it stops',
      )
      expect(await pausedOn(hosts)).toEqual({
        problem:
          'pipeshub-backend-1 on shop-1 must not be stopped: it is removed as soon as it stops',
      })
      hosts.onHosts.setObstacles('backend', ['it is linked to other containers'])
      expect(await hosts.problem(request)).toBeNull()
    },
  )

  function pausedOn({ world }: Pick<ReturnType<typeof onHosts>, 'world'>) {
    const stepOf = (id: string) => stepIn(REGISTRY, id)
    const settings = hostSettings
    return pauseContainers(
      ['backend', 'frontend'],
      { world, settings, plans: [], beganAt: null, signal: patience(), stepOf },
      { givesBackAfter: 'switch-collections' },
    )
  }
})
