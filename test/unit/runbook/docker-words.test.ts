import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { Container } from '../../../src/ports/containers.ts'
import { NOTHING_KNOWN, outcomeOf } from '../../../src/runbook/docker/outcome.ts'
import { pauseContainers } from '../../../src/runbook/docker/pause.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import { REGISTRY } from '../../../src/runbook/registry.ts'
import { runbookOver, stepIn } from '../../../src/runbook/runbook.ts'
import { declared, incidentAfter, opened } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { stepStarted, stepSucceeded, runEnded } from '../../support/plan-story.ts'
import { ALL_DONE, incidentWith } from './in-sandbox.ts'
import { flagInContainer, hostSettings, onHosts, rollbackOnHosts, type Hosts } from './on-hosts.ts'
import { moveIn, OLD, swap } from './swap-model.ts'

const BESIDE =
  'What a container wrote beside its volumes is not in the new one: it is kept as an image, and an undo does not bring it back.'
const BESIDE_BACK =
  'What the containers wrote beside their volumes, before that plan or since, is not in those that are made again: it is kept as images.'

const restart: PlanRequest = { kind: 'restart', service: 'backend' }
const stop: PlanRequest = { kind: 'scale-down', service: 'backend' }
const flag: PlanRequest = { kind: 'feature-flag', flag: null }

type Otherwise = Readonly<Record<string, Partial<Container>>>

/** Hosts whose containers are otherwise, by service. */
function worldWith(hosts: Hosts, otherwise: Otherwise): Hosts['world'] {
  const { containers } = hosts.world
  if (!containers) throw new Error('the sandbox has containers')
  const sightings: typeof containers.sightings = async (...asked) => {
    const seen = await containers.sightings(...asked)
    return seen.map((one) => ({ ...one, ...otherwise[one.service] }))
  }
  return { ...hosts.world, containers: { ...containers, sightings } }
}

async function drafted(
  request: PlanRequest,
  otherwise: Otherwise = {},
  {
    hosts = onHosts(),
    settings = hostSettings,
  }: { hosts?: Hosts; settings?: RunbookSettings } = {},
) {
  const runbook = runbookOver(worldWith(hosts, otherwise), settings)
  const resolved = await runbook.resolve(request, incidentAfter(opened, declared), patience())
  if (resolved.kind !== 'feasible') throw new Error(resolved.because)
  return resolved.draft
}

/** A plan that switches the flag in the variables of the backend. */
function flagDrafted(otherwise: Otherwise = {}) {
  const hosts = onHosts()
  hosts.onHosts.deploy('backend', { variable: 'true' })
  return drafted(flag, otherwise, {
    hosts,
    settings: { ...hostSettings, featureFlag: flagInContainer },
  })
}

/** What is said of services that are stopped within a plan. */
async function pauseCautions(otherwise: Otherwise) {
  const pause = await pauseContainers(
    ['backend', 'frontend'],
    {
      world: worldWith(onHosts(), otherwise),
      settings: hostSettings,
      plans: [],
      beganAt: null,
      signal: patience(),
      stepOf: (id) => stepIn(REGISTRY, id),
    },
    { givesBackAfter: 'switch-collections' },
  )
  if ('problem' in pause) throw new Error(pause.problem)
  return pause.stop.cautions
}

