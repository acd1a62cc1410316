import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import { changesIn, swapContainers } from '../../../src/runbook/docker/steps/swap-containers.ts'
import { SwapInput } from '../../../src/runbook/docker/swap-change.ts'
import { imageId } from '../../../src/sandbox/docker/images.ts'
import { declared, incidentAfter, opened, TWO } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { runEnded, stepFailed, stepStarted, stepSucceeded } from '../../support/plan-story.ts'
import { ALL_DONE, incidentWith } from './in-sandbox.ts'
import { hostSettings, onHosts, rollbackOnHosts, TWO_HOSTS, type Hosts } from './on-hosts.ts'

const to = (toVersion: string): PlanRequest => ({ kind: 'docker', toVersion })
const only = (service: string): PlanRequest => ({ kind: 'docker', toVersion: null, service })
const undo: PlanRequest = { kind: 'undo', plan: 1 }
const UNDO_KEY = 'i-1/plan-2'

const imageOf = (service: string, version: string) => imageId(`pipeshub/${service}:${version}`)

/** What a plan swaps, and the order in which it does. */
async function swapsOf(hosts: Hosts, request: PlanRequest): Promise<readonly string[]> {
  const { steps } = await hosts.drafted(request)
  return changesIn(steps[0]!).map((one) => `${one.name} on ${one.host} to ${one.to.version}`)
}

/** As compose has made it. */
async function madeAs(hosts: Hosts, service: string) {
  const { host, name, id, image, sha256, restartPolicy, stopSeconds } = (
    await hosts.sightings()
  ).find((one) => one.service === service)!
  const from = { id, image, version: 'v2.0.0', sha256 }
  return { service, host, name, from, restartPolicy, stopSeconds }
}

/** Hosts on which plan 1 was carried out, and the incident that tells so. */
async function rolledBack(request = rollbackOnHosts) {
  const hosts = onHosts()
  const draft = await hosts.drafted(request)
  for (const step of draft.steps) await hosts.carryOut(step)
  return { ...hosts, draft, incident: incidentWith(draft, ALL_DONE, request) }
}

