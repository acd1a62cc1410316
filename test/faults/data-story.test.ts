import { expect, test } from 'vitest'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { stateOfItem } from '../../src/domain/verification/verification.ts'
import { wish } from '../support/engine-story.ts'
import { folded, incidentOf, tell, tellMore } from '../support/rollback-story.ts'
import { damaged, leftOnData, planAndSign, RESTORED, SWITCHED } from './data-story.ts'

const UNTOUCHED = { fence: false, lost: 0, backend: 3, maintenance: null, proof: 'intact' }
const BESIDE = ['new organizations of plan 1', 'new projects of plan 1']
const ASIDE = ['old organizations of plan 1', 'old projects of plan 1']
const SWITCH = [
  'set-maintenance succeeded',
  'scale-workloads succeeded',
  'switch-collections succeeded',
  'scale-workloads succeeded',
  'prove-services succeeded',
  'prove-application succeeded',
  'set-maintenance succeeded',
]

async function story(told = SWITCHED, ...more: readonly PlanRequest[]) {
  const around = damaged()
  const process = around.startProcess()
  await tell(around, process, 0, told)
  for (const request of more) await tellMore(around, process, planAndSign(request))
  const left = await leftOnData(around)
  around.end()
  return left
}

test('a backup is restored beside the live data, and users notice nothing', async () => {
  expect(await story(RESTORED)).toMatchObject({
    ...UNTOUCHED,
    live: 'damaged',
    kept: BESIDE,
    outcomes: ['succeeded'],
    steps: [['back-up-data succeeded', 'restore-beside succeeded', 'compare-data succeeded']],
  })
})

test('what was restored becomes live, what was live is kept, and everything is given back', async () => {
  const left = await story()
  expect(left).toMatchObject({ ...UNTOUCHED, live: 'as before the release', kept: ASIDE })
  expect(left.outcomes).toEqual(['succeeded', 'succeeded'])
  expect(left.steps[1]).toEqual(SWITCH)
})

test('a switch is undone by a switch: writers are stopped anew, and people told anew', async () => {
  const left = await story(SWITCHED, { kind: 'undo', plan: 2 })
  expect(left).toMatchObject({ ...UNTOUCHED, live: 'damaged', kept: BESIDE })
  expect(left.steps[2]).toEqual(SWITCH)
})

test('what holds copies of the data is to be rebuilt by somebody, and stays ticked until data changes places again', async () => {
  const around = damaged()
  const process = around.startProcess()
  const listed = async () => {
    const { verification } = (await folded(around)) ?? {}
    return (verification?.items ?? []).map((item) => {
      return `${item.title}: ${verification ? stateOfItem(verification, item).kind : ''}`
    })
  }
  const [id, rebuild] = ['plan-2-1', 'search index: rebuild from empty (search team)']
  await tell(around, process, 0, SWITCHED)
  process.engine.tick()
  await process.engine.idle()
  expect(await listed()).toEqual([`${rebuild}: wants-person`])
  const hear = async (...wished: Parameters<typeof wish>) => {
    const incident = await incidentOf(around)
    await process.engine.receive(incident, wish(...wished))
    process.engine.wake(incident)
    await process.engine.idle()
  }
  await hear('rebuilt', { kind: 'tick-verified', item: id })
  expect(await listed()).toEqual([`${rebuild}: ticked`])
  await hear('verified-again', { kind: 'verify' })
  expect(await listed()).toEqual([`${rebuild}: ticked`])
  await tellMore(around, process, planAndSign({ kind: 'undo', plan: 2 }))
  await hear('verified-after-it', { kind: 'verify' })
  expect(await listed()).toEqual([`${rebuild}: wants-person`])
  around.end()
})

test('and that undo is undone', async () => {
  const left = await story(SWITCHED, { kind: 'undo', plan: 2 }, { kind: 'undo', plan: 3 })
  expect(left).toMatchObject({ ...UNTOUCHED, live: 'as before the release', kept: ASIDE })
  expect(left.steps[3]).toEqual(SWITCH)
})

test('what is only in what was set aside is copied back', async () => {
  const left = await story(SWITCHED, { kind: 'salvage' })
  expect(left).toMatchObject({ ...UNTOUCHED, kept: ASIDE })
  expect(left.outcomes).toEqual(['succeeded', 'succeeded', 'succeeded'])
})

test('what was live is kept for as long as the settings say', async () => {
  const left = await story(SWITCHED, { kind: 'tidy-up' })
  expect(left).toMatchObject({ ...UNTOUCHED, kept: ASIDE })
  expect(left.outcomes.at(-1)).toBe('infeasible')
})

test('where the settings keep it for no time at all, it may be removed at once', async () => {
  const around = damaged({ keepMs: 0 })
  const process = around.startProcess()
  await tell(around, process, 0, SWITCHED)
  await tellMore(around, process, planAndSign({ kind: 'tidy-up' }))
  const left = await leftOnData(around)
  around.end()
  // With it goes what users wrote since, as two people have signed.
  expect(left).toMatchObject({ live: 'as before the release', kept: [], proof: 'intact' })
  expect(left.outcomes.at(-1)).toBe('succeeded')
})

test('what never was live may be removed at once', async () => {
  const left = await story(RESTORED, { kind: 'tidy-up' })
  expect(left).toMatchObject({ ...UNTOUCHED, live: 'damaged', kept: [] })
})

test('with more writes than were signed for, nothing is switched, and everything is given back', async () => {
  const around = damaged()
  const process = around.startProcess()
  await tell(around, process, 0, RESTORED)
  for (let at = 0; at < 1_001; at += 1) {
    around.sandbox.onData?.write('projects', { _id: `late-${at}`, organization: 'org-1' })
  }
  await tellMore(around, process, planAndSign({ kind: 'database', backup: null }))
  const left = await leftOnData(around)
  await tellMore(around, process, planAndSign({ kind: 'undo', plan: 2 }))
  const after = await leftOnData(around)
  around.end()
  expect(left).toMatchObject({ ...UNTOUCHED, live: 'damaged', kept: BESIDE })
  expect(left.outcomes).toEqual(['succeeded', 'failed'])
  // What it has given back itself is not taken anew.
  expect(after).toMatchObject({ ...UNTOUCHED, live: 'damaged', kept: BESIDE })
  expect(after.outcomes.at(-1)).toBe('infeasible')
  expect(left.says).toContain(
    'were written since the comparison, and 1,000 at most were signed for',
  )
  expect(left.steps[1]).toEqual([
    'set-maintenance succeeded',
    'scale-workloads succeeded',
    'switch-collections failed',
    'scale-workloads succeeded',
    'prove-services pending',
    'prove-application pending',
    'set-maintenance succeeded',
  ])
})
