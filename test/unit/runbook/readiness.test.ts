import { describe, expect, test } from 'vitest'
import type { ProcedureName } from '../../../src/domain/plan/requests.ts'
import { triesWaysBack, type TriedWay } from '../../../src/runbook/readiness.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import { imageId } from '../../../src/sandbox/docker/images.ts'
import type { AtRegistry } from '../../../src/ports/containers.ts'
import type { World } from '../../../src/ports/world.ts'
import { isWrite, outward, type Call } from '../../faults/outward.ts'
import { flagSettings } from '../../support/flag.ts'
import { patience } from '../../support/contracts/outside.ts'
import { inSandbox, settings } from './in-sandbox.ts'
import { dataSettings, onData } from './on-data.ts'
import { hostSettings, onHosts, TWO_HOSTS } from './on-hosts.ts'

/** What is found, with every call that was made for it. */
async function tried(world: World, using: RunbookSettings, procedure: ProcedureName) {
  const calls: Call[] = []
  const heard = outward((call, make) => {
    calls.push(call)
    return make()
  }).world?.(world)
  const ways = await triesWaysBack(using).waysBack(heard ?? world, [procedure], patience())
  expect(calls.filter(isWrite)).toEqual([])
  return { ways, calls }
}

const states = ({ checks }: TriedWay) => checks.map(({ name, state }) => `${name} ${state}`)
const said = ({ checks }: TriedWay, name: string) =>
  checks.flatMap((check) => (check.name === name ? [check.because] : []))
const imageOf = (service: string, version: string) => imageId(`pipeshub/${service}:${version}`)

describe('Deployments', () => {
  test('are tried as a plan would be made, up to a dry run, and nothing is written', async () => {
    const { world } = inSandbox()
    const { ways, calls } = await tried(world, settings, 'kubernetes')
    expect(ways).toMatchObject([
      {
        services: ['backend', 'frontend'],
        does: 'backend and frontend back to v1.9.0',
        moving: false,
        signatures: [{ count: 2, from: 'approvers' }],
      },
    ])
    expect(states(ways[0]!)).toEqual(['plan ready', 'rehearsal ready'])
    expect(said(ways[0]!, 'rehearsal')[0]).toMatch(/accepts/)
    const dryRuns = calls.filter(({ port, name }) => port === 'cluster' && name === 'write')
    expect(dryRuns).toHaveLength(2)
    expect(calls.length).toBeLessThan(20)
  })

  test('without an earlier revision have no way back, in the words of the plan, each by itself', async () => {
    const { world, others } = inSandbox()
    for (const version of ['v1.9.0', 'v1.8.3']) others.removeRevision('backend', version)
    const { ways, calls } = await tried(world, settings, 'kubernetes')
    // However many plans are made of it.
    expect(calls.filter(({ name }) => name === 'releases')).toHaveLength(1)
    expect(ways.map(({ services, does }) => [services, does])).toEqual([
      [['frontend'], 'frontend back to v1.9.0'],
      [['backend'], null],
    ])
    expect(states(ways[1]!)).toEqual(['plan not-ready'])
    expect(said(ways[1]!, 'plan')).toEqual([
      'backend: no earlier revision is kept that differs from what runs',
    ])
  })

  test('whose newest revision is removed lead to an older one, and of that version it is said why', async () => {
    const { world, others } = inSandbox()
    others.removeRevision('backend', 'v1.9.0')
    const trial = triesWaysBack(settings)
    const ways = await trial.waysBack(world, ['kubernetes'], patience())
    expect(ways[0]?.legs).toMatchObject([
      { service: 'backend', version: 'v1.8.3' },
      { service: 'frontend', version: 'v1.9.0' },
    ])
    const left = { procedure: 'kubernetes', service: 'backend' } as const
    const why = await trial.whyLeft(world, { ...left, version: 'v1.9.0' }, patience())
    expect(why).toMatch(/^backend: no revision of v1\.9\.0 is kept; kept are v1\.8\.3/)
    expect(await trial.whyLeft(world, { ...left, version: 'v1.8.3' }, patience())).toBeNull()
  })

  test('that cannot be asked are not known', async () => {
    const { world, change } = inSandbox()
    change({ kubernetes: 'refusing' })
    const { ways } = await tried(world, settings, 'kubernetes')
    expect(ways.map(({ services }) => services)).toEqual([['backend'], ['frontend']])
    for (const way of ways) expect(states(way)).toEqual(['plan unknown'])
    expect(said(ways[0]!, 'plan')).toEqual(['could not look: connection refused'])
  })

  test('that are rolled out just now are not known yet, however little is kept', async () => {
    const { world, others } = inSandbox()
    for (const version of ['v1.9.0', 'v1.8.3']) others.removeRevision('backend', version)
    others.deploy('backend', 'v2.0.0')
    const { workloads } = world
    const list: NonNullable<World['workloads']>['list'] = async (...asked) =>
      (await workloads!.list(...asked)).map((one) => ({ ...one, desired: 3, updated: 1 }))
    const rolling = { ...world, workloads: { ...workloads!, list } }
    const { ways } = await tried(rolling, settings, 'kubernetes')
    const backend = ways.find(({ services }) => services.includes('backend'))!
    expect(backend.moving).toBe(true)
    expect(states(backend)).toEqual(['plan unknown'])
    expect(said(backend, 'plan')[0]).toMatch(/^a rollout of backend is under way; /)
  })
})

