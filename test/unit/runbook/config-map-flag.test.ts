import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import type { PlannedStep } from '../../../src/domain/plan/plan.ts'
import type { BoundStep } from '../../../src/engine/run/step.ts'
import type { ConfigMapKey } from '../../../src/ports/config-maps.ts'
import type { Manager, Sighting } from '../../../src/ports/deployment-state.ts'
import type { World } from '../../../src/ports/world.ts'
import { FLAG } from '../../../src/sandbox/production.ts'
import { patience } from '../../support/contracts/outside.ts'
import { CHECKED, flagSettings, IN_CONFIG_MAP } from '../../support/flag.ts'
import { runEnded, stepStarted, stepSucceeded } from '../../support/plan-story.ts'
import { incidentWith, inSandbox, KEY, look, settings } from './in-sandbox.ts'

const request: PlanRequest = { kind: 'feature-flag', flag: null }
const undo: PlanRequest = { kind: 'undo', plan: 1 }
const UNDO_KEY = 'i-1/plan-2'
const { name: MAP, map: GENERAL, maps } = IN_CONFIG_MAP
const WHAT = `${FLAG} of ConfigMap ${MAP}`

/** The flag in a ConfigMap that the pods of the backend read. */
function flagged(changes: object = {}) {
  const featureFlag = flagSettings({ ...IN_CONFIG_MAP.settings, ...changes })
  const sandbox = inSandbox({ featureFlag }, { scenario: 'tenant-flag', configMaps: maps })
  const { configMaps, instances } = sandbox.world
  if (!configMaps || !instances) throw new Error('the sandbox has everything')
  const keyNow = async (): Promise<ConfigMapKey> => {
    const found = await configMaps.find(MAP, FLAG, patience())
    if (!found) throw new Error('it is not there')
    return found
  }
  return {
    ...sandbox,
    ...sandbox.others,
    keyNow,
    planned: (): Promise<BoundStep> => sandbox.stepOf(request),
    /** What each pod goes by. */
    async told(): Promise<unknown[]> {
      const all = (await instances.list('backend', patience())).filter(({ ending }) => !ending)
      const ask = { port: 8080, path: '/flags', signal: patience() }
      const pages = await Promise.all(all.map(({ id }) => instances.ask('backend', id, ask)))
      return pages.map((page) => JSON.parse(page?.body ?? '{}')[FLAG])
    },
    /** The incident in which that plan was carried out. */
    async carriedOut() {
      const draft = await sandbox.drafted(request)
      for (const step of draft.steps) {
        const { proof } = await sandbox.carryOut(step)
        if (proof.kind !== 'verified') throw new Error(proof.says)
      }
      const steps = draft.steps.flatMap((_, at) => [stepStarted(at), stepSucceeded(at)])
      return { draft, incident: incidentWith(draft, [...steps, runEnded()], request) }
    },
  }
}

const manager = (more: Partial<Manager>): Manager => ({
  says: 'Argo CD application shop',
  scales: false,
  owner: { kind: 'Application', namespace: 'argocd', name: 'shop' },
  ...more,
})

/** As its pods would be after a change of their template. */
function withTemplate(world: World, change: (text: string) => string): World {
  const { deployments } = world
  if (!deployments) throw new Error('the sandbox has Deployments')
  const changed = (one: Sighting): Sighting => ({
    ...one,
    current: one.current && {
      ...one.current,
      template: JSON.parse(change(JSON.stringify(one.current.template))),
    },
  })
  return {
    ...world,
    deployments: {
      ...deployments,
      sightings: async (...args) => (await deployments.sightings(...args)).map(changed),
    },
  }
}

