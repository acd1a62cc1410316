import { describe, expect, test } from 'vitest'
import type { BoundStep } from '../../../src/engine/run/step.ts'
import type { ContainerWrite } from '../../../src/ports/containers.ts'
import type { FlagSettings } from '../../../src/runbook/parts/flag-settings.ts'
import { containerFlags } from '../../../src/runbook/docker/flag.ts'
import { patience } from '../../support/contracts/outside.ts'
import { runEnded, stepStarted, stepSucceeded } from '../../support/plan-story.ts'
import { incidentWith, KEY } from './in-sandbox.ts'
import { hostSettings, onHosts, rollbackOnHosts, TWO_HOSTS } from './on-hosts.ts'

const NAME = 'VARIABLE'
const UNDO = 'i-1/plan-2'

const flagAt = (service: string): FlagSettings => ({
  name: 'MULTI_TENANT_ENABLED',
  safe: 'false',
  values: ['true', 'false'],
  precondition: null,
  places: [{ in: 'docker-env', service, env: NAME }],
  readBack: null,
})

type Staging = {
  /** What the compose file says; left out: nothing. */
  readonly was?: string
  readonly service?: 'backend' | 'frontend'
  readonly placement?: typeof TWO_HOSTS
}

/** Containers with that value, and what switches it. */
async function staged({ was, service = 'backend', ...options }: Staging = {}) {
  const hosts = onHosts({ slowestMs: 0, ...options })
  if (was !== undefined) hosts.onHosts.deploy(service, { variable: was })
  const { containers } = hosts.world
  if (!containers) throw new Error('the sandbox has containers')
  const find = async () => {
    const circumstances = {
      world: hosts.world,
      settings: hostSettings,
      plans: [],
      beganAt: null,
      signal: patience(),
      stepOf: () => {
        throw new Error('no step is asked for')
      },
    }
    const [found, ...others] = await containerFlags(flagAt(service), circumstances, 'glance')
    if (!found || others.length > 0) throw new Error('not one place')
    return found
  }
  const planned = async () => {
    const found = await find()
    if (found.kind === 'problem') throw new Error(found.because)
    const [step] = found.switched.steps
    if (!step) throw new Error('there is nothing to do')
    return { ...found, step: hosts.runbook.bind(step) }
  }
  return {
    ...hosts,
    containers,
    find,
    planned,
    /** `shop-1 false`, of those that run. */
    async values() {
      const all = (await hosts.sightings()).filter((one) => one.service === service)
      const told = await containers.variableOf([service], NAME, patience())
      return all
        .filter(({ role, state }) => role === 'serving' && state === 'running')
        .map(({ host, id }) => `${host} ${told.find((one) => one.id === id)?.value}`)
        .toSorted()
    },
    /** What a successor of each serving one is made like. */
    async hashes() {
      const all = (await hosts.sightings()).filter((one) => one.service === service)
      return all.filter(({ role }) => role === 'serving').map(({ sha256 }) => sha256)
    },
    undoOf(step: BoundStep): BoundStep {
      if (step.onUndo?.kind !== 'invert') throw new Error('it has no inverse')
      return hosts.runbook.bind(step.onUndo.step)
    },
    /** A process that dies before or after that write of it, if it comes so far. */
    async dying(step: BoundStep, key: string, at: number, when: 'before' | 'after') {
      let writes = 0
      const write = async (asked: ContainerWrite, signal: AbortSignal) => {
        writes += 1
        if (writes === at && when === 'before') throw new Error('it died')
        const answer = await containers.write(asked, signal)
        if (writes === at) throw new Error('it died')
        return answer
      }
      const world = { ...hosts.world, containers: { ...containers, write } }
      const context = () => ({ ...hosts.context(key), world })
      try {
        for (let seconds = 0; seconds < 60; seconds += 1) {
          const found = await step.inspect(context())
          if (found.kind === 'needed') await found.apply(context())
          if ((await step.verify(context())).kind === 'verified') break
          hosts.pass(1)
        }
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'it died') throw error
      }
      return { reached: writes >= at }
    },
  }
}

const verified = { proof: { kind: 'verified' } }

