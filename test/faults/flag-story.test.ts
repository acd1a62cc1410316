import { describe, expect, test } from 'vitest'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { atRest, surroundings, type Surroundings } from '../support/engine-story.ts'
import { CHECKED, flagSettings } from '../support/flag.ts'
import { ISOLATION } from '../support/isolation.ts'
import { deathsAt, type Death } from '../support/mortal.ts'
import { ASKED, folded, tell, tellMore } from '../support/rollback-story.ts'
import { planAndSign } from './data-story.ts'
import { left, OFF, ON, SWITCH, UNDO } from './flag-story.ts'
import { isWrite, outward } from './outward.ts'

const featureFlag = flagSettings(CHECKED)

const begun = (): Surroundings => surroundings({ scenario: 'tenant-flag', featureFlag })

async function story(...requests: readonly PlanRequest[]) {
  const around = begun()
  const process = around.startProcess()
  await tell(around, process, 0, ASKED.slice(0, -1))
  for (const request of requests) await tellMore(around, process, planAndSign(request))
  return left(around)
}

test('a flag is switched in every pod, and each of them is asked', async () => {
  const switched = await story(SWITCH)
  expect(switched).toMatchObject({ told: OFF, outcomes: ['succeeded'], proof: 'intact' })
  expect(switched.steps).toEqual([
    [
      'check-precondition succeeded',
      'set-variable succeeded',
      'read-flag-back succeeded',
      'prove-services succeeded',
    ],
  ])
  expect(switched.says).toContain('3 of 3 instances read "false"')
})

test('and back to what it was', async () => {
  const back = await story(SWITCH, UNDO)
  expect(back).toMatchObject({ told: ON, outcomes: ['succeeded', 'succeeded'] })
  expect(back.says).toContain('3 of 3 instances read "true"')
})

test('after it, the code goes back to the version before, and not to the bad one with its flag', async () => {
  const both = await story(SWITCH, { kind: 'kubernetes', toVersion: null })
  expect(both.images).toEqual(['pipeshub/backend:v1.9.0'])
  expect(both.outcomes).toEqual(['succeeded', 'succeeded'])
})

test('nothing is written when what it protects has become true since it was planned', async () => {
  const around = begun()
  const process = around.startProcess()
  await tell(around, process, 0, ASKED.slice(0, -1))
  const [plan, ...signatures] = planAndSign(SWITCH)
  await tellMore(around, process, [plan!])
  around.sandbox.change({ matching: { projects: 1_204 } })
  await tellMore(around, process, signatures)
  const after = await left(around)
  expect(after.told).toEqual(ON)
  expect(after.outcomes.at(-1)).not.toBe('succeeded')
})

test('organisations that see one another once it is switched are told with the first look, and its undo is planned', async () => {
  const around = surroundings({ scenario: 'tenant-flag', featureFlag, isolation: ISOLATION })
  const process = around.startProcess()
  await tell(around, process, 0, ASKED.slice(0, -1))
  await tellMore(around, process, planAndSign(SWITCH))
  around.sandbox.change({ leaksBetweenOrganisations: true })
  around.pass(10_000)
  process.engine.tick()
  await process.engine.idle()
  const incident = await folded(around)
  expect(incident?.watch).toMatchObject({ plan: 1, state: 'relapse', looks: 1 })
  expect(incident?.plans.map(({ request }) => request)).toEqual([SWITCH, UNDO])
  expect(incident?.plans[1]?.plan?.title).toContain('undo plan 1')
  expect(JSON.stringify(around.slack.messages)).toMatch(
    /Production is bad: data of one organisation is shown to another[\s\S]*acme does not see globex/,
  )
  around.end()
})

describe('killed at each write to the cluster', async () => {
  async function killed(death: Death) {
    const around = begun()
    const writes: number[] = []
    const first: ReturnType<typeof around.startProcess> = around.startProcess(
      death,
      outward(async (call, make) => {
        if (call.port === 'cluster' && isWrite(call)) writes.push(first.life.calls)
        return make()
      }),
    )
    await tell(around, first, 0, ASKED.slice(0, -1))
    for (const request of [SWITCH, UNDO]) {
      if (!first.life.dead) await tellMore(around, first, planAndSign(request))
    }
    if (first.life.dead) {
      const second = around.startProcess()
      await second.engine.resume()
      await atRest(second.engine, second.life)
    }
    return { ...(await left(around)), writes }
  }

  const unharmed = await killed(null)
  const deaths = deathsAt(unharmed.writes)

  test('without a death', () => {
    console.log(`crash points of a flag: ${deaths.length}`)
    expect(deaths.length).toBeGreaterThan(3)
    expect(unharmed.told).toEqual(ON)
  })

  test.each(deaths)('$at, $when: the second process comes to the same end (J4)', async (death) => {
    const after = await killed(death)
    expect(after.outcomes.every((one) => one === 'succeeded')).toBe(true)
    expect(after.told).toEqual(after.outcomes.length === 1 ? OFF : ON)
    expect(after.proof).toBe('intact')
  })
})
