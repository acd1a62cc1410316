import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { Draft } from '../../../src/domain/plan/plan.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import type { Container } from '../../../src/ports/containers.ts'
import type { Manager } from '../../../src/ports/deployment-state.ts'
import { declared, incidentAfter, opened } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { flagSettings, IN_CONFIG_MAP } from '../../support/flag.ts'
import { planRequested, rollback } from '../../support/plan-story.ts'
import { digestOf, inSandbox, settings, type AnySandbox } from './in-sandbox.ts'
import { flagInContainer, hostSettings, onHosts, rollbackOnHosts } from './on-hosts.ts'

type Carried = { readonly request: PlanRequest; readonly draft: Draft }

/** An incident whose plans were all carried out. */
function incidentOf(plans: readonly Carried[]) {
  return incidentAfter(
    opened,
    declared,
    ...plans.flatMap(({ request, draft }, index): readonly Event[] => {
      const plan = index + 1
      const proposal = { ...draft, digest: digestOf(draft), expectedMs: null }
      return [
        planRequested(request, plan),
        { type: 'plan-proposed', plan, proposal },
        { type: 'run-started', plan },
        ...draft.steps.flatMap((_, step): readonly Event[] => [
          { type: 'step-started', plan, step },
          { type: 'step-succeeded', plan, step, applied: true, says: 'done' },
        ]),
        { type: 'run-ended', plan, outcome: 'succeeded', says: 'over' },
      ]
    }),
  )
}

/** Carries out the request and then its undo, as often as is told; and drafts the undo that follows. */
async function undoOf(sandbox: AnySandbox, request: PlanRequest, { times = 0 } = {}) {
  const requests = [request, ...Array.from({ length: times }, (_, at) => undo(at + 1))]
  const plans: Carried[] = []
  for (const one of requests) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const draft = await sandbox.drafted(one, incidentOf(plans))
    for (const step of draft.steps) {
      // oxlint-disable-next-line no-await-in-loop -- the same
      await sandbox.carryOut(step, `i-1/plan-${plans.length + 1}`)
    }
    plans.push({ request: one, draft })
  }
  const last = undo(plans.length)
  return {
    before: plans.at(-1)!.draft,
    incident: incidentOf(plans),
    request: last,
    drafted: () => sandbox.drafted(last, incidentOf(plans)),
  }
}

function undo(plan: number): PlanRequest {
  return { kind: 'undo', plan }
}

const BESIDE =
  'What the containers wrote beside their volumes, before that plan or since, is not in those that are made again: it is kept as images.'
const PORT =
  'frontend on shop-1: it publishes a port, so that nothing serves between its end (at most 10 s) and the start of the new one.'
const NOT_WELL =
  'If a new container does not become healthy, the old one is started again by itself, and the run says so.'
const LEFT_ALONE =
  'An unchanged “docker compose up -d”, a restart, and a stop and start leave the result alone. An edit of the service, “--force-recreate”, or “down” and “up” bring the'
const MAY = 'and “up -d” of another version of Compose than before may.'
const SLOW = 'Stopping a container of backend may take up to 5 min.'
const STARTS = '“docker compose up” starts backend again, whoever types it.'

const stop: PlanRequest = { kind: 'scale-down', service: 'backend' }
const flag: PlanRequest = { kind: 'feature-flag', flag: null }

type Hosts = ReturnType<typeof onHosts>

/** The same hosts, whose containers are told otherwise. */
function toldBy(
  hosts: Hosts,
  how: (one: Container) => Partial<Container>,
  changes: Partial<RunbookSettings> = {},
): Hosts {
  const { containers } = hosts.world
  if (!containers) throw new Error('the sandbox has containers')
  const sightings: typeof containers.sightings = async (...asked) =>
    (await containers.sightings(...asked)).map((one) => ({ ...one, ...how(one) }))
  const world = { ...hosts.world, containers: { ...containers, sightings } }
  const runbook = runbookOver(world, { ...hostSettings, ...changes })
  const drafted: Hosts['drafted'] = async (request, incident = incidentOf([])) => {
    const resolved = await runbook.resolve(request, incident, patience())
    if (resolved.kind === 'infeasible') throw new Error(resolved.because)
    return resolved.draft
  }
  return { ...hosts, drafted }
}

/** Hosts on which the backend takes long to end. */
function slowHosts(changes: Partial<RunbookSettings> = {}): Hosts {
  const slow = { stopSeconds: 300 }
  return toldBy(
    onHosts({ settings: changes }),
    ({ service }) => (service === 'backend' ? slow : {}),
    changes,
  )
}