describe('a rollback of containers', () => {
  test('swaps every one, then clears the cache, then proves it, by exact identities', async () => {
    const hosts = onHosts()
    const [backend, frontend] = await Promise.all([
      madeAs(hosts, 'backend'),
      madeAs(hosts, 'frontend'),
    ])
    const target = (service: string) => {
      return { image: imageOf(service, 'v1.9.0'), version: 'v1.9.0', kept: null }
    }
    const draft = await hosts.drafted(rollbackOnHosts)
    expect(draft.steps.map(({ id, title, beside = false }) => [id, title, beside])).toEqual([
      ['swap-containers', 'Return backend to v1.9.0, frontend to v1.9.0', false],
      ['clear-cache', 'Clear the cache: every key that begins with cache:', true],
      ['prove-services', 'Prove that health and version are right: backend, frontend', false],
    ])
    expect(draft.steps[0]?.input).toEqual({
      changes: [
        { ...backend, to: target('backend'), publishes: false },
        { ...frontend, to: target('frontend'), publishes: true },
      ],
      readyWithinMs: 60_000,
      settleMs: 10_000,
    })
  })

  test('reads as what is, what it means and what to do next', async () => {
    const {
      steps: _,
      versions: __,
      signatures,
      ...words
    } = await onHosts().drafted(rollbackOnHosts)
    const named = (service: string, version: string) => [imageOf(service, version).reference]
    const images = (service: string) => {
      return { from: named(service, 'v2.0.0'), to: named(service, 'v1.9.0') }
    }
    expect(signatures).toEqual(TWO)
    expect(words).toEqual({
      title: 'backend and frontend back to v1.9.0',
      changes: ['backend', 'frontend'].map((what) => ({
        what,
        from: 'v2.0.0',
        to: 'v1.9.0 (1 container on shop-1)',
        images: images(what),
        takesBack: expect.objectContaining({
          service: what,
          images: named(what, 'v2.0.0'),
          imagesBefore: named(what, 'v1.9.0'),
          by: 'docker compose',
          compareUrl: null,
        }),
        details: [`the compose file should say image: pipeshub/${what}:v1.9.0`],
      })),
      targets: [
        'production: container shop-1/pipeshub-backend-1',
        'production: container shop-1/pipeshub-frontend-1',
      ],
      because:
        'backend and frontend: v1.9.0 is the newest other version that ran healthy for at least 10 minutes (6 days)',
      lost: 'Nothing is deleted but cache entries. What the newer version wrote to databases and volumes stays. What a container wrote beside its volumes is not in the new one: it is kept as an image, and an undo does not bring it back. The containers get new ids and new logs (what can be read of the old logs is kept as evidence first).',
      undo: 'Yes: containers of the same images, settings and volumes as now, as a plan with its own signatures.',
      afterwards: {
        says: expect.stringMatching(/^So that the next “docker compose up” does not bring/),
        text: [
          '# docker-compose.override.yml of pipeshub on shop-1, in /srv/pipeshub',
          'services:',
          '  backend:',
          `    image: ${imageOf('backend', 'v1.9.0').digest}`,
          '  frontend:',
          `    image: ${imageOf('frontend', 'v1.9.0').digest}`,
        ].join('\n'),
      },
      cautions: [
        'backend on shop-1: pipeshub-backend-1 keeps its volume pipeshub_uploads at /var/lib/app.',
        'frontend on shop-1: it publishes a port, so that nothing serves between its end (at most 10 s) and the start of the new one.',
        'If a new container does not become healthy, the old one is started again by itself, and the run says so.',
        'An unchanged “docker compose up -d”, a restart, and a stop and start leave the result alone. An edit of the service, “--force-recreate”, or “down” and “up” bring the image of the compose file back, and “up -d” of another version of Compose than before may.',
      ],
    })
  })

  test('leads to the version that was asked for', async () => {
    const hosts = onHosts()
    expect(await swapsOf(hosts, to('v1.8.3'))).toEqual([
      'pipeshub-backend-1 on shop-1 to v1.8.3',
      'pipeshub-frontend-1 on shop-1 to v1.8.3',
    ])
    expect(await hosts.problem(to('v2.0.0'))).toBe(
      'backend: it runs v2.0.0 already; frontend: it runs v2.0.0 already',
    )
    expect(await hosts.problem(to('v1.9.9'))).toMatch(
      /^backend: v1\.9\.9 has not been seen; seen were .*, the nearest is v1\.9\.0; frontend: /,
    )
  })

  test('brings what others need back first, and one service on all its hosts at once', async () => {
    const settings = { docker: { ...hostSettings.docker!, services: ['frontend', 'backend'] } }
    expect(await swapsOf(onHosts({ settings, placement: TWO_HOSTS }), rollbackOnHosts)).toEqual([
      'pipeshub-backend-1 on shop-1 to v1.9.0',
      'pipeshub-backend-1 on shop-2 to v1.9.0',
      'pipeshub-frontend-1 on shop-1 to v1.9.0',
    ])
  })

  test('is possible from a release that ends again and again', async () => {
    const hosts = onHosts({ scenario: 'complete-outage' })
    for (const step of (await hosts.drafted(rollbackOnHosts)).steps) {
      expect(await hosts.carryOut(step)).toMatchObject({ proof: { kind: 'verified' } })
    }
  })
})

