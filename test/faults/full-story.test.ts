import { expect, test } from 'vitest'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { ASKED, folded, tell, tellMore } from '../support/rollback-story.ts'
import { damaged, leftOnData, planAndSign, RESTORED } from './data-story.ts'

const FULL: PlanRequest = { kind: 'full', toVersion: null, backup: null }
const signal = new AbortController().signal

/** `given`: what happens before the last of them is asked for. */
async function story(before = RESTORED, ...requests: readonly PlanRequest[]) {
  const around = damaged()
  const process = around.startProcess()
  await tell(around, process, 0, before)
  for (const request of requests) await tellMore(around, process, planAndSign(request))
  const left = await leftOnData(around)
  const releases = await around.sandbox.world.deployments!.releases(['backend', 'frontend'], signal)
  const plans = (await folded(around))?.plans ?? []
  around.end()
  const runs = releases.map(({ current, replicas }) => `${current?.images.join()} ${replicas}`)
  const rehearsals = plans.map(({ rehearsal }) => rehearsal)
  const cautions = plans.at(-1)?.plan?.cautions.join(' ') ?? ''
  return { ...left, runs, rehearsals, cautions }
}

const BACK = ['pipeshub/backend:v1.9.0 3', 'pipeshub/frontend:v1.9.0 2']
const BAD = BACK.map((one) => one.replace('v1.9.0', 'v2.0.0'))

test('data, code and caches go back as one plan, while nobody works with them', async () => {
  const left = await story(RESTORED, FULL)
  expect(left.steps[1]).toEqual([
    'set-maintenance succeeded',
    'scale-workloads succeeded',
    'switch-collections succeeded',
    'restore-revisions succeeded',
    'clear-cache succeeded',
    'scale-workloads succeeded',
    'prove-services succeeded',
    'prove-application succeeded',
    'scale-workloads succeeded',
    'set-maintenance succeeded',
  ])
  expect(left).toMatchObject({ live: 'as before the release', lost: 0, maintenance: null })
  expect(left.runs).toEqual(BACK)
  // What starts and gives back later stands on what was not done yet when it was tried.
  expect(left.rehearsals[1]).toMatchObject({ ok: true })
  expect(left.cautions).not.toContain('runs still')
})

test('where nothing stands beside, the data stays, and the card says so', async () => {
  const left = await story(ASKED.slice(0, -1), FULL)
  expect(left.cautions).toContain('The database stays as it is: nothing is restored beside')
  expect(left.steps[0]).not.toContain('switch-collections succeeded')
  expect(left).toMatchObject({ live: 'damaged', maintenance: null, outcomes: ['succeeded'] })
  expect(left.runs).toEqual(BACK)
})

test('and is taken back like the whole', async () => {
  const left = await story(ASKED.slice(0, -1), FULL, { kind: 'undo', plan: 1 })
  expect(left).toMatchObject({ maintenance: null, outcomes: ['succeeded', 'succeeded'] })
  expect(left.runs).toEqual(BAD)
})

test('and all of it back again, as one plan', async () => {
  const left = await story(RESTORED, FULL, { kind: 'undo', plan: 2 })
  expect(left.steps[2]).toEqual([
    'set-maintenance succeeded',
    'scale-workloads succeeded',
    'switch-collections succeeded',
    'restore-revisions succeeded',
    'clear-cache succeeded',
    'scale-workloads succeeded',
    'prove-services succeeded',
    'prove-application succeeded',
    'set-maintenance succeeded',
  ])
  expect(left).toMatchObject({ live: 'damaged', lost: 0, maintenance: null })
  expect(left.runs).toEqual(BAD)
})