describe('what a container wrote beside its volumes', () => {
  test('is said to be lost by a rollback and by a flag, and nobody promises that all logs are kept', async () => {
    const { lost, undo } = await drafted(rollbackOnHosts)
    expect(lost).toContain(BESIDE)
    expect(lost).toContain('what can be read of the old logs is kept as evidence first')
    expect(undo).not.toContain('the same containers')
    const switched = await flagDrafted()
    expect(switched.lost).toBe(
      `Nothing is deleted. What needs the flag as it is now stops working. ${BESIDE}`,
    )
  })

  test('is said not to come back with the undo', async () => {
    const hosts = onHosts()
    const draft = await hosts.drafted(rollbackOnHosts)
    for (const step of draft.steps) await hosts.carryOut(step)
    const incident = incidentWith(draft, ALL_DONE, rollbackOnHosts)
    const { cautions } = await hosts.drafted({ kind: 'undo', plan: 1 }, incident)
    expect(cautions.filter((one) => one === BESIDE_BACK)).toHaveLength(1)
  })

  test('is not said of a stop and its undo, which are of the same container', async () => {
    const hosts = onHosts()
    const draft = await hosts.drafted(stop)
    await hosts.carryOut(draft.steps[0]!)
    const incident = incidentWith(draft, [stepStarted(), stepSucceeded(), runEnded()], stop)
    const back = await hosts.drafted({ kind: 'undo', plan: 1 }, incident)
    expect([draft, back].flatMap(({ lost, cautions }) => [lost, ...cautions]).join()).not.toMatch(
      /beside/,
    )
  })

  test('is said to be gone where somebody removed the old one, and another one was made', () => {
    const scene = { old: null, fresh: OLD, kept: null, strangers: [], remains: [], here: [] }
    const standing = { swap: swap(), scene, move: { kind: 'given-back' } } as const
    expect(outcomeOf([standing], [standing], NOTHING_KNOWN).says).toBe(
      'backend on web-1: the new container did not take over; somebody removed the old one, with what it had written beside its volumes; one of the same image and settings serves',
    )
  })
})

describe('how long a stop may take', () => {
  const slow = { backend: { stopSeconds: 300 } }
  const SAID = 'Stopping a container of backend may take up to 5 min.'
  const plans = {
    'a rollback without a port': async (of: Otherwise) =>
      (await drafted(rollbackOnHosts, of)).cautions,
    'a flag': async (of: Otherwise) => (await flagDrafted(of)).cautions,
    'a restart': async (of: Otherwise) => (await drafted(restart, of)).cautions,
    'a stop': async (of: Otherwise) => (await drafted(stop, of)).cautions,
    'a pause': pauseCautions,
  }

  test.each(Object.entries(plans))('is said by %s, where it is more than usual', async (_, of) => {
    expect(await of(slow)).toContain(SAID)
    expect((await of({})).join()).not.toContain('may take')
  })

  test('is said once of a rollback that publishes a port, and not of what has ended', async () => {
    const { cautions } = await drafted(rollbackOnHosts, { frontend: { stopSeconds: 300 } })
    expect(cautions.filter((one) => one.includes('300 s'))).toHaveLength(1)
    expect(cautions.join()).not.toContain('may take')
    const ended = { backend: { stopSeconds: 300, state: 'exited' } } as const
    expect((await drafted(rollbackOnHosts, ended)).cautions).not.toContain(SAID)
    expect((await drafted(restart, ended)).cautions).not.toContain(SAID)
  })
})

describe('a container that compose did not make', () => {
  const plain = { backend: { compose: null }, frontend: { compose: null } }
  const mixed = { frontend: { compose: null } }

  test('is written down where it is started from, with no word of compose', async () => {
    const draft = await drafted(rollbackOnHosts, plain)
    expect(
      JSON.stringify([draft.changes.map(({ details }) => details), draft.cautions]),
    ).not.toMatch(/compose/)
    expect(draft.changes[1]?.details).toEqual([
      'what starts frontend (a script, a unit) should name pipeshub/frontend:v1.9.0',
    ])
    expect(draft.cautions.at(-1)).toBe(
      'backend and frontend: a restart, and a stop and start leave the result alone. Whatever makes one anew (a script, a unit) brings back the image that stands there.',
    )
  })

  test('is told apart from those that compose made', async () => {
    const { changes, cautions } = await drafted(rollbackOnHosts, mixed)
    expect(changes.map(({ details }) => details)).toEqual([
      ['the compose file should say image: pipeshub/backend:v1.9.0'],
      ['what starts frontend (a script, a unit) should name pipeshub/frontend:v1.9.0'],
    ])
    expect(cautions.slice(-2)).toEqual([
      expect.stringMatching(/^backend: an unchanged “docker compose up -d”/),
      expect.stringMatching(/^frontend: a restart.* \(a script, a unit\) brings back the image/),
    ])
  })

  test('has its flag set where it is started from', async () => {
    const { cautions } = await flagDrafted(plain)
    expect(cautions.join()).not.toMatch(/compose/)
    expect(cautions).toContain(
      'What starts backend (a script, a unit) should set VARIABLE to "false".',
    )
    expect(cautions).toContain(
      'backend: a restart, and a stop and start leave the new value alone. Whatever makes one anew (a script, a unit) brings back the value that stands there.',
    )
  })

  test('may be started again by something else while it is to be stopped', async () => {
    expect((await drafted(stop, plain)).cautions).toEqual([
      'What else starts it (a script, a unit) may do so again.',
    ])
    expect((await drafted(stop, mixed)).cautions).toEqual([
      '“docker compose up” starts it again, whoever types it.',
    ])
    expect(await pauseCautions(mixed)).toEqual([
      '“docker compose up” starts backend again while it is to be stopped, whoever types it.',
      'What else starts frontend (a script, a unit) may do so again while it is to be stopped.',
    ])
  })

  test('is not said to come from compose where nothing of it is left', () => {
    const move = moveIn([], swap())
    expect(move).toMatchObject({
      kind: 'lost',
      says: expect.stringMatching(/nothing of it is left to make it again from: deploy it again$/),
    })
  })
})