describe('a flag in the variables of containers', () => {
  test('is found with its value, and what switches it says what it does', async () => {
    const { planned } = await staged({ was: 'true' })
    const found = await planned()
    expect(found).toMatchObject({
      place: 'VARIABLE of backend',
      value: 'true',
      to: 'false',
    })
    expect(found.switched).toMatchObject({
      targets: ['container shop-1/pipeshub-backend-1'],
      changes: [
        {
          what: 'VARIABLE of backend',
          from: '"true"',
          to: '"false" (1 container on shop-1)',
        },
      ],
      versions: { backend: ['v2.0.0'] },
    })
    expect(found.switched.changes[0]).not.toHaveProperty('images')
    expect(found.step.title).toBe('Set VARIABLE of backend to "false"')
    expect(found.cautions([]).join()).toContain('should say VARIABLE: "false" for backend')
  })

  test('where it stands so already there is nothing to do', async () => {
    const { find } = await staged({ was: 'false' })
    expect(await find()).toMatchObject({
      kind: 'found',
      value: 'false',
      switched: { steps: [], changes: [] },
    })
  })

  test('is switched, with the same image, and all else as it was', async () => {
    const { planned, carryOut, values, running, sightings } = await staged({ was: 'true' })
    const before = await running()
    const { step } = await planned()
    expect(await carryOut(step)).toMatchObject({ found: 'needed', ...verified })
    expect(await values()).toEqual(['shop-1 false'])
    expect(await running()).toEqual(before)
    const kept = (await sightings()).filter(({ role }) => role === 'kept')
    expect(kept.map(({ image }) => image.reference)).toEqual(['pipeshub/backend:v2.0.0'])
    expect(await carryOut(step)).toMatchObject({ found: 'done', ...verified })
  })

  test.each([['true'], [undefined]])('is put back to what it was, by an undo: %s', async (was) => {
    const { planned, carryOut, values, hashes, undoOf } = await staged(
      was === undefined ? {} : { was },
    )
    const before = { values: await values(), hashes: await hashes() }
    const { step, value } = await planned()
    expect(value).toBe(was ?? null)
    await carryOut(step)
    expect(await hashes()).not.toEqual(before.hashes)
    const back = undoOf(step)
    expect(back.title).toBe(
      was === undefined ? 'Take VARIABLE away from backend' : 'Set VARIABLE of backend to "true"',
    )
    expect(await carryOut(back, UNDO)).toMatchObject({ found: 'needed', ...verified })
    // By all that it was made with: one that is not set is not there, and not empty.
    expect({ values: await values(), hashes: await hashes() }).toEqual(before)
    expect(await carryOut(undoOf(back), 'i-1/plan-3')).toMatchObject(verified)
    expect(await values()).toEqual(['shop-1 false'])
  })

  test('on two hosts all are made anew, and only those that say something else', async () => {
    const both = await staged({ was: 'true', placement: TWO_HOSTS })
    const { step } = await both.planned()
    expect(await both.carryOut(step)).toMatchObject(verified)
    expect(await both.values()).toEqual(['shop-1 false', 'shop-2 false'])
    expect(await both.find()).toMatchObject({ value: 'false', switched: { steps: [] } })

    // On one of them somebody takes the container away and makes it anew from the file.
    const [one] = (await both.sightings()).filter(({ host, role, service }) => {
      return host === 'shop-2' && role === 'serving' && service === 'backend'
    })
    const again = await both.containers.write(
      {
        host: 'shop-2',
        kind: 'create',
        like: one?.id ?? '',
        sha256: one?.sha256 ?? '',
        image: one!.image,
        name: 'by-hand',
        service: 'backend',
        role: 'serving',
        mark: 'by hand',
        variable: { name: NAME, from: 'false', to: 'true' },
      },
      patience(),
    )
    expect(again).toEqual({ kind: 'done' })
    both.onHosts.restart('by-hand')
    const { step: second, cautions, value } = await both.planned()
    expect(value).toBe('true')
    expect(cautions([])).toContain(
      'VARIABLE of backend: 2 of 3 containers say so already, and stay as they are.',
    )
    expect(second.subject).toBe('container shop-2/by-hand')
  })
})