describe('a plan to switch a flag in a ConfigMap', () => {
  test('names the ConfigMap that the pods read, and that the next apply makes another one', async () => {
    const draft = await flagged(CHECKED).drafted(request)
    expect(draft).toMatchObject({
      title: `switch ${FLAG} to "false"`,
      targets: [
        `production: config map production/${MAP}`,
        'production: deployment production/backend',
      ],
      changes: [{ what: WHAT, from: '"true"', to: '"false"' }],
    })
    expect(draft.steps.map(({ title }) => title)).toEqual([
      `Check once more that ${FLAG} may be switched`,
      `Set ${WHAT} to "false", and restart backend`,
      `Read ${FLAG} back from every instance of backend`,
      'Prove that health is right: backend, frontend',
    ])
    expect(draft.cautions).toEqual([
      `ConfigMap ${MAP} is what the pods read for general: its name carries a hash of what it held. The next apply makes a new one, with the value that stands in its source; change it there, too.`,
    ])
  })

  test('names whoever would put the old value back, and those once that it suspends', async () => {
    const kept = flagged()
    const helm = { says: 'Helm release shop', scales: false, owner: null, keepsHistory: true }
    kept.configMaps.put(MAP, { ...GENERAL, managedBy: [manager({}), helm] })
    expect((await kept.drafted(request)).cautions).toEqual(
      expect.arrayContaining([
        `ConfigMap ${MAP}: Argo CD application shop may put the old value back. Revert it there, too.`,
        `ConfigMap ${MAP}: Helm release shop may put the old value back. Revert it there, too.`,
      ]),
    )
    const shop = { kind: 'Application', namespace: 'argocd', name: 'shop' } as const
    const suspending = inSandbox(
      {
        featureFlag: flagSettings(IN_CONFIG_MAP.settings),
        kubernetes: { ...settings.kubernetes!, suspend: [shop] },
      },
      { scenario: 'tenant-flag', configMaps: maps },
    )
    suspending.others.keep({ ...shop, version: 'v2.0.0' })
    suspending.others.configMaps.put(MAP, { ...GENERAL, managedBy: [manager({})] })
    const draft = await suspending.drafted(request)
    expect(draft.steps[0]?.title).toBe('Suspend Argo CD application argocd/shop')
    expect(draft.cautions.join()).not.toContain('may put the old value back')
  })

  test.each([
    [
      'is immutable',
      { ...GENERAL, immutable: true },
      `ConfigMap ${MAP}: it is immutable, and is not replaced; deploy another one with ${FLAG}: "false", and let backend refer to that`,
    ],
    [
      'keeps the key as bytes',
      { data: {}, binary: [FLAG] },
      `ConfigMap ${MAP}: ${FLAG} is kept as binary data there, and no value of a flag`,
    ],
    [
      'belongs to a controller',
      { ...GENERAL, ownedBy: 'SealedSecret general' },
      `ConfigMap ${MAP}: SealedSecret general owns it and would write over it`,
    ],
    [
      'holds a whole file',
      { data: { [FLAG]: 'a: b\nc: d\n' } },
      `what stands there is no value of a flag: ${WHAT}`,
    ],
  ])('is not possible where the ConfigMap %s', async (_what, map, because) => {
    const { problem, configMaps } = flagged()
    configMaps.put(MAP, map)
    expect(await problem(request)).toBe(because)
  })

  test('is not possible where it is not there, or the pods read another one', async () => {
    const gone = flagged()
    gone.configMaps.remove(MAP)
    expect(await gone.problem(request)).toBe(`ConfigMap ${MAP} is not there`)
    const places = (changes: object) => [
      { in: 'config-map', configMap: 'general', services: ['backend'], ...changes },
    ]
    expect(await flagged({ places: places({ configMap: 'shop' }) }).problem(request)).toBe(
      `backend: its pods refer to no ConfigMap shop, but to ${MAP}`,
    )
    expect(await flagged({ places: places({ services: ['frontend'] }) }).problem(request)).toBe(
      'frontend: its pods refer to no ConfigMap general, nor to any other',
    )
    const paused = flagged()
    paused.set('backend', { paused: true })
    expect(await paused.problem(request)).toBe('backend: its rollout is paused; resume it first')
  })
})

