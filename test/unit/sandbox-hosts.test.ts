import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Container, ContainerWrite, ImageId } from '../../src/ports/containers.ts'
import { chooseRelease } from '../../src/domain/workload/choose-release.ts'
import { lifeAt } from '../../src/sandbox/docker/container-life.ts'
import type { Placement } from '../../src/sandbox/docker/hosts.ts'
import { imageId } from '../../src/sandbox/docker/images.ts'
import type { Production } from '../../src/sandbox/production.ts'
import { scenarioNames } from '../../src/sandbox/scenario.ts'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'

const startMs = Date.UTC(2026, 2, 14, 9, 26, 53)
const { metrics: queries } = settings
const services = ['backend', 'frontend']
const oneHost: Placement = { 'shop-1': services }
const twoHosts: Placement = { 'shop-1': services, 'shop-2': ['backend'] }

type Options = {
  readonly seed?: number
  readonly placement?: Placement
  readonly changes?: Partial<Production>
}

function onHosts(scenario: ScenarioName, options: Options = {}) {
  let nowMs = startMs
  const { seed = 1, placement = oneHost, changes = {} } = options
  const clock = { now: () => nowMs }
  const stage = sandboxWorld({ scenario, clock, settings, seed, placement, platform: 'docker' })
  stage.change(changes)
  const { world } = stage
  const { containers, metrics, workloads } = world
  if (!containers || !metrics || !workloads) throw new Error('the sandbox has all of these')

  const number = async (query: string, atMs?: number): Promise<number> => {
    const asked = { signal: patience(), ...(atMs === undefined ? {} : { atMs }) }
    const answer = await metrics.instant(query, asked)
    if (answer.kind !== 'value') throw new Error(`${query} is ${answer.kind}`)
    return answer.value
  }
  const write = (one: ContainerWrite) => containers.write(one, patience())
  const must = async (one: ContainerWrite): Promise<void> => {
    expect(await write(one)).toEqual({ kind: 'done' })
  }
  const sightings = () => containers.sightings(services, patience())
  const named = async (host: string, name: string): Promise<Container> => {
    const found = (await sightings()).find((one) => one.host === host && one.name === name)
    if (!found) throw new Error(`${host} has no ${name}`)
    return found
  }
  const pass = (ms: number): void => {
    nowMs += ms
  }

  const next = async (old: Container, image: ImageId, role: Container['role'] = 'serving') => {
    const { host, service, sha256 } = old
    const name = `${old.name}-${role}`
    const made = { host, service, sha256, image, name, role, mark: `${role} of a swap` }
    await must({ kind: 'create', like: old.id, ...made })
    return named(host, name)
  }

  /** The old one beside the new one for as long as that takes, where no port is in the way. */
  const swap = async (old: Container, image: ImageId): Promise<void> => {
    const { host, id, name, restartPolicy } = old
    await next(old, old.image, 'kept')
    const { id: newId } = await next(old, image)
    const stop = { kind: 'stop', host, id } as const
    if (old.publishesPorts) await must(stop)
    await must({ kind: 'start', host, id: newId, restartPolicy })
    pass(2_000)
    if (!old.publishesPorts) await must(stop)
    await must({ kind: 'remove', host, id, keepChangesAs: null })
    await must({ kind: 'rename', host, id: newId, name })
  }

  return {
    ...stage,
    containers,
    metrics,
    workloads,
    number,
    write,
    must,
    sightings,
    named,
    next,
    pass,
    swap,
    async swapAll(version: string): Promise<void> {
      for (const old of await sightings()) {
        if (old.role === 'serving') await swap(old, imageOf(old.service, version))
      }
    },
    errorShare: async (atMs?: number) =>
      (await number(queries.errors, atMs)) / (await number(queries.traffic, atMs)),
    async answerOf(service: string, page: string) {
      const { url = '' } = settings.services.find(({ name }) => name === service) ?? {}
      const asked = { url: `${url}${page}`, signal: patience() }
      const { status, body } = await world.endpoints.ask(asked)
      return [status, body] as const
    },
  }
}

const isoOf = (ms: number): string => new Date(ms).toISOString()
const imageOf = (service: string, version: string) => imageId(`pipeshub/${service}:${version}`)