describe('a service without a way back', () => {
  test('holds up no other one: it stays, and the plan says why', async () => {
    const hosts = onHosts()
    hosts.onHosts.setObstacles('backend', ['it is removed as soon as it stops'])
    const { title, cautions } = await hosts.drafted(rollbackOnHosts)
    expect(title).toBe('frontend back to v1.9.0')
    expect(cautions[0]).toBe(
      'Not rolled back: backend: pipeshub-backend-1 on shop-1 cannot be made anew: it is removed as soon as it stops.',
    )
    expect(await hosts.problem(only('backend'))).toMatch(
      /^backend: pipeshub-backend-1 on shop-1 cannot be made anew/,
    )
  })

  test('that nothing was ever seen of before has no history, which is what it says', async () => {
    const { world, resolve } = onHosts()
    const ledger = { entries: async () => [], put: async () => undefined }
    const resolved = await runbookOver({ ...world, ledger }, hostSettings).resolve(
      rollbackOnHosts,
      incidentAfter(opened, declared),
      patience(),
    )
    expect(resolved).toMatchObject({
      kind: 'infeasible',
      because: expect.stringMatching(
        /^backend: there is no history yet: it has not been seen running; what ran before is not known; frontend: /,
      ),
    })
    expect((await resolve(rollbackOnHosts)).kind).toBe('feasible')
  })

  test('that is on no host is named', async () => {
    const hosts = onHosts()
    hosts.onHosts.remove('pipeshub-backend-1')
    const { cautions } = await hosts.drafted(rollbackOnHosts)
    expect(cautions[0]).toBe('Not rolled back: backend: there is no such container on any host.')
  })

  test('whose release was another one stays, and its container is not touched', async () => {
    const hosts = onHosts()
    // Only the backend was deployed since.
    hosts.onHosts.deploy('backend', { version: 'v2.0.1' })
    hosts.pass(3_600)
    hosts.onHosts.deploy('backend', { version: 'v2.0.2' })
    const before = (await hosts.sightings()).find(({ service }) => service === 'frontend')
    const draft = await hosts.drafted(rollbackOnHosts)
    expect(draft.title).toMatch(/^backend back to /)
    expect(draft.cautions).toContain(
      'frontend: it stays at v2.0.0, and is no part of this release.',
    )
    expect(await hosts.carryOut(draft.steps[0]!)).toMatchObject({ proof: { kind: 'verified' } })
    const after = (await hosts.sightings()).find(({ service }) => service === 'frontend')
    expect([after?.id, after?.startedAt]).toEqual([before?.id, before?.startedAt])
  })
})

