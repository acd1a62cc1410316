import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { incidentCan } from '../../../src/domain/incident/incident-can.ts'
import { nextAction } from '../../../src/domain/incident/next-action.ts'
import { runAction } from '../../../src/domain/plan/run.ts'
import { received } from '../../support/builders.ts'
import {
  abortRequested,
  after,
  later,
  peopleAsked,
  peoplesTurn,
  rules,
  runningPeoples,
  stepStarted,
  stepSucceeded,
  usually,
} from '../../support/plan-story.ts'

const asked: readonly Event[] = [...peoplesTurn, peopleAsked]
const done: Event = {
  type: 'step-succeeded',
  plan: 1,
  step: 1,
  applied: false,
  says: 'done',
  by: 'U0ANA',
}

const runOf = (events: readonly Event[]) => after(events).plans[0]!

describe('a step that people do', () => {
  test('asks them once when its turn has come, and waits', () => {
    const next = (events: readonly Event[]) => nextAction(after(events), later(60), rules)
    expect(next(runningPeoples)).toMatchObject({ kind: 'work', works: [{ kind: 'run', plan: 1 }] })
    expect(next(peoplesTurn)).toEqual({ kind: 'record', events: [peopleAsked] })
    expect(next(asked)).toEqual({ kind: 'wait' })
    expect(next([...asked, done])).toMatchObject({ works: [{ kind: 'run', plan: 1 }] })
  })

  test('is never carried out', () => {
    const { run, plan } = runOf(asked)
    expect(runAction(run!, plan!, later(60))).toEqual({ kind: 'wait-for-people', step: 1 })
  })

  test('ends with the word of a person, who is remembered', () => {
    const press = received({ kind: 'step-done', plan: 1, step: 1 })
    expect(decide(after(asked), press, usually)).toEqual({
      kind: 'accepted',
      events: [{ ...done, by: press.by }],
    })
    const { run, plan } = runOf([...asked, done])
    expect(run?.steps[1]).toMatchObject({ kind: 'succeeded', applied: false, by: 'U0ANA' })
    expect(runAction(run!, plan!, later(60))).toMatchObject({ kind: 'end', outcome: 'succeeded' })
  })

  test('is stopped while it waits, and nothing of it is done', () => {
    const { run, plan } = runOf([...asked, abortRequested])
    expect(runAction(run!, plan!, later(60))).toMatchObject({ kind: 'end', outcome: 'aborted' })
  })
})

test.each<[string, readonly Event[], number, string | true]>([
  ['in its turn', asked, 1, true],
  ['before they are asked, as the button cannot be faster', peoplesTurn, 1, true],
  ['a second time', [...asked, done], 1, 'already-ticked'],
  ['before its turn', runningPeoples, 1, 'stale-card'],
  ['of a step of ours', runningPeoples, 0, 'stale-card'],
  ['of no step', asked, 7, 'stale-card'],
  ['while it is being stopped', [...asked, abortRequested], 1, 'plan-ended'],
])('the word that it is done %s', (_, events, step, answer) => {
  expect(incidentCan.stepDone(after(events), { plan: 1, step })).toBe(answer)
})

test.each<[string, readonly Event[], Event]>([
  [
    'that a person says a step of ours is done',
    [...runningPeoples, stepStarted()],
    { ...done, step: 0 },
  ],
  ['that Backout says it of theirs', asked, { ...stepSucceeded(1, false) }],
  [
    'that people are asked for a step of ours',
    runningPeoples,
    { type: 'people-asked', plan: 1, step: 0 },
  ],
  ['that people are asked twice', asked, peopleAsked],
  ['that Backout begins it', asked, stepStarted(1)],
])('no journal holds %s (J3, J10)', (_, before, event) => {
  expect(() => after([...before, event])).toThrow(/it is not whose step it is|they were asked/)
})