describe('the undo of what was done to containers says only what holds for the undo', () => {
  test('of a rollback: what is lost, its gaps, and what the file should say again', async () => {
    const { drafted } = await undoOf(onHosts(), rollbackOnHosts)
    expect((await drafted()).cautions).toEqual([
      BESIDE,
      PORT,
      'backend on shop-1: pipeshub-backend-1 keeps its volume pipeshub_uploads at /var/lib/app.',
      NOT_WELL,
      'The compose file should say image: pipeshub/frontend:v2.0.0 again, if somebody changed it for plan 1.',
      'The compose file should say image: pipeshub/backend:v2.0.0 again, if somebody changed it for plan 1.',
      `${LEFT_ALONE} image of the compose file back, ${MAY}`,
    ])
  })

  test('of a flag: not that the file should have the safe value', async () => {
    const hosts = onHosts({ settings: { featureFlag: flagInContainer } })
    hosts.onHosts.deploy('backend', { variable: 'true' })
    const { before, drafted } = await undoOf(hosts, flag)
    expect(before.cautions).toContain('The compose file should say VARIABLE: "false" for backend.')
    const { cautions } = await drafted()
    expect(cautions.join()).not.toContain('"false"')
    expect(cautions).toContain(
      'The compose file should say VARIABLE: "true" for backend again, if somebody changed it for plan 1.',
    )
    expect(cautions).toContain(`${LEFT_ALONE} value of the compose file back, ${MAY}`)
  })

  test('of a flag that was not set: that it should not stand there', async () => {
    const hosts = onHosts({
      settings: {
        featureFlag: {
          ...flagInContainer,
          places: [{ in: 'docker-env', service: 'backend', env: 'OTHER' }],
        },
      },
    })
    const { drafted } = await undoOf(hosts, flag)
    expect((await drafted()).cautions).toContain(
      'The compose file should say nothing of OTHER for backend again, if somebody changed it for plan 1.',
    )
  })

  test('of a stop: nothing of stops, and nothing of what may start it', async () => {
    const { before, drafted } = await undoOf(slowHosts(), stop)
    expect(before.cautions.join()).toMatch(/starts it again.*may take up to 5 min/)
    expect((await drafted()).cautions).toEqual([])
  })

  test('of everything: how long a stop may take of what is swapped, and not stopped for it', async () => {
    const full: PlanRequest = { kind: 'full', toVersion: null, backup: null }
    const { before, drafted } = await undoOf(slowHosts({ full: { stop: ['frontend'] } }), full)
    expect(before.cautions.filter((one) => one === SLOW)).toHaveLength(1)
    const { cautions } = await drafted()
    expect(cautions.filter((one) => one === SLOW)).toHaveLength(1)
    // It is stopped by then, and no port is given from one to the other.
    expect(cautions).not.toContain(PORT)
    const stopped = await undoOf(slowHosts({ full: { stop: ['backend'] } }), full)
    expect((await stopped.drafted()).cautions.filter((one) => one === SLOW)).toHaveLength(1)
  })

  test('of that undo, which stops again: how long it may take, and what starts it', async () => {
    const { drafted } = await undoOf(slowHosts(), stop, { times: 1 })
    expect((await drafted()).cautions).toEqual([STARTS, SLOW])
  })

  test('of a rollback whose new image keeps a folder in a volume of its own: what lies there stays there', async () => {
    const hosts = toldBy(onHosts(), ({ service, role, mark, volumes }) =>
      service === 'backend' && role === 'serving' && mark !== null
        ? { volumes: [...volumes, 'f00 at /data'] }
        : {},
    )
    const { drafted } = await undoOf(hosts, rollbackOnHosts)
    expect((await drafted()).cautions).toContain(
      'backend on shop-1: f00 at /data is a volume of what runs now alone: what lies there is not in the pipeshub-backend-1 that is made again, and stays in the volume.',
    )
  })
})

test('an undo is refused where somebody has attached something to the container meanwhile, and names it', async () => {
  const hosts = onHosts()
  const { request, incident } = await undoOf(hosts, rollbackOnHosts)
  hosts.onHosts.share('pipeshub-backend-1', 'processes', 'sidecar')
  expect(await hosts.problem(request, incident)).toBe(
    'pipeshub-backend-1 on shop-1 cannot be made anew: sidecar shares its processes',
  )
})

test('where nobody lets it look at what else runs there, the undo says that it is not known', async () => {
  const hosts = onHosts()
  const { drafted } = await undoOf(hosts, rollbackOnHosts)
  hosts.onHosts.setStrangers('hidden')
  expect((await drafted()).cautions.join()).toMatch(/shop-1-node-exporter could not be looked at/)
})