describe('a service that has ended by itself', () => {
  /** It ends soon after its start, and its host does not start it again. */
  const endedOnHosts = () => {
    const hosts = onHosts()
    hosts.change({ sickVersions: { 'v2.0.1': 'exits' } })
    hosts.onHosts.deploy('backend', { version: 'v2.0.1', restart: 'no' })
    hosts.pass(60)
    return hosts
  }
  const backendOf = async (hosts: Hosts) =>
    (await hosts.sightings()).filter(({ service, role }) => {
      return service === 'backend' && role === 'serving'
    })

  test('goes back to the version before, and the plan says what becomes of it', async () => {
    const hosts = endedOnHosts()
    expect(await backendOf(hosts)).toMatchObject([{ state: 'exited', restartPolicy: 'no' }])
    const draft = await hosts.drafted(only('backend'))
    expect(draft.title).toMatch(/^backend back to v2\.0\.0/)
    expect(draft.cautions).toContain(
      'backend on shop-1: pipeshub-backend-1 has ended (Exited (3)) and is not started again, whatever happens. v2.0.0 is started in its place.',
    )
    expect(draft.cautions.join()).not.toContain('is started again by itself')
    expect(await hosts.carryOut(draft.steps[0]!)).toMatchObject({ proof: { kind: 'verified' } })
    expect(await hosts.running()).toContain('pipeshub-backend-1 on shop-1: v2.0.0')
  })

  test('stands as before where the version before does not become well either, and is tried again', async () => {
    const hosts = endedOnHosts()
    const draft = await hosts.drafted(only('backend'))
    hosts.change({ sickVersions: { 'v2.0.1': 'exits', 'v2.0.0': 'unhealthy' } })
    const before = await backendOf(hosts)
    const { proof } = await hosts.carryOut(draft.steps[0]!, 'i-1/plan-1')
    expect(proof).toMatchObject({
      kind: 'failed',
      applied: 'no',
      takenBack: true,
      says: expect.stringMatching(/no database; the old one stands as before, ended$/),
    })
    expect(await backendOf(hosts)).toEqual(before)
    const events = [stepStarted(), stepFailed(0, 'no'), runEnded('failed')]
    const incident = incidentWith(draft, events, only('backend'))
    const [again] = (await hosts.drafted(only('backend'), incident)).steps
    expect(changesIn(again!)).toMatchObject([{ hadEnded: true }])
  })

  test('is taken back as it was made, by its undo', async () => {
    const hosts = endedOnHosts()
    const draft = await hosts.drafted(only('backend'))
    await hosts.carryOut(draft.steps[0]!)
    const back = await hosts.drafted(undo, incidentWith(draft, ALL_DONE, only('backend')))
    hosts.change({ sickVersions: {} })
    expect(await hosts.carryOut(back.steps[0]!, UNDO_KEY)).toMatchObject({
      proof: { kind: 'verified' },
    })
    expect(await hosts.running()).toContain('pipeshub-backend-1 on shop-1: v2.0.1')
  })

  test('is started by a restart, which fails where it ends again at once', async () => {
    const restart: PlanRequest = { kind: 'restart', service: 'backend' }
    const hosts = endedOnHosts()
    const draft = await hosts.drafted(restart)
    expect(draft.changes).toEqual([
      {
        what: 'backend',
        from: '1 container of v2.0.1, ended',
        to: 'the same 1 container, started again',
      },
    ])
    expect(draft.cautions).toEqual([
      'pipeshub-backend-1 on shop-1 has ended (Exited (3)): it is started as it is, and may end again.',
    ])
    expect(await hosts.carryOut(draft.steps[0]!)).toMatchObject({
      proof: {
        kind: 'failed',
        says: 'pipeshub-backend-1 on shop-1 was started, and ended again: Exited (3)',
      },
    })
    hosts.change({ sickVersions: {} })
    const [step] = (await hosts.drafted(restart)).steps
    expect(await hosts.carryOut(step!)).toMatchObject({ proof: { kind: 'verified' } })
    expect(await hosts.running()).toContain('pipeshub-backend-1 on shop-1: v2.0.1')
  })

  test('is told from one that this incident has stopped: that is undone', async () => {
    const stop: PlanRequest = { kind: 'scale-down', service: 'backend' }
    const hosts = onHosts()
    const draft = await hosts.drafted(stop)
    await hosts.carryOut(draft.steps[0]!)
    const incident = incidentWith(draft, [stepStarted(), stepSucceeded(), runEnded()], stop)
    const why =
      'backend: pipeshub-backend-1 on shop-1 was stopped by plan 1: undo that plan to start it'
    expect(await hosts.problem(only('backend'), incident)).toBe(why)
    expect(await hosts.problem({ kind: 'restart', service: 'backend' }, incident)).toBe(why)
  })
})