describe('where it stands so already', () => {
  const stands = `${FLAG} is "false" already wherever it is kept`

  test('nothing is to be done, unless pods began before that and have not read it', async () => {
    const sandbox = flagged()
    sandbox.configMaps.set(MAP, FLAG, 'false')
    expect(await sandbox.problem(request)).toBe(
      `${stands}; backend has instances that began before ${WHAT} was last written, and may go by another value: restart it`,
    )
    await sandbox.carryOut(await sandbox.stepOf({ kind: 'restart', service: 'backend' }))
    sandbox.pass(60)
    expect(await sandbox.problem(request)).toBe(stands)
    expect(await sandbox.told()).toEqual(['false', 'false', 'false'])
  })

  test('the others are switched, and what has not read it is told', async () => {
    const places = [...IN_CONFIG_MAP.settings.places, { in: 'kubernetes-env', service: 'frontend' }]
    const sandbox = flagged({ places })
    sandbox.configMaps.set(MAP, FLAG, 'false')
    const draft = await sandbox.drafted(request)
    expect(draft.steps[0]?.title).toBe(`Set ${FLAG} of frontend to "false"`)
    expect(draft.cautions).toEqual(
      expect.arrayContaining([
        `${WHAT} is "false" already, and stays so.`,
        `backend has instances that began before ${WHAT} was last written, and may go by another value: restart it.`,
      ]),
    )
  })
})