describe('a bad release in containers', () => {
  test.each(scenarioNames)('%s runs v2.0.0 since twelve minutes', async (name) => {
    const stage = onHosts(name)
    expect(stage.deployedAtMs).toBe(startMs - 12 * 60_000)
    for (const { image, createdAt, labels } of await stage.sightings()) {
      expect(image.reference).toMatch(/:v2\.0\.0$/)
      expect(labels.version).toBe('v2.0.0')
      expect(Date.parse(createdAt)).toBe(stage.deployedAtMs)
    }
    const { world } = stage
    expect(world).toMatchObject({ deployments: null, owners: null })
    expect(world.containers).not.toBeNull()
  })

  test('that does not come up is started again and again, and nobody answers', async () => {
    const { sightings, answerOf, metrics, number, workloads } = onHosts('complete-outage')
    for (const one of await sightings()) {
      expect(one.restarts).toBeGreaterThan(10)
      expect(one).toMatchObject({ state: 'restarting', trouble: 'Restarting (1)' })
    }
    expect((await answerOf('backend', '/health'))[0]).toBe(503)
    expect(await metrics.instant(queries.traffic, { signal: patience() })).toEqual({
      kind: 'no-data',
    })
    expect(await number(queries.targetsUp)).toBe(0)
    const [backend] = await workloads.list(['backend'], patience())
    expect(backend).toMatchObject({ desired: 1, ready: 0 })
    expect(backend?.troubles).toEqual(['pipeshub-backend-1: Restarting (1)'])
    const [tail] = await workloads.logs('backend', { tail: 1, signal: patience() })
    expect(tail?.source).toBe('shop-1/pipeshub-backend-1')
    expect(tail?.lines[0]).toContain('exiting with code 1')
  })

  test('ends with the swap of all of them, and what was measured before stays', async () => {
    const stage = onHosts('errors-62')
    expect(await stage.errorShare()).toBeCloseTo(0.62)
    await stage.swapAll('v1.9.0')
    stage.pass(1_000)
    expect(await stage.answerOf('backend', '/version')).toEqual([200, '{"version":"v1.9.0"}'])
    expect(await stage.answerOf('frontend', '/version')).toEqual([200, '{"version":"v1.9.0"}'])
    expect(await stage.errorShare()).toBeLessThan(0.01)
    expect(await stage.errorShare(startMs - 60_000)).toBeCloseTo(0.62)
    const names = (await stage.sightings()).map(({ name, role }) => `${role} ${name}`)
    expect(names.toSorted()).toEqual([
      'kept pipeshub-backend-1-kept',
      'kept pipeshub-frontend-1-kept',
      'serving pipeshub-backend-1',
      'serving pipeshub-frontend-1',
    ])
    const [backend] = await stage.workloads.list(['backend'], patience())
    expect(backend).toMatchObject({ desired: 1, ready: 1, restarts: 0, troubles: [] })
    expect(backend?.current?.images).toEqual(['pipeshub/backend:v1.9.0'])
    expect(backend?.previous.map(({ images }) => images)).toEqual([
      ['pipeshub/backend:v2.0.0'],
      ['pipeshub/backend:v1.8.3'],
    ])
    expect(backend?.changed).toMatchObject({ kind: 'version', images: ['pipeshub/backend:v1.9.0'] })
  })

  test('ends also where it never came up', async () => {
    const stage = onHosts('complete-outage')
    await stage.swapAll('v1.9.0')
    expect((await stage.answerOf('backend', '/health'))[0]).toBe(200)
    expect(await stage.number(queries.targetsUp)).toBe(2)
    expect(await stage.number(queries.traffic)).toBeGreaterThan(30)
  })

  test('comes back with an undo from what was kept', async () => {
    const stage = onHosts('errors-62')
    await stage.swapAll('v1.9.0')
    for (const name of ['pipeshub-backend-1', 'pipeshub-frontend-1']) {
      const [now, kept] = [
        await stage.named('shop-1', name),
        await stage.named('shop-1', `${name}-kept`),
      ]
      const { host, service, sha256, image, restartPolicy } = kept
      const made = { host, service, sha256, image, name: 'back', mark: 'undo' }
      await stage.must({ kind: 'create', like: kept.id, role: 'serving', ...made })
      await stage.must({ kind: 'stop', host, id: now.id })
      const { id } = await stage.named(host, 'back')
      await stage.must({ kind: 'start', host, id, restartPolicy })
      await stage.must({ kind: 'rename', host, id, name: `${name}-again` })
    }
    stage.pass(2_000)
    expect(await stage.errorShare()).toBeCloseTo(0.62)
  })

  test('goes on while one of them still runs it, beside its successor or on another host', async () => {
    const stage = onHosts('errors-62', { placement: twoHosts })
    for (const old of await stage.sightings()) {
      if (old.host === 'shop-1') await stage.swap(old, imageOf(old.service, 'v1.9.0'))
    }
    expect(await stage.errorShare()).toBeCloseTo(0.62)
    const old = await stage.named('shop-2', 'pipeshub-backend-1')
    const { host, id } = await stage.next(old, imageOf('backend', 'v1.9.0'))
    await stage.must({ kind: 'start', host, id, restartPolicy: 'always' })
    stage.pass(10_000)
    expect(await stage.errorShare()).toBeCloseTo(0.62)
    await stage.must({ kind: 'stop', host, id: old.id })
    stage.pass(10_000)
    expect(await stage.errorShare()).toBeLessThan(0.01)
    const [backend] = await stage.workloads.list(['backend'], patience())
    expect(backend).toMatchObject({ desired: 2, ready: 2, updated: 2 })
  })

  test('is not what is wrong where the release is not to blame', async () => {
    const stage = onHosts('errors-62', { changes: { causedByRelease: false } })
    await stage.swapAll('v1.9.0')
    expect(await stage.errorShare()).toBeCloseTo(0.62)
  })

  test('leaves nobody to answer between its end and the health of its successor', async () => {
    const stage = onHosts('errors-62')
    const old = await stage.named('shop-1', 'pipeshub-frontend-1')
    const { host, id, restartPolicy } = old
    const { id: newId } = await stage.next(old, imageOf('frontend', 'v1.9.0'))
    await stage.must({ kind: 'stop', host, id })
    await stage.must({ kind: 'start', host, id: newId, restartPolicy })
    stage.pass(1_999)
    expect((await stage.answerOf('frontend', '/health'))[0]).toBe(503)
    expect(await stage.number(queries.targetsUp)).toBe(1)
    stage.pass(1)
    expect((await stage.answerOf('frontend', '/health'))[0]).toBe(200)
    expect(await stage.number(queries.targetsUp)).toBe(2)
  })

  test('is not left by a version that is never healthy', async () => {
    const changes = { sickVersions: { 'v1.9.0': 'unhealthy' } } as const
    const stage = onHosts('errors-62', { changes })
    const old = await stage.named('shop-1', 'pipeshub-backend-1')
    const { host, id } = await stage.next(old, imageOf('backend', 'v1.9.0'))
    await stage.must({ kind: 'start', host, id, restartPolicy: 'always' })
    stage.pass(60_000)
    const { health, trouble } = await stage.named(host, 'pipeshub-backend-1-serving')
    expect([health, trouble]).toEqual(['unhealthy', 'Health check failed: no database'])
    expect(await stage.answerOf('backend', '/version')).toEqual([200, '{"version":"v2.0.0"}'])
    await stage.must({ kind: 'stop', host, id: old.id })
    expect((await stage.answerOf('backend', '/health'))[0]).toBe(503)
  })
})