describe('an image that is not on its host any more', () => {
  test('is pulled while people decide, and the plan says so', async () => {
    const hosts = onHosts()
    for (const one of ['backend', 'frontend']) hosts.onHosts.removeImage(imageOf(one, 'v1.9.0'))
    const draft = await hosts.drafted(rollbackOnHosts)
    expect(draft.preparation).toBe('Pull backend v1.9.0 on shop-1, frontend v1.9.0 on shop-1')
    const step = hosts.runbook.bind(draft.steps[0]!)
    expect(await step.rehearse(hosts.context())).toEqual({
      kind: 'accepted',
      says: 'backend v1.9.0 is pulled to shop-1 first, and nothing is stopped before it is there; frontend v1.9.0 is pulled to shop-1 first, and nothing is stopped before it is there',
    })
    expect(await step.prepare?.(hosts.context(), () => undefined)).toEqual({
      ok: true,
      says: 'backend v1.9.0 on shop-1 was pulled; frontend v1.9.0 on shop-1 was pulled',
    })
    expect(await hosts.carryOut(draft.steps[0]!)).toMatchObject({ proof: { kind: 'verified' } })
  })

  test('is not pulled to a disk that has not twice the room of what runs; where that is not known, it says so', async () => {
    const hosts = onHosts()
    hosts.onHosts.removeImage(imageOf('backend', 'v1.9.0'))
    const [step] = (await hosts.drafted(only('backend'))).steps
    const prepared = () => hosts.runbook.bind(step!).prepare?.(hosts.context(), () => undefined)
    hosts.onHosts.setFreeBytes(425_000_000)
    expect(await prepared()).toEqual({
      ok: false,
      says: 'backend v1.9.0 on shop-1: 425 MB are free on the disk of shop-1, and a pull may take twice the image that runs now, 426 MB: make room there, then plan again',
    })
    hosts.onHosts.setFreeBytes(null)
    expect(await prepared()).toEqual({
      ok: true,
      says: 'backend v1.9.0 on shop-1 was pulled (how much is free on its disk was not known)',
    })
    hosts.onHosts.removeImage(imageOf('backend', 'v1.9.0'))
    hosts.onHosts.setFreeBytes(426_000_000)
    expect(await prepared()).toEqual({ ok: true, says: 'backend v1.9.0 on shop-1 was pulled' })
  })

  test('is asked of its registry before anybody signs: what it has lost cannot be reached any more', async () => {
    const hosts = onHosts({ placement: TWO_HOSTS })
    hosts.onHosts.removeImage(imageOf('backend', 'v1.9.0'), ['shop-2'])
    const draft = await hosts.drafted(only('backend'))
    hosts.onHosts.setPublished(imageOf('backend', 'v1.9.0'), 'gone')
    const rehearsed = await hosts.runbook.rehearse(draft.steps, patience())
    expect(rehearsed).toMatchObject({
      ok: false,
      says: expect.stringMatching(
        /^it would be refused: backend on shop-2: v1\.9\.0 can no longer be reached: it is not on the host, and cannot be pulled\. its registry does not have it any more/,
      ),
    })
    hosts.onHosts.setPublished(imageOf('backend', 'v1.9.0'), 'there')
    expect(await hosts.runbook.rehearse(draft.steps, patience())).toMatchObject({ ok: true })
  })

  test('and in no registry either has to be asked of the registry, and ends before anything is stopped', async () => {
    const hosts = onHosts()
    const draft = await hosts.drafted(only('backend'))
    hosts.change({ missingVersions: ['v1.9.0'] })
    const before = await hosts.standing()
    expect(
      await hosts.runbook.bind(draft.steps[0]!).prepare?.(hosts.context(), () => undefined),
    ).toMatchObject({
      ok: false,
      says: expect.stringMatching(/^backend v1\.9\.0 on shop-1: manifest for .* not found$/),
    })
    expect(await hosts.carryOut(draft.steps[0]!)).toMatchObject({
      proof: { kind: 'failed', applied: 'no', says: expect.stringMatching(/No such image/) },
    })
    expect(await hosts.standing()).toEqual(before)
  })
})

describe('a second rollback in the same incident', () => {
  test('goes not to what the first one has left', async () => {
    const { onHosts: hands, incident, ...hosts } = await rolledBack()
    hosts.pass(60)
    hands.deploy('backend', { version: 'v2.0.1' })
    const { title, because } = await hosts.drafted(rollbackOnHosts, incident)
    expect(title).toBe('backend back to v1.9.0')
    expect(because).toContain('v1.9.0 is the newest other version')
  })

  test('has nothing to do where the first one was carried out', async () => {
    const { problem, incident } = await rolledBack()
    expect(await problem(rollbackOnHosts, incident)).toBe(
      'backend: this incident brought it back to v1.9.0 already; frontend: this incident brought it back to v1.9.0 already',
    )
  })

  test('is carried out where the first one was given back, twice in a row', async () => {
    const hosts = onHosts()
    const before = await hosts.running()
    hosts.change({ sickVersions: { 'v1.9.0': 'unhealthy' } })
    const step = await hosts.stepOf(rollbackOnHosts)
    for (const plan of [1, 2]) {
      expect(await hosts.carryOut(step, `i-1/plan-${plan}`)).toMatchObject({
        proof: { kind: 'failed', applied: 'no', takenBack: true },
      })
      expect(await hosts.running()).toEqual(before)
    }
    hosts.change({ sickVersions: {} })
    expect(await hosts.carryOut(step, 'i-1/plan-3')).toMatchObject({ proof: { kind: 'verified' } })
    expect((await hosts.sightings()).filter(({ role }) => role === 'kept')).toHaveLength(2)
  })
})