describe('whenever the process dies', () => {
  const stories = [
    ['a switch', {}],
    ['a switch behind a port of the host', { service: 'frontend' }],
  ] as const

  test.each(stories)('%s is carried to its end by the next one (J4)', async (_, options) => {
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; at < 20; at += 1) {
        const stage = await staged({ was: 'true', ...options })
        const { step } = await stage.planned()
        const { reached } = await stage.dying(step, KEY, at, when)
        expect(await stage.carryOut(step)).toMatchObject(verified)
        expect(await stage.values()).toEqual(['shop-1 false'])
        if (!reached) break
        expect(at).toBeLessThan(19)
      }
    }
  })

  test.each(stories)('and so is the undo of %s', async (_, options) => {
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; at < 20; at += 1) {
        const stage = await staged({ was: 'true', ...options })
        const before = await stage.hashes()
        const { step } = await stage.planned()
        await stage.carryOut(step)
        const back = stage.undoOf(step)
        const { reached } = await stage.dying(back, UNDO, at, when)
        expect(await stage.carryOut(back, UNDO)).toMatchObject(verified)
        expect(await stage.values()).toEqual(['shop-1 true'])
        expect(await stage.hashes()).toEqual(before)
        if (!reached) break
        expect(at).toBeLessThan(19)
      }
    }
  })
})

describe('what others do meanwhile', () => {
  test('one that does not become well gives its place back to the old one', async () => {
    const { planned, carryOut, values, change } = await staged({ was: 'true' })
    const { step } = await planned()
    change({ sickVersions: { 'v2.0.0': 'unhealthy' } })
    const { proof } = await carryOut(step)
    expect(proof).toMatchObject({ kind: 'failed', applied: 'no', takenBack: true })
    expect(await values()).toEqual(['shop-1 true'])
  })

  test('one that somebody made anew is left alone', async () => {
    const { planned, carryOut, values, onHosts: others } = await staged({ was: 'true' })
    const { step } = await planned()
    others.deploy('backend', { variable: 'other' })
    const { found } = await carryOut(step)
    expect(found).toBe('blocked')
    expect(await values()).toEqual(['shop-1 other'])
  })

  test('an undo does not touch what is no longer as it was left', async () => {
    const { planned, carryOut, context, onHosts: others, undoOf } = await staged({ was: 'true' })
    const { step } = await planned()
    await carryOut(step)
    others.deploy('backend', { variable: 'other' })
    const found = await undoOf(step).inspect(context(UNDO))
    expect(found).toMatchObject({
      kind: 'blocked',
      says: 'backend on shop-1: somebody made pipeshub-backend-1 anew, it is not what was left',
    })
    others.deploy('backend', { variable: 'true' })
    expect(await undoOf(step).inspect(context(UNDO))).toMatchObject({ kind: 'done' })
  })

  test('what was kept and is gone is said before an undo', async () => {
    const { planned, carryOut, context, onHosts: others, undoOf } = await staged({ was: 'true' })
    const { step } = await planned()
    await carryOut(step)
    const back = undoOf(step)
    expect(await back.adviseUndo(context(UNDO), { plan: 1, alone: true })).toEqual({
      problem: null,
      cautions: expect.arrayContaining([
        expect.stringMatching(/beside their volumes.* is not in those that are made again/),
      ]),
    })
    others.prune()
    expect(await back.adviseUndo(context(UNDO), { plan: 1, alone: true })).toMatchObject({
      problem: expect.stringContaining('deploy VARIABLE "true" instead'),
    })
  })

  test('what cannot be made anew, or is stopped, is a problem, and so is a service without containers', async () => {
    const { find, onHosts: others } = await staged({ was: 'true' })
    others.setObstacles('backend', ['it is removed as soon as it stops'])
    expect(await find()).toMatchObject({
      kind: 'problem',
      because: expect.stringContaining('cannot be made anew: it is removed as soon as it stops'),
      known: true,
    })
    others.remove('pipeshub-backend-1')
    expect(await find()).toMatchObject({
      because: 'VARIABLE of backend: there is no such container on any host',
    })
  })
})

test('a rollback after a switch is judged as if no image had been left or led to', async () => {
  const stage = await staged({ was: 'true' })
  const { step, switched } = await stage.planned()
  await stage.carryOut(step)
  const first = { ...(await stage.drafted(rollbackOnHosts)), steps: [...switched.steps] }
  const done = [stepStarted(), stepSucceeded(), runEnded()]
  const incident = incidentWith(first, done, rollbackOnHosts)
  const { steps } = await stage.drafted(rollbackOnHosts, incident)
  const rollback = stage.runbook.bind(steps[0]!)
  expect(rollback.title).toBe('Return backend to v1.9.0, frontend to v1.9.0')
  expect(await stage.carryOut(rollback, 'i-1/plan-2')).toMatchObject(verified)
  // It is made like the one that stands: the flag stays as it was switched.
  expect(await stage.values()).toEqual(['shop-1 false'])
})