test('another version of Compose may make anew what compose made, whatever is mounted there', async () => {
  const MAY = 'and “up -d” of another version of Compose than before may.'
  const [plain, volumes] = [null, ['/srv/shop/conf at /etc/shop']]
  expect((await drafted(rollbackOnHosts)).cautions.at(-1)).toContain(
    `bring the image of the compose file back, ${MAY}`,
  )
  expect((await flagDrafted()).cautions.join()).toContain(
    `bring the value of the compose file back, ${MAY}`,
  )
  const others = { backend: { volumes, compose: plain }, frontend: { compose: plain } }
  expect((await drafted(rollbackOnHosts, others)).cautions.join()).not.toContain(
    'version of Compose',
  )
})

describe('what a container keeps in memory', () => {
  const tmpfs = ['/run', '/scratch', '/tmp', '/tmp/uploads', '/var/queue']
  const SAID =
    'backend: /scratch and /var/queue are kept in memory (tmpfs) and are empty afterwards: what lies there is lost.'
  const plans = {
    'a rollback': async (of: Otherwise) => (await drafted(rollbackOnHosts, of)).cautions,
    'a flag': async (of: Otherwise) => (await flagDrafted(of)).cautions,
    'a restart': async (of: Otherwise) => (await drafted(restart, of)).cautions,
    'a stop': async (of: Otherwise) => (await drafted(stop, of)).cautions,
    'a pause': pauseCautions,
  }

  test.each(Object.entries(plans))(
    'is said to be lost by %s, but for what nobody keeps there',
    async (_, of) => {
      expect(await of({ backend: { tmpfs } })).toContain(SAID)
      for (const usual of [[], ['/tmp', '/run', '/dev/shm', '/var/run']]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect((await of({ backend: { tmpfs: usual } })).join()).not.toContain('tmpfs')
      }
      const ended = { backend: { tmpfs, state: 'exited' } } as const
      const others = { ...ended, frontend: { tmpfs: ['/cache'] } }
      expect((await of(others).catch(() => [])).join()).not.toContain('/scratch')
    },
  )

  test('is said by an undo that swaps, and not by one that only starts', async () => {
    const hosts = onHosts()
    const [swapped, stopped] = [rollbackOnHosts, stop]
    const cautionsOf = async (request: PlanRequest, events: Parameters<typeof incidentWith>[1]) => {
      const draft = await hosts.drafted(request)
      for (const step of draft.steps) await hosts.carryOut(step)
      const runbook = runbookOver(worldWith(hosts, { backend: { tmpfs } }), hostSettings)
      const incident = incidentWith(draft, events, request)
      const back = await runbook.resolve({ kind: 'undo', plan: 1 }, incident, patience())
      if (back.kind !== 'feasible') throw new Error(back.because)
      return back.draft.cautions
    }
    expect(await cautionsOf(swapped, ALL_DONE)).toContain(SAID)
    const events = [stepStarted(), stepSucceeded(), runEnded()]
    expect(await cautionsOf(stopped, events)).toEqual([])
  })
})
