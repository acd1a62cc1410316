import { expect, test } from 'vitest'
import { leftOpen } from '../../src/domain/incident/left-open.ts'
import { MAINTAINED } from '../../src/domain/plan/left-meanwhile.ts'
import { renderSurface } from '../../src/chat/render.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { PlannedStep } from '../../src/domain/plan/plan.ts'
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
import { assertWithinLimits } from '../support/slack-limits.ts'
import { RENDERED_WITH } from '../support/rendered-with.ts'

const step = (title: string, more: Partial<PlannedStep> = {}): PlannedStep => {
  return { id: 'scale-workload', title, input: {}, ...more }
}

const meanwhile = plan({
  steps: [
    step('Stop', { meanwhile: 'backend is stopped' }),
    step('Switch'),
    step('Start', { endsMeanwhile: 'backend is stopped' }),
    step('Prove', { whenStopped: 'it is ended; it only looks' }),
  ],
})
const maintained = plan({
  steps: [
    step('On', { meanwhile: MAINTAINED }),
    step('Switch'),
    step('Off', { endsMeanwhile: MAINTAINED }),
  ],
})
const begunOf = (of: typeof meanwhile): readonly Event[] => [
  opened,
  requested,
  declared,
  ...proposed(of),
  signed('U0BO'),
  signed('U0CY'),
  { type: 'plan-prepared', plan: 1, what: 'evidence', ok: true, says: '12 files' },
  runStarted,
]
const running = begunOf(meanwhile)

const begun = (at: number): Event => ({ type: 'step-started', plan: 1, step: at })
const stopped: readonly Event[] = [
  { type: 'abort-requested', plan: 1, by: 'U0BO' },
  { type: 'run-ended', plan: 1, outcome: 'aborted', says: 'stopped after step 1 of 4' },
]

function shown(surface: 'run-1' | 'headline', ...events: readonly Event[]): string {
  const view = renderSurface(surface, incidentAfter(...running, ...events), RENDERED_WITH)
  assertWithinLimits(view)
  return JSON.stringify(view)
}

test.each<[string, readonly Event[], string, boolean]>([
  ['before anything', [], 'Nothing else is begun.', false],
  [
    'while they are being stopped',
    [begun(0)],
    'Until Undo it is left so: backend is stopped. Step 1 has begun: what it writes is finished first.',
    true,
  ],
  [
    'while they are stopped',
    stepDone(0, 'done'),
    'Until Undo it is left so: backend is stopped. 1 of 4 steps are done and stay done.',
    true,
  ],
  [
    'once they are started again',
    [...stepDone(0, 'done'), ...stepDone(1, 'done'), ...stepDone(2, 'done'), begun(3)],
    'Step 4 has begun: it is ended; it only looks. 3 of 4 steps are done',
    false,
  ],
])('the Stop button says what is left, %s', (_, events, says, isLeft) => {
  const card = shown('run-1', ...events)
  expect(card).toContain(says)
  expect(card.includes('Until Undo it is left so')).toBe(isLeft)
})

test('who has stopped a plan reads on its card and in the headline what is left so', () => {
  const left = [...stepDone(0, 'done'), ...stopped]
  expect(shown('run-1', ...left)).toContain('*Left so until _Undo_:* backend is stopped.')
  expect(shown('headline', ...left)).toContain('left so: backend is stopped')
})

test('what is left is the title of the headline, and somebody has to decide', () => {
  const left = shown('headline', ...stepDone(0, 'done'), ...stopped)
  expect(left).toContain('🚨 production: backend is stopped. Declared as:')
  expect(left).toContain('was stopped after step 1 of 4')
  expect(left).toContain('*Next:* Decide in the thread, on the card of plan 1')
  expect(left).not.toContain('Check again')
})

test('what was given back, or was there already, is not said to be left', () => {
  const back = [...stepDone(0, 'done'), ...stepDone(1, 'done'), ...stepDone(2, 'done'), ...stopped]
  expect(shown('run-1', ...back)).not.toContain('eft so')
  expect(shown('run-1', ...stepDone(0, 'stood so', false), ...stopped)).not.toContain('eft so')
})

const runDone: Event = { type: 'run-ended', plan: 1, outcome: 'succeeded', says: 'all of it' }
const failed = (at: number): readonly Event[] => [
  begun(at),
  { type: 'step-failed', plan: 1, step: at, applied: 'yes', says: 'somebody scaled it meanwhile' },
  { type: 'run-ended', plan: 1, outcome: 'failed', says: 'somebody scaled it meanwhile' },
]

test.each([
  ['could not be stopped', failed(0)],
  ['could not be started again', [...stepDone(0, 'done'), ...stepDone(1, 'done'), ...failed(2)]],
])('a service that %s is not said to be stopped: nobody has seen how it stands', (_, events) => {
  expect(shown('run-1', ...events)).toContain(
    '*Left so until _Undo_, as last seen:* not known whether backend is stopped.',
  )
  expect(shown('headline', ...events)).toContain('not known whether backend is stopped')
})

test('where another step has failed, what was seen before it is told as that', () => {
  const events = [...stepDone(0, 'done'), ...failed(1)]
  expect(shown('run-1', ...events)).toContain(
    '*Left so until _Undo_, as last seen:* backend is stopped.',
  )
  expect(shown('headline', ...events)).toContain('left so, as last seen: backend is stopped')
})

test.each([
  ['was stopped before it turned it off', [...stepDone(0, 'done'), ...stopped], 1],
  ['could not turn it off', [...stepDone(0, 'done'), ...stepDone(1, 'done'), ...failed(2)], 1],
  ['has turned it off', [0, 1, 2].flatMap((at) => stepDone(at, 'done')), null],
] as const)(
  'whoever closes an incident reads of maintenance that a plan left on: it %s',
  (_, events, by) => {
    const whole = [...events, ...(by === null ? [runDone] : [])]
    const incident = incidentAfter(...begunOf(maintained), ...whole)
    const left = leftOpen(incident).filter(({ what }) => what === 'maintenance')
    expect(left).toEqual(by === null ? [] : [{ what: 'maintenance', plan: by }])
  },
)