describe('the hands of others on the hosts', () => {
  test('compose brings the bad release back, on every host, under the same names', async () => {
    const stage = onHosts('errors-62', { placement: twoHosts })
    await stage.swapAll('v1.9.0')
    const before = await stage.sightings()
    stage.onHosts.composeUp('backend')
    stage.pass(2_000)
    expect(await stage.errorShare()).toBeCloseTo(0.62)
    const after = (await stage.sightings()).filter(({ service }) => service === 'backend')
    const serving = after.filter(({ role }) => role === 'serving')
    expect(serving.map(({ host, name, image }) => [host, name, image.reference])).toEqual([
      ['shop-1', 'pipeshub-backend-1', 'pipeshub/backend:v2.0.0'],
      ['shop-2', 'pipeshub-backend-1', 'pipeshub/backend:v2.0.0'],
    ])
    for (const { id } of serving) expect(before.map((one) => one.id)).not.toContain(id)
    expect(after.filter(({ role }) => role === 'kept')).toHaveLength(2)
  })

  test('compose deploys a version that was not there before', async () => {
    const stage = onHosts('errors-62')
    for (const service of services) stage.onHosts.deploy(service, { version: 'v2.0.1' })
    stage.pass(2_000)
    expect(await stage.errorShare()).toBeLessThan(0.01)
    expect(await stage.answerOf('backend', '/version')).toEqual([200, '{"version":"v2.0.1"}'])
    const local = await stage.containers.localImages(['backend'], patience())
    expect(local.map(({ labels }) => labels.version)).toEqual(['v2.0.0', 'v1.9.0', 'v1.8.3'])
  })

  test('a prune takes what is kept, and nothing that runs', async () => {
    const stage = onHosts('errors-62')
    await stage.swapAll('v1.9.0')
    stage.onHosts.prune()
    const left = await stage.sightings()
    expect(left.map(({ role, state }) => [role, state])).toEqual([
      ['serving', 'running'],
      ['serving', 'running'],
    ])
  })

  test('an image that is removed stays while a container is made of it, and can be pulled', async () => {
    const stage = onHosts('errors-62')
    const { containers, onHosts: hands } = stage
    const there = async (version: string) =>
      (await containers.imageAt('shop-1', imageOf('backend', version), patience())).id
    for (const one of ['v2.0.0', 'v1.9.0']) hands.removeImage(imageOf('backend', one))
    expect(await there('v2.0.0')).toBe(imageOf('backend', 'v2.0.0').id)
    expect(await there('v1.9.0')).toBeNull()
    const pull = () =>
      containers.pull('shop-1', imageOf('backend', 'v1.9.0'), () => undefined, patience())
    stage.change({ missingVersions: ['v1.9.0'] })
    expect(await pull()).toMatchObject({ kind: 'refused' })
    stage.change({ missingVersions: [] })
    expect(await pull()).toMatchObject({ kind: 'there' })
    expect(await there('v1.9.0')).toBe(imageOf('backend', 'v1.9.0').id)
  })

  test('an engine that is away takes the sight of all with it, and no write to another', async () => {
    const stage = onHosts('errors-62', { placement: twoHosts })
    const [here, there] = [
      await stage.named('shop-1', 'pipeshub-backend-1'),
      await stage.named('shop-2', 'pipeshub-backend-1'),
    ]
    stage.change({ hosts: { 'shop-2': 'refusing' } })
    expect(await faultOf(stage.sightings())).toMatchObject({ code: 'ECONNREFUSED' })
    const stop = ({ host, id }: Container) => stage.write({ kind: 'stop', host, id })
    expect(await faultOf(stop(there))).toMatchObject({ dependency: 'docker' })
    expect(await stop(here)).toEqual({ kind: 'done' })
    stage.change({ hosts: {} })
    const states = (await stage.sightings()).map(({ host, name, state }) => [host, name, state])
    expect(states).toContainEqual(['shop-1', 'pipeshub-backend-1', 'exited'])
    expect(states).toContainEqual(['shop-2', 'pipeshub-backend-1', 'running'])
  })

  test('what cannot be made again as it is says why', async () => {
    const stage = onHosts('healthy')
    stage.onHosts.setObstacles('backend', ['it is removed as soon as it stops'])
    const { obstacles } = await stage.named('shop-1', 'pipeshub-backend-1')
    expect(obstacles).toEqual(['it is removed as soon as it stops'])
  })

  test('all of it is forgotten with the next scenario', async () => {
    const stage = onHosts('errors-62')
    await stage.swapAll('v1.9.0')
    stage.onHosts.deploy('frontend', { version: 'v2.0.1' })
    stage.become('errors-8')
    expect(await stage.errorShare()).toBeCloseTo(0.08)
    const seen = await stage.sightings()
    expect(seen.map(({ name, mark }) => [name, mark])).toEqual([
      ['pipeshub-backend-1', null],
      ['pipeshub-frontend-1', null],
    ])
  })
})

