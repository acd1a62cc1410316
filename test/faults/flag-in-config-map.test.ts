import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { FLAG } from '../../src/sandbox/production.ts'
import { atRest, surroundings, type Surroundings } from '../support/engine-story.ts'
import { CHECKED, flagSettings, IN_CONFIG_MAP } from '../support/flag.ts'
import { deathsBetween, type Death } from '../support/mortal.ts'
import { ASKED, insist, tell, tellMore } from '../support/rollback-story.ts'
import { planAndSign } from './data-story.ts'
import { left, OFF, ON, SWITCH, UNDO } from './flag-story.ts'
import { deeds, distinct, isWrite, outward, type Made } from './outward.ts'

const { name, maps, settings } = IN_CONFIG_MAP

const begun = (): Surroundings =>
  surroundings({
    scenario: 'tenant-flag',
    featureFlag: flagSettings({ ...CHECKED, ...settings }),
    configMaps: maps,
  })

/** With how often the key was written: a restart is counted by the generation. */
async function leftIn(around: Surroundings) {
  const found = await around.sandbox.world.configMaps?.find(
    name,
    FLAG,
    new AbortController().signal,
  )
  return { value: found?.value, version: Number(found?.version), ...(await left(around)) }
}

async function story(...requests: readonly PlanRequest[]) {
  const around = begun()
  const process = around.startProcess()
  await tell(around, process, 0, ASKED.slice(0, -1))
  const before = await around.sandbox.world.deployments?.releases(
    ['backend'],
    new AbortController().signal,
  )
  for (const request of requests) await tellMore(around, process, planAndSign(request))
  return { ...(await leftIn(around)), generationBefore: before?.[0]?.generation ?? 0 }
}

const STEPS = [
  'check-precondition succeeded',
  'set-config-map-key succeeded',
  'read-flag-back succeeded',
  'prove-services succeeded',
]

test('a flag in a ConfigMap is switched by one write and one restart, and each pod is asked', async () => {
  const switched = await story(SWITCH)
  expect(switched).toMatchObject({ told: OFF, value: 'false', outcomes: ['succeeded'] })
  expect(switched.steps).toEqual([STEPS])
  expect(switched.says).toContain('3 of 3 instances read "false"')
  expect([switched.version, switched.generation - switched.generationBefore]).toEqual([2, 1])
})

test('and back to what it was', async () => {
  const back = await story(SWITCH, UNDO)
  expect(back).toMatchObject({ told: ON, value: 'true', outcomes: ['succeeded', 'succeeded'] })
  expect(back.says).toContain('3 of 3 instances read "true"')
  expect([back.version, back.generation - back.generationBefore]).toEqual([3, 2])
})

test('after it, the code goes back to the version before', async () => {
  const rolledBack = await story(SWITCH, { kind: 'kubernetes', toVersion: null })
  expect(rolledBack.images).toEqual(['pipeshub/backend:v1.9.0'])
  expect(rolledBack.outcomes).toEqual(['succeeded', 'succeeded'])
})

describe('killed between any two deeds', async () => {
  async function killed(death: Death) {
    const around = begun()
    const done = deeds(() => first.life)
    const first: ReturnType<typeof around.startProcess> = around.startProcess(death, done.ways)
    await tell(around, first, 0, ASKED.slice(0, -1))
    const from = first.life.calls
    for (const request of [SWITCH, UNDO]) {
      if (!first.life.dead) await tellMore(around, first, planAndSign(request))
    }
    if (first.life.dead) {
      const second = around.startProcess()
      await second.engine.resume()
      await atRest(second.engine, second.life)
      await insist(around, second, planAndSign(SWITCH).slice(0, 1))
    }
    return { ...(await leftIn(around)), effects: done.of().filter((at) => at > from) }
  }

  const unharmed = await killed(null)
  const deaths = deathsBetween(unharmed.effects)

  test('without a death', () => {
    console.log(`crash points of a flag in a ConfigMap: ${deaths.length}`)
    expect(deaths.length).toBeGreaterThan(15)
    expect(unharmed).toMatchObject({ told: ON, version: 3 })
  })

  test.each(deaths)(
    '$at, $when: the key is written once for each plan, and every pod goes by it (J4)',
    async (death) => {
      const after = await killed(death)
      const { length } = after.outcomes.filter((one) => one === 'succeeded')
      expect(after.outcomes.at(-1)).toBe('succeeded')
      expect(after.told).toEqual(length === 1 ? OFF : ON)
      expect(after.version).toBe(1 + length)
      expect(after.proof).toBe('intact')
    },
  )
})

const HOWS = ['never-sent', 'done-and-lost', 'not-done-and-lost'] as const
type How = (typeof HOWS)[number]

describe('a reply of the cluster that is lost', async () => {
  /** The `nth` call to the cluster, counted from the wish for a plan, goes wrong like this. */
  async function losing(nth: number, how: How) {
    const around = begun()
    let counting = false
    let changed = 0
    const made: (Made & { readonly changes: boolean })[] = []
    const lossy = outward(async (call, make) => {
      if (!counting || call.port !== 'cluster') return make()
      const changes = isWrite(call)
      made.push({ nth: made.length + 1, name: call.name, changed, changes })
      const isLost = made.length === nth
      if (changes && (!isLost || how === 'done-and-lost')) changed += 1
      if (!isLost) return make()
      if (how === 'done-and-lost') await make()
      const kind = how === 'never-sent' ? 'retryable' : 'unknown-outcome'
      throw new Fault({ kind, dependency: 'kubernetes', detail: 'the reply was lost' })
    })
    const process = around.startProcess(null, lossy)
    await tell(around, process, 0, ASKED.slice(0, -1))
    counting = true
    await tellMore(around, process, planAndSign(SWITCH))
    await insist(around, process, planAndSign(SWITCH).slice(0, 1))
    return { ...(await leftIn(around)), made }
  }

  const unharmed = await losing(0, 'never-sent')
  const cases = distinct(unharmed.made).flatMap((call) => {
    const changes = unharmed.made[call.nth - 1]?.changes
    return HOWS.filter((how) => changes || how === 'never-sent').map((how) => ({ ...call, how }))
  })

  test('without a loss', () => {
    console.log(`lost replies of a flag in a ConfigMap: ${cases.length}`)
    expect(cases.length).toBeGreaterThan(8)
    expect(unharmed).toMatchObject({ told: OFF, version: 2 })
  })

  test.each(cases)(
    'call $nth ($name) $how: looked up, one write of the key, and the run succeeds (J4)',
    async ({ nth, how }) => {
      const after = await losing(nth, how)
      expect(after).toMatchObject({ told: OFF, value: 'false', version: 2, proof: 'intact' })
      expect(after.outcomes.at(-1)).toBe('succeeded')
    },
  )
})
