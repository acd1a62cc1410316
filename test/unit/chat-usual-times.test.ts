import { expect, test } from 'vitest'
import { renderSurface } from '../../src/chat/render.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { Plan } from '../../src/domain/plan/plan.ts'
import {
  declared,
  incidentAfter,
  opened,
  plan,
  proposed,
  requested,
  runStarted,
  signed,
} from '../support/builders.ts'
import { RENDERED_WITH } from '../support/rendered-with.ts'

function shown(surface: 'run-1' | 'headline', times: Partial<Plan>, ...events: readonly Event[]) {
  const story = [...proposed(plan(times)), signed('U0BO'), signed('U0CY'), runStarted]
  const incident = incidentAfter(opened, requested, declared, ...story, ...events)
  return JSON.stringify(renderSurface(surface, incident, RENDERED_WITH))
}

const begun: Event = { type: 'step-started', plan: 1, step: 0 }

test('each step says how long it took the last times, the one under way since when', () => {
  const text = shown('run-1', { usualStepsMs: [45_000, null] }, begun)
  expect(text).toMatch(/Under way since [^"]*, usually 45 s/)
  expect(text).toContain('"Not begun"')
})

test('the headline says since when it is carried out, and how long that took the last times', () => {
  expect(shown('headline', { expectedMs: 360_000 }, begun)).toMatch(
    /step 1 of 2, begun [^"]*, usually 6 min in all/,
  )
})

test('what never ran has no usual time', () => {
  expect(shown('headline', { expectedMs: null }, begun)).not.toContain('usually')
  expect(shown('run-1', {}, begun)).not.toContain('usually')
})