describe('the undo of what was done to Deployments says only what holds for the undo', () => {
  const argo: Manager = { says: 'Argo CD application shop', scales: false, owner: null }
  const hpa: Manager = { says: 'autoscaler backend (2–10)', scales: true, owner: null }
  const BACK =
    'backend: Argo CD application shop may write over it again. If somebody changed something there for plan 1, change it back there, too.'
  const SCALES =
    'backend: autoscaler backend (2–10) decides how many pods there are, before and after.'
  const TEMPLATES =
    'Only the pod template goes back: ConfigMaps, Secrets and the number of pods stay as they are.'

  function managed(...more: Parameters<typeof inSandbox>) {
    const sandbox = inSandbox(...more)
    sandbox.others.set('backend', { managedBy: [argo, hpa] })
    return sandbox
  }

  test('of a rollback: not that the newer version may come back, which it brings', async () => {
    const { before, drafted } = await undoOf(managed(), rollback)
    expect(before.cautions.join()).toContain('may put the newer version back')
    expect((await drafted()).cautions).toEqual([BACK, SCALES, TEMPLATES])
  })

  test('of a rollback whose owner may not be asked any more: that it is not known', async () => {
    const sandbox = managed()
    const { request, incident } = await undoOf(sandbox, rollback)
    const releases = async () => {
      throw new Fault({ kind: 'retryable', dependency: 'kubernetes', detail: 'no answer' })
    }
    const world = { ...sandbox.world, deployments: { ...sandbox.deployments, releases } }
    const resolved = await runbookOver(world, settings).resolve(request, incident, patience())
    expect(resolved).toMatchObject({
      draft: {
        cautions: [
          'Who else writes to backend and frontend could not be asked: no answer.',
          TEMPLATES,
        ],
      },
    })
  })

  test('of a rollback, where what the newer version needs is gone: it is refused', async () => {
    const sandbox = managed()
    const { request, incident } = await undoOf(sandbox, rollback)
    const needs: typeof sandbox.deployments.needs = async (asked) =>
      asked.map((need) => ({ ...need, state: 'missing', changedAt: null }))
    const world = { ...sandbox.world, deployments: { ...sandbox.deployments, needs } }
    expect(await runbookOver(world, settings).resolve(request, incident, patience())).toMatchObject(
      {
        kind: 'infeasible',
        because: expect.stringMatching(
          /^backend: revision \d+ would not start: ConfigMap backend-v2.0.0 is not there any more; frontend: /,
        ),
      },
    )
  })

  test('of a scale-down: who else decides', async () => {
    const { drafted } = await undoOf(managed(), stop)
    expect((await drafted()).cautions).toEqual([BACK, SCALES])
  })

  test('of a flag: not that the old value may come back, which it brings', async () => {
    const { before, drafted } = await undoOf(
      managed({ featureFlag: flagSettings() }, { scenario: 'tenant-flag' }),
      flag,
    )
    expect(before.cautions.join()).toContain('may put the old value back')
    expect((await drafted()).cautions).toEqual([BACK, SCALES])
  })

  test('of a flag in a ConfigMap: the same of who keeps that', async () => {
    const { settings: places, maps, name, map } = IN_CONFIG_MAP
    const sandbox = inSandbox(
      { featureFlag: flagSettings(places) },
      { scenario: 'tenant-flag', configMaps: { ...maps, [name]: { ...map, managedBy: [argo] } } },
    )
    const { before, drafted } = await undoOf(sandbox, flag)
    expect(before.cautions.join()).toContain('may put the old value back')
    expect((await drafted()).cautions).toEqual([BACK.replace('backend:', `ConfigMap ${name}:`)])
  })
})

test('the undo of maintenance says that no page proves it', async () => {
  const { before, drafted } = await undoOf(inSandbox(), { kind: 'maintenance', on: true })
  expect((await drafted()).cautions).toEqual(before.cautions)
  expect(before.cautions).toEqual(['No page is configured that proves it (maintenance.proof).'])
})

test('an undo that clears the cache says where it cannot be cleared now', async () => {
  const sandbox = inSandbox()
  const { request, incident } = await undoOf(sandbox, rollback)
  const status: typeof sandbox.cache.status = async (signal) => {
    return { ...(await sandbox.cache.status(signal)), role: 'replica' }
  }
  const world = { ...sandbox.world, cache: { ...sandbox.cache, status } }
  const resolved = await runbookOver(world, settings).resolve(request, incident, patience())
  expect(JSON.stringify(resolved)).toContain(
    'The cache cannot be cleared as things are (Redis is a replica, and takes no writes).',
  )
})

test('the undo of a flag in a store says what that store says of the way back', async () => {
  const STORE = `flag ${flagSettings().name} of production in Unleash`
  const flagIn = { value: 'on', holders: [], cautions: ['Services hear of it when they ask next.'] }
  const places = [{ in: 'unleash', environment: 'production', safe: 'off' }]
  const sandbox = inSandbox(
    { featureFlag: flagSettings({ places }) },
    { scenario: 'tenant-flag', flags: { [STORE]: flagIn } },
  )
  const { drafted } = await undoOf(sandbox, flag)
  expect((await drafted()).cautions).toEqual(flagIn.cautions)
})
