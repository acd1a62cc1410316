import { expect, test } from 'vitest'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { tell, tellMore } from '../support/rollback-story.ts'
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
  around.end()
  const runs = releases.map(({ current, replicas }) => `${current?.images.join()} ${replicas}`)
  return { ...left, runs }
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