describe('containers on hosts', () => {
  const reached = async (hosts: ReturnType<typeof onHosts>) => {
    const { ways } = await tried(hosts.world, hostSettings, 'docker')
    return ways
  }

  test('are ready where every image is on its host or in its registry', async () => {
    const hosts = onHosts({ placement: TWO_HOSTS })
    const [way, ...others] = await reached(hosts)
    expect(others).toEqual([])
    expect(states(way!)).toEqual([
      'plan ready',
      'rehearsal ready',
      'images ready',
      'images ready',
      'images ready',
    ])
    hosts.onHosts.removeImage(imageOf('backend', 'v1.9.0'))
    const [pulled] = await reached(hosts)
    expect(said(pulled!, 'images')[0]).toBe('backend on shop-1: v1.9.0 is in its registry')
    expect(states(pulled!)).not.toContain('images not-ready')
  })

  test('are not ready as a whole where one host has lost what the registry has lost too', async () => {
    const hosts = onHosts({ placement: TWO_HOSTS })
    hosts.onHosts.setPublished(imageOf('backend', 'v1.9.0'), 'gone')
    const [still] = await reached(hosts)
    expect(states(still!)).not.toContain('images not-ready')
    expect(said(still!, 'images')[0]).toBe(
      'backend on shop-1: v1.9.0 is on the host, and only there: a prune would take it. its registry does not have it any more',
    )
    hosts.onHosts.removeImage(imageOf('backend', 'v1.9.0'), ['shop-2'])
    const [way] = await reached(hosts)
    expect(states(way!)).toEqual([
      'plan ready',
      'rehearsal not-ready',
      'images ready',
      'images not-ready',
      'images ready',
    ])
    expect(said(way!, 'images')[1]).toMatch(
      /^backend on shop-2: v1\.9\.0 can no longer be reached: /,
    )
  })

  test.each<[Exclude<AtRegistry, { kind: 'there' }>['kind'], string, string, string]>([
    [
      'gone',
      'is on the host, and only there: a prune would take it. why',
      'not-ready',
      'can no longer be reached: it is not on the host, and cannot be pulled. why',
    ],
    [
      'refused',
      'is on the host; whether its registry has it is not known: why',
      'not-ready',
      'can no longer be reached: it is not on the host, and cannot be pulled. why',
    ],
    [
      'not-known',
      'is on the host; whether its registry has it is not known: why',
      'unknown',
      'is not on the host; why',
    ],
  ])('say of a registry that answers %s no more than it says', async (kind, there, state, away) => {
    const hosts = onHosts()
    const containers = {
      ...hosts.world.containers!,
      atRegistry: async () => ({ kind, because: 'why' }),
    }
    const first = async () => {
      const { ways } = await tried({ ...hosts.world, containers }, hostSettings, 'docker')
      return ways[0]!.checks.find(({ name }) => name === 'images')
    }
    const what = 'backend on shop-1: v1.9.0'
    expect(await first()).toMatchObject({ state: 'ready', because: `${what} ${there}` })
    hosts.onHosts.removeImage(imageOf('backend', 'v1.9.0'))
    expect(await first()).toMatchObject({ state, because: `${what} ${away}` })
  })

  test('are not known where a host cannot be asked', async () => {
    const hosts = onHosts({ placement: TWO_HOSTS })
    hosts.change({ hosts: { 'shop-2': 'refusing' } })
    for (const way of await reached(hosts)) expect(states(way)).toEqual(['plan unknown'])
  })
})

describe('the database', () => {
  test('is as ready as its backup, by the plan that would be made first', async () => {
    const { world } = onData()
    const { ways } = await tried(world, dataSettings, 'database')
    expect(ways).toMatchObject([
      { services: [], does: expect.stringMatching(/beside the live data$/) },
    ])
    expect(states(ways[0]!)).toEqual(['plan ready', 'rehearsal ready', 'backups ready'])
    expect(said(ways[0]!, 'backups')[0]).toMatch(/ old, .* was read whole$/)
  })

  test('needs everybody who has to sign the switch, and not only the copy beside', async () => {
    const { world } = onData()
    const owned = { ...dataSettings, dataOwners: true }
    const { ways } = await tried(world, owned, 'database')
    expect(ways[0]?.signatures).toEqual([
      { count: 2, from: 'approvers' },
      { count: 1, from: 'data-owners' },
    ])
  })

  test('is not ready without a backup that may be used', async () => {
    const { world } = onData()
    const backups = { ...world.backups!, list: async () => [] }
    const { ways } = await tried({ ...world, backups }, dataSettings, 'database')
    expect(states(ways[0]!)).toEqual(['plan not-ready'])
    expect(said(ways[0]!, 'plan')).toEqual(['the catalogue holds no backup'])
  })
})

test('a flag that is off already has nothing to take back, which is neither ready nor lost', async () => {
  const changes = { featureFlag: flagSettings() }
  const sandbox = inSandbox(changes, { scenario: 'tenant-flag' })
  const { featureFlag } = changes
  const flagged = { ...settings, featureFlag }
  const { ways } = await tried(sandbox.world, flagged, 'feature-flag')
  expect(states(ways[0]!)).toEqual(['plan ready', 'rehearsal ready'])
  const draft = await sandbox.drafted({ kind: 'feature-flag', flag: null })
  await sandbox.carryOut(draft.steps[0]!)
  const { ways: after } = await tried(sandbox.world, flagged, 'feature-flag')
  expect(states(after[0]!)).toEqual(['plan unknown'])
  expect(said(after[0]!, 'plan')[0]).toMatch(
    /^there is nothing to take back: .* already wherever it is kept$/,
  )
})