describe('a swap whose time is over between its two renames', () => {
  test.each(['backend', 'frontend'])(
    'is brought to its end by the next plan: %s',
    async (service) => {
      const hosts = onHosts()
      const { containers } = hosts.world
      const draft = await hosts.drafted(only(service))
      const name = `pipeshub-${service}-1`
      const write: NonNullable<typeof containers>['write'] = async (asked, signal) => {
        if (asked.kind === 'rename' && asked.name === name) {
          throw new Fault({ kind: 'retryable', dependency: 'docker', detail: 'the host is busy' })
        }
        return containers!.write(asked, signal)
      }
      const world = { ...hosts.world, containers: { ...containers!, write } }
      const step = hosts.runbook.bind(draft.steps[0]!)
      for (let seconds = 0; seconds < 20; seconds += 1) {
        const context = { ...hosts.context('i-1/plan-1'), world }
        const found = await step.inspect(context)
        if (found.kind === 'needed') await found.apply(context).catch(() => undefined)
        hosts.pass(1)
      }
      const [aside] = (await hosts.sightings()).filter((one) => /-old-/.test(one.name))
      expect(aside?.state).toBe('exited')

      const events = [stepStarted(), stepFailed(0, 'yes'), runEnded('failed')]
      const next = await hosts.drafted(only(service), incidentWith(draft, events, only(service)))
      expect(changesIn(next.steps[0]!)).toMatchObject([{ name, from: { id: aside?.id } }])
      expect(next.targets).toContain(`production: container shop-1/${name}`)
      expect(await hosts.carryOut(next.steps[0]!, 'i-1/plan-2')).toMatchObject({
        proof: { kind: 'verified' },
      })
      const left = (await hosts.sightings()).filter((one) => one.service === service)
      expect(left.map((one) => [one.role, one.name.replace(/[0-9a-f]{12}$/, '')])).toEqual(
        expect.arrayContaining([
          ['serving', name],
          ['kept', `${name}-kept-`],
        ]),
      )
      expect(left).toHaveLength(2)
    },
  )
})

describe('the undo', () => {
  test('makes the same containers again from what is kept, in reverse order', async () => {
    const { drafted, draft, incident, carryOut, running } = await rolledBack()
    const back = await drafted(undo, incident)
    expect(back).toMatchObject({
      title: 'undo plan 1 and return frontend to v2.0.0, backend to v2.0.0',
      because: 'back to how it was before plan 1',
      targets: draft.targets,
      signatures: TWO,
      changes: ['frontend', 'backend'].map((what) => {
        return { what, from: 'v1.9.0', to: 'v2.0.0 (1 container on shop-1)' }
      }),
    })
    for (const step of back.steps) {
      expect(await carryOut(step, UNDO_KEY)).toMatchObject({ proof: { kind: 'verified' } })
    }
    expect(await running()).toEqual([
      'pipeshub-backend-1 on shop-1: v2.0.0',
      'pipeshub-frontend-1 on shop-1: v2.0.0',
    ])
  })

  test('says of what somebody has pruned that it is not kept any more', async () => {
    const { onHosts: hands, problem, incident } = await rolledBack()
    hands.prune()
    expect(await problem(undo, incident)).toBe(
      'frontend on shop-1, backend on shop-1: what was kept to make it again was removed, as by a prune; deploy v2.0.0 instead',
    )
  })

  test('leaves alone what compose has made anew meanwhile', async () => {
    const { onHosts: hands, problem, incident } = await rolledBack()
    hands.deploy('backend', { version: 'v2.0.1' })
    expect(await problem(undo, incident)).toBe(
      'backend on shop-1: somebody made pipeshub-backend-1 anew, it is not what was left',
    )
  })

  test('takes back the one of two services that was swapped', async () => {
    const hosts = onHosts()
    const draft = await hosts.drafted(rollbackOnHosts)
    hosts.onHosts.setObstacles('frontend', [])
    const { proof } = await hosts.carryOut(draft.steps[0]!)
    expect(proof).toMatchObject({
      kind: 'failed',
      applied: 'yes',
      says: 'frontend on shop-1: somebody made pipeshub-frontend-1 anew meanwhile; backend on shop-1 was swapped',
    })
    const events = [stepStarted(), stepFailed(0, 'yes'), runEnded('failed')]
    const back = await hosts.drafted(undo, incidentWith(draft, events, rollbackOnHosts))
    expect(back.title).toBe('undo plan 1 and return backend to v2.0.0')
    expect(await hosts.carryOut(back.steps[0]!, UNDO_KEY)).toMatchObject({
      proof: { kind: 'verified' },
    })
  })

  test('does not say that all stands as before while what ran before is stopped', async () => {
    const { onHosts: hands, problem, incident } = await rolledBack()
    for (const one of ['backend', 'frontend']) hands.composeUp(one)
    hands.stop('pipeshub-backend-1')
    expect(await problem(undo, incident)).toBe(
      'backend on shop-1: pipeshub-backend-1 is stopped: start it',
    )
  })

  test('has nothing to do where compose brought back what ran before', async () => {
    const { onHosts: hands, problem, incident } = await rolledBack()
    for (const one of ['backend', 'frontend']) hands.composeUp(one)
    expect(await problem(undo, incident)).toBe('it stands as it did before plan 1 already')
  })
})