const played = async (seed: number) => {
  const stage = onHosts('errors-8', { seed, placement: twoHosts })
  await stage.swapAll('v1.9.0')
  const signal = patience()
  return [
    await stage.sightings(),
    await stage.workloads.list(services, signal),
    await stage.workloads.logs('backend', { tail: 20, signal }),
  ]
}

describe('what the ledger has seen of them', () => {
  const choiceOf = async ({ sightings, world }: ReturnType<typeof onHosts>) => {
    const entries = (await world.ledger?.entries(services)) ?? []
    const now = (await sightings()).filter(({ service }) => service === 'backend')
    const choice = chooseRelease({ service: 'backend', now, entries, toVersion: null })
    return choice.kind === 'found' ? choice.version : choice.because
  }

  test('is the release, for twelve minutes, and two before it, for days', async () => {
    const stage = onHosts('errors-62')
    const entries = (await stage.world.ledger?.entries(['backend'])) ?? []
    const [minute, day] = [60_000, 24 * 60 * 60_000]
    expect(entries.map(({ labels, ranMs }) => [labels.version, ranMs])).toEqual([
      ['v2.0.0', 12 * minute],
      ['v1.9.0', 6 * day],
      ['v1.8.3', 13 * day],
    ])
    const [now, before] = entries
    const [backend] = await stage.sightings()
    expect(now).toMatchObject({ image: backend?.image, sha256: backend?.sha256 })
    expect(now).toMatchObject({ healthyIn: [backend?.id], lastSeenAt: isoOf(startMs) })
    expect(before).toMatchObject({ healthyIn: [], lastSeenAt: isoOf(stage.deployedAtMs) })
    expect(await stage.world.ledger?.entries(['no-such-service'])).toEqual([])
  })

  test('leads back to the version before, whatever ails that now', async () => {
    expect(await choiceOf(onHosts('complete-outage'))).toBe('v1.9.0')
    const changes = { sickVersions: { 'v1.9.0': 'unhealthy' } } as const
    expect(await choiceOf(onHosts('errors-62', { changes }))).toBe('v1.9.0')
    expect(await choiceOf(onHosts('errors-62', { placement: twoHosts }))).toBe('v1.9.0')
  })

  test('goes on with what is done on the hosts', async () => {
    const stage = onHosts('complete-outage')
    await stage.swapAll('v1.9.0')
    stage.pass(60_000)
    const entries = (await stage.world.ledger?.entries(['backend'])) ?? []
    const [newest, bad] = entries
    expect(newest).toMatchObject({ labels: { version: 'v1.9.0' }, hasHealthCheck: true })
    expect(newest?.lastHealthyAt).toBe(newest?.lastSeenAt)
    expect(bad).toMatchObject({ labels: { version: 'v2.0.0' }, ranMs: 0, lastHealthyAt: null })
  })
})

