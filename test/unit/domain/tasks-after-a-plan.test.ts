import { expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import { verificationAsked } from '../../../src/domain/verification/decide-verification.ts'
import { dueVerification } from '../../../src/domain/verification/due-verification.ts'
import { tasksOf } from '../../../src/domain/verification/tasks.ts'
import { openVerification, stateOfItem } from '../../../src/domain/verification/verification.ts'
import {
  after,
  asked,
  evidenceKept,
  later,
  planApproved,
  planProposed,
  rehearsed,
  runEnded,
  runStarted,
  stepStarted,
  stepSucceeded,
} from '../../support/plan-story.ts'

const REBUILD = 'search index: rebuild from empty (search team)'
const WELL = { id: 'login', title: 'Users can log in', by: 'person' } as const

const begun: readonly Event[] = [
  ...asked,
  planProposed({ tasks: [REBUILD] }),
  planApproved('U0BO', 'bo'),
  planApproved('U0CY', 'cy'),
  evidenceKept,
  rehearsed,
  runStarted,
  stepStarted(),
  stepSucceeded(),
]
const done = [...begun, stepStarted(1), stepSucceeded(1), runEnded()]
const [due] = dueVerification(after(done), later(1), [WELL])

const TASK = { id: 'plan-1-1', title: REBUILD, by: 'person', afterPlan: 1 }

function told(incident: Incident): readonly string[] {
  const { verification } = incident
  return (verification?.items ?? []).map((item) => {
    return `${item.id}: ${verification ? stateOfItem(verification, item).kind : ''}`
  })
}

test('what people have to do after a plan stands on the list once it was carried out', () => {
  expect(tasksOf(after(begun, runEnded('failed')).plans)).toEqual([])
  expect(due).toMatchObject({ type: 'verification-requested', items: [WELL, TASK], measured: [] })
})

const listed: readonly Event[] = due ? [...done, due] : []
const seen = (item: string): Event => {
  return { type: 'verification-ticked', item, title: 'as it was called', by: 'U0BO' }
}
test('it waits for a person, and once that one has ticked it, it stays done whatever plan follows', () => {
  expect(told(after(listed))).toEqual(['login: wants-person', 'plan-1-1: wants-person'])
  const ticked = [...listed, seen('login'), seen('plan-1-1')]
  expect(openVerification(after(ticked))).toEqual([])
  const next: readonly Event[] = [
    {
      type: 'plan-requested',
      plan: 2,
      by: 'U0ANA',
      human: 'ana',
      request: { kind: 'clear-cache' },
    },
    planProposed({ digest: 'digest-2' }, 2),
    planApproved('U0BO', 'bo', 2),
    planApproved('U0CY', 'cy', 2),
    { type: 'run-started', plan: 2 },
    { type: 'step-started', plan: 2, step: 0 },
  ]
  const outdated = after([...ticked, ...next])
  expect(openVerification(outdated).map(({ id }) => id)).toEqual(['login', 'plan-1-1'])
  const again = after([
    ...ticked,
    ...next,
    verificationAsked(after([...ticked, ...next]), [WELL], 'U0ANA'),
  ])
  expect(told(again)).toEqual(['login: wants-person', 'plan-1-1: ticked'])
})

test('a later plan that makes the same thing due makes it due anew', () => {
  const twice = after(done).plans
  const second = twice.map((one) => ({ ...one, number: 2 }))
  expect(tasksOf([...twice, ...second])).toEqual([{ ...TASK, id: 'plan-2-1', afterPlan: 2 }])
})