test('a stop of a service can be taken back, and leads to the same container', async () => {
  const stop: PlanRequest = { kind: 'scale-down', service: 'backend' }
  const hosts = onHosts()
  const before = await hosts.running()
  const draft = await hosts.drafted(stop)
  await hosts.carryOut(draft.steps[0]!)
  expect(await hosts.running()).toEqual(['pipeshub-frontend-1 on shop-1: v2.0.0'])
  const incident = incidentWith(draft, [stepStarted(), stepSucceeded(), runEnded()], stop)
  const back = await hosts.drafted(undo, incident)
  expect(back.title).toBe('undo plan 1 and start pipeshub-backend-1 on shop-1')
  await hosts.carryOut(back.steps[0]!, UNDO_KEY)
  expect(await hosts.running()).toEqual(before)
})

test('one that runs although its stop came to no end gets back the policy by which its host starts it again', async () => {
  const stop: PlanRequest = { kind: 'scale-down', service: 'backend' }
  const hosts = onHosts()
  const backend = async () =>
    (await hosts.sightings()).find(({ service }) => service === 'backend')!
  const { restartPolicy, host, id } = await backend()
  const draft = await hosts.drafted(stop)
  await hosts.carryOut(draft.steps[0]!)
  const runs = { kind: 'start', host, id, restartPolicy: 'no' } as const
  await hosts.world.containers!.write(runs, patience())
  const incident = incidentWith(draft, [stepStarted(), stepSucceeded(), runEnded()], stop)
  await hosts.carryOut((await hosts.drafted(undo, incident)).steps[0]!, UNDO_KEY)
  expect(await backend()).toMatchObject({ state: 'running', restartPolicy })
  expect(restartPolicy).not.toBe('no')
})

test('what is left is named as people deploy it, so that whoever deploys it again is told; else by its digest', async () => {
  const [step] = (await onHosts().drafted(rollbackOnHosts)).steps
  const input = SwapInput.parse(step!.input)
  const imagesIn = (changed: SwapInput) => {
    const [first] = swapContainers.bind(changed).changes
    return first?.images
  }
  expect(imagesIn(input)).toEqual({
    from: ['pipeshub/backend:v2.0.0'],
    to: ['pipeshub/backend:v1.9.0'],
  })
  const moving = <End extends SwapInput['changes'][number]['from' | 'to']>(end: End): End => {
    return { ...end, image: { ...end.image, reference: 'pipeshub/backend:stable' } }
  }
  const { changes } = input
  const moved = changes.map((one) => ({ ...one, from: moving(one.from), to: moving(one.to) }))
  const { from = [], to: target = [] } = imagesIn({ ...input, changes: moved }) ?? {}
  for (const image of [...from, ...target]) expect(image).toMatch(/^pipeshub\/backend@sha256:/)
  expect(from).not.toEqual(target)
})
