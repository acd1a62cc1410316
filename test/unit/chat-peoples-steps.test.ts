import { expect, test } from 'vitest'
import { renderSurface } from '../../src/chat/render.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { Surface } from '../../src/domain/incident/surface.ts'
import {
  declared,
  incidentAfter,
  opened,
  plan,
  proposed,
  requested,
  runStarted,
  signed,
  stepDone,
} from '../support/builders.ts'
import { presses } from '../support/pressable.ts'
import { assertWithinLimits } from '../support/slack-limits.ts'
import { RENDERED_WITH } from '../support/rendered-with.ts'

const people = { byPeople: 'edge team' }
const twoKinds = plan({
  steps: [
    { id: 'set-maintenance', title: 'Maintenance on', input: {}, meanwhile: 'maintenance is on' },
    { id: 'people-do', title: 'edge team: drain the load balancer', input: {}, ...people },
    { id: 'scale-workload', title: 'Stop', input: {} },
  ],
})
const asked = [
  opened,
  requested,
  declared,
  ...proposed(twoKinds),
  signed('U0BO'),
  signed('U0CY'),
  runStarted,
  ...stepDone(0, 'on'),
  { type: 'people-asked', plan: 1, step: 1 },
] satisfies Event[]
const done: Event = {
  type: 'step-succeeded',
  plan: 1,
  step: 1,
  applied: false,
  says: 'done',
  by: 'U0EVA',
}

function shown(surface: Surface, ...events: readonly Event[]) {
  const view = renderSurface(surface, incidentAfter(...asked, ...events), RENDERED_WITH)
  assertWithinLimits(view)
  const pressed = presses(view).filter(({ action }) => action === 'step-done')
  return { text: JSON.stringify(view), values: pressed.map(({ value }) => value) }
}

test('the run says since when it waits for people, with a button to say that it is done', () => {
  const { text, values } = shown('run-1')
  expect(text).toContain('👤 2. *edge team: drain the load balancer*')
  expect(text).toContain('Waits for people since')
  expect(values).toEqual(['i-1/1/1'])
})

test('people are told in a message of its own what stands until then', () => {
  const { text, values } = shown(`note-${asked.length}`)
  expect(text).toContain('👤 edge team: drain the load balancer. Plan 1 waits for it.')
  expect(text).toContain('Until then: maintenance is on.')
  expect(values).toEqual(['i-1/1/1'])
})

test('the headline says who is needed', () => {
  expect(shown('headline').text).toContain(
    'edge team: drain the load balancer. Then press Done in the thread: plan 1 waits for it.',
  )
  expect(shown('headline', done).text).toContain('Wait. It can be stopped in the thread.')
})

test('afterwards it says by whose word it is done, and offers nothing more', () => {
  const { text, values } = shown('run-1', done)
  expect(text).toMatch(/Done in [^"]*, says <@U0EVA>\./)
  expect(values).toEqual([])
})

test('their word is not called a proof', () => {
  const ended: Event = { type: 'run-ended', plan: 1, outcome: 'succeeded', says: 'all of it' }
  const { text } = shown('run-1', done, ...stepDone(2, 'stopped'), ended)
  expect(text).toContain('and what people did is their word')
})