describe('a flag in a ConfigMap', () => {
  test('is switched in every pod, and switched back', async () => {
    const sandbox = flagged(CHECKED)
    const { incident } = await sandbox.carriedOut()
    expect(await sandbox.told()).toEqual(['false', 'false', 'false'])
    const back = await sandbox.drafted(undo, incident)
    expect(back.title).toBe(`undo plan 1 and set ${WHAT} to "true", and restart backend`)
    for (const step of back.steps) {
      expect((await sandbox.carryOut(step, UNDO_KEY)).proof).toMatchObject({ kind: 'verified' })
    }
    expect(await sandbox.told()).toEqual(['true', 'true', 'true'])
    expect(await sandbox.problem(undo, incident)).toBe('it stands as it did before plan 1 already')
  })

  test('that was not set is not set again afterwards', async () => {
    const sandbox = flagged(CHECKED)
    sandbox.configMaps.put(MAP, { data: { LOG_LEVEL: 'info' } })
    const { draft, incident } = await sandbox.carriedOut()
    expect(draft.changes).toMatchObject([{ what: WHAT, from: 'not set', to: '"false"' }])
    expect(draft.cautions).toContain(`ConfigMap ${MAP}: ${FLAG} is not set there now.`)
    const back = await sandbox.drafted(undo, incident)
    expect(back.steps[0]?.title).toBe(
      `Take ${FLAG} away from ConfigMap ${MAP}, and restart backend`,
    )
    for (const step of back.steps) {
      expect((await sandbox.carryOut(step, UNDO_KEY)).proof).toMatchObject({ kind: 'verified' })
    }
    expect((await sandbox.keyNow()).value).toBeNull()
    expect(await sandbox.told()).toEqual([null, null, null])
  })

  test('whose pods were not restarted when the process died is gone on with, unasked (J4)', async () => {
    const sandbox = flagged()
    const step = await sandbox.planned()
    const seen = await sandbox.keyNow()
    const options = { cause: 'a test', dryRun: false, signal: patience() }
    const key = `${KEY}/${MAP}/${FLAG}`
    await sandbox.world.configMaps?.write({ seen, to: 'false' }, { key, ...options })
    expect(await sandbox.told()).toEqual(['true', 'true', 'true'])
    expect(await look(sandbox, step)).toMatchObject({ kind: 'needed', begun: true })
    expect(await sandbox.carryOut(step)).toMatchObject({ proof: { kind: 'verified' } })
    expect(await sandbox.told()).toEqual(['false', 'false', 'false'])
  })

  test('that somebody has set meanwhile still needs the restart, and what they set else is left alone', async () => {
    const theirs = flagged()
    const step = await theirs.planned()
    theirs.configMaps.set(MAP, FLAG, 'false')
    expect(await look(theirs, step)).toMatchObject({ kind: 'needed', begun: false })
    await theirs.carryOut(step)
    expect(await theirs.told()).toEqual(['false', 'false', 'false'])
    const other = flagged()
    const blocked = await other.planned()
    other.configMaps.set(MAP, FLAG, 'maybe')
    expect(await look(other, blocked)).toEqual({
      kind: 'blocked',
      begun: false,
      says: `${WHAT} is "maybe": somebody changed it meanwhile`,
    })
  })

  test('is not written where it is another ConfigMap by now, or its pods read another one', async () => {
    const anew = flagged()
    const step = await anew.planned()
    anew.configMaps.put(MAP, GENERAL)
    expect(await look(anew, step)).toMatchObject({
      kind: 'blocked',
      says: `ConfigMap ${MAP}: it was deleted or made anew`,
    })
    const applied = flagged()
    const world = withTemplate(applied.world, (text) => text.replaceAll(MAP, 'general-9k4tb2'))
    const found = await (await applied.planned()).inspect({ ...applied.context(), world })
    expect(found).toMatchObject({
      kind: 'blocked',
      says: `backend: its pods refer to no ConfigMap ${MAP}, but to general-9k4tb2`,
    })
  })

  test('is not taken away where no pod would start without it', async () => {
    const sandbox = flagged()
    sandbox.configMaps.put(MAP, { data: { LOG_LEVEL: 'info' } })
    const step = await sandbox.planned()
    await sandbox.carryOut(step)
    const back = sandbox.runbook.bind(inverseOf(step))
    const required = (text: string) => text.replace(',"optional":true', '')
    const world = withTemplate(sandbox.world, required)
    expect(await back.inspect({ ...sandbox.context(UNDO_KEY), world })).toMatchObject({
      kind: 'blocked',
      says: `backend: without ${FLAG} in ConfigMap ${MAP} no pod starts`,
    })
  })

  test('restarts what something else has restarted as soon as the key was written', async () => {
    const sandbox = flagged()
    const step = await sandbox.planned()
    const { configMaps, deployments } = sandbox.world
    // As Stakater Reloader does.
    const reloading: World = {
      ...sandbox.world,
      configMaps: {
        ...configMaps!,
        async write(...args) {
          const said = await configMaps!.write(...args)
          sandbox.scale('backend', 2)
          return said
        },
      },
    }
    const context = { ...sandbox.context(), world: reloading }
    const found = await step.inspect(context)
    if (found.kind !== 'needed') throw new Error(found.says)
    expect(await found.apply(context)).toEqual({ kind: 'look-again' })
    expect(await sandbox.carryOut(step)).toMatchObject({ proof: { kind: 'verified' } })
    expect((await deployments!.sightings(['backend'], patience()))[0]?.lastWrite).toBe(
      `${KEY}/${MAP}/${FLAG}`,
    )
  })

  test('is written where nothing runs that could read it', async () => {
    const sandbox = flagged()
    sandbox.scale('backend', 0)
    sandbox.pass(60)
    expect((await sandbox.drafted(request)).cautions).toContain(
      'backend: it is scaled to 0. Nothing of it runs until it is scaled up.',
    )
    expect(await sandbox.carryOut(await sandbox.planned())).toMatchObject({
      proof: { kind: 'verified' },
    })
  })
})

function inverseOf({ onUndo }: BoundStep): PlannedStep {
  if (onUndo?.kind !== 'invert') throw new Error('it has no inverse')
  return onUndo.step
}