describe('repeated', () => {
  test('they say the same for the same clock and seed', async () => {
    expect(await played(7)).toEqual(await played(7))
  })

  test('they say something else for another seed', async () => {
    expect(await played(7)).not.toEqual(await played(8))
  })
})

test('what ends again and again is started again ever later, and as often as it may be', () => {
  const Policy = fc.constantFrom('no', 'always', 'unless-stopped', 'on-failure:3')
  fc.assert(
    fc.property(Policy, fc.nat(3_600_000), fc.nat(3_600_000), (restartPolicy, oneMs, moreMs) => {
      const run = { startedAtMs: 1_000, endedAtMs: Infinity, restartPolicy }
      const at = (atMs: number) => lifeAt([run], { kind: 'exits', code: 3 }, 1_000 + atMs)
      const [before, after] = [at(oneMs), at(oneMs + moreMs)]
      expect(after.restarts).toBeGreaterThanOrEqual(before.restarts)
      if (restartPolicy === 'no') expect(after.restarts).toBe(0)
      if (restartPolicy === 'on-failure:3') expect(after.restarts).toBeLessThanOrEqual(3)
      if (before.state === 'exited') expect(after).toEqual(before)
      expect(before.health).not.toBe('healthy')
      expect(before.runningMs === null).toBe(before.state !== 'running')
    }),
  )
})
