import { describe, expect, test } from 'vitest'
import {
  hasWritten,
  isRunning,
  mayHaveWritten,
  runAction,
  stepSinceMs,
  type Run,
} from '../../../src/domain/plan/run.ts'
import { at, atMs } from '../../support/builders.ts'
import {
  failed,
  later,
  pending,
  planOf,
  runOf,
  started,
  succeeded,
} from '../../support/plan-story.ts'

const plan = planOf()
const abort = { by: 'U0BO', at }
const aborting = (...steps: Run['steps']) => runOf(steps, { abort })

describe('a run asks', () => {
  test.each([
    ['for its first step, on the clock since it began', runOf([pending, pending]), 0, atMs],
    ['for a started step, on the clock since that started', runOf([started, pending]), 0, later(5)],
    [
      'for the next step, on the clock since the last one ended',
      runOf([succeeded(), pending]),
      1,
      later(9),
    ],
    [
      'for a started step although it is to be stopped: what it left has to be said',
      aborting(succeeded(), started, pending),
      1,
      later(5),
    ],
  ])('%s', (_what, run, step, sinceMs) => {
    expect(runAction(run, plan, atMs)).toEqual({ kind: 'carry-out', step })
    expect(stepSinceMs(run, step)).toBe(sinceMs)
  })

  test.each([
    [
      'when every step is verified',
      runOf([succeeded(), succeeded(false)]),
      'succeeded',
      'every step was carried out and verified',
    ],
    ['when a step failed', runOf([succeeded(), failed(), pending]), 'failed', 'it did not work'],
    [
      'when it is stopped before its first step',
      aborting(pending, pending),
      'aborted',
      'stopped before the first step; nothing was written',
    ],
    [
      'when it is stopped between two steps',
      aborting(succeeded(), pending),
      'aborted',
      'stopped after step 1 of 2; what was done stays as it is',
    ],
    [
      'when the step that was under way failed',
      aborting(failed(), pending),
      'aborted',
      'it did not work',
    ],
  ])('to be ended %s', (_what, run, outcome, says) => {
    expect(runAction(run, plan, atMs)).toEqual({ kind: 'end', outcome, says })
  })

  test('to be called a success when every step was verified, whoever asked to stop it meanwhile', () => {
    expect(runAction(aborting(succeeded(), succeeded()), plan, atMs)).toMatchObject({
      outcome: 'succeeded',
    })
  })
})

describe('a step beside what the plan is for', () => {
  const besides = planOf({
    steps: planOf().steps.map((step, index) => ({ ...step, beside: index === 0 })),
  })

  test('that failed does not hold up the others', () => {
    const run = runOf([failed('no'), pending])
    expect(runAction(run, besides, atMs)).toEqual({ kind: 'carry-out', step: 1 })
  })

  test('that failed is said at the end, and nothing is called a success', () => {
    const run = runOf([failed('no'), succeeded()])
    expect(runAction(run, besides, atMs)).toEqual({
      kind: 'end',
      outcome: 'incomplete',
      says: 'it did not work',
    })
  })

  test('hides no failure of what the plan is for', () => {
    const run = runOf([failed('no'), failed()])
    expect(runAction(run, besides, atMs)).toMatchObject({ kind: 'end', outcome: 'failed' })
  })
})

describe('a signed time to finish', () => {
  const timed = planOf({ finish: { withinMs: 60_000, safeStop: 'writers are at zero' } })

  test('lets a step begin until it is over, to the millisecond', () => {
    const run = runOf([succeeded(), pending])
    expect(runAction(run, timed, atMs + 59_999)).toEqual({ kind: 'carry-out', step: 1 })
    expect(runAction(run, timed, atMs + 60_000)).toEqual({
      kind: 'end',
      outcome: 'out-of-time',
      says: 'stopped after step 1 of 2; what was done stays as it is; writers are at zero',
    })
  })

  test('leaves no step stranded that has begun', () => {
    const run = runOf([started, pending])
    expect(runAction(run, timed, atMs + 3_600_000)).toEqual({ kind: 'carry-out', step: 0 })
  })
})

test.each([
  ['nothing began', [pending], 'no'],
  ['a step began and has no result', [started], 'perhaps'],
  ['a step found that all stood so already', [succeeded(false)], 'no'],
  ['a step wrote', [succeeded(), pending], 'yes'],
  ['a step failed and wrote nothing', [failed('no')], 'no'],
  ['a step failed, and it is not known whether it wrote', [failed('unknown')], 'perhaps'],
  ['a step failed after it wrote', [failed('yes')], 'yes'],
] as const)('when %s, whether something was written is: %3$s', (_what, steps, written) => {
  expect(hasWritten(runOf(steps))).toBe(written === 'yes')
  expect(mayHaveWritten(runOf(steps))).toBe(written !== 'no')
})

test('a run is under way from its beginning to its end', () => {
  expect(isRunning(null)).toBe(false)
  expect(isRunning(runOf([pending]))).toBe(true)
  expect(isRunning(runOf([], { ended: { outcome: 'failed', says: '', at } }))).toBe(false)
})

describe('after a step that failed and left nothing', () => {
  const [first, second] = plan.steps
  const steps = [
    { ...first!, id: 'stop' },
    { ...first!, id: 'switch' },
    { ...first!, id: 'start', givesBackAfter: 'switch' },
    { ...second!, id: 'prove' },
    { ...first!, id: 'let-in', givesBackAfter: 'switch' },
  ]
  const taking = { ...plan, steps }
  const nothing = failed('no')

  test.each([
    ['what gives back is carried out', [succeeded(), nothing, pending, pending, pending], 2],
    ['what else comes after it is not', [succeeded(), nothing, succeeded(), pending, pending], 4],
  ])('%s', (_what, states, step) => {
    expect(runAction(runOf(states), taking, atMs)).toEqual({ kind: 'carry-out', step })
  })

  test.each([
    ['when all is given back', [succeeded(), nothing, succeeded(), pending, succeeded()]],
    [
      'when it may have left something',
      [succeeded(), failed('unknown'), pending, pending, pending],
    ],
    ['when it has left something', [succeeded(), failed('yes'), pending, pending, pending]],
    ['when another step failed', [nothing, pending, pending, pending, pending]],
    ['when the proof failed', [succeeded(), succeeded(), succeeded(), nothing, pending]],
    ['when giving back failed too', [succeeded(), nothing, nothing, pending, pending]],
  ])('the run ends as failed %s', (_what, states) => {
    expect(runAction(runOf(states), taking, atMs)).toMatchObject({ kind: 'end', outcome: 'failed' })
  })

  test('nothing more is begun once somebody stops it', () => {
    const stopped = runOf([succeeded(), nothing, pending, pending, pending], { abort })
    expect(runAction(stopped, taking, atMs)).toMatchObject({ kind: 'end', outcome: 'aborted' })
  })
})
