import { describe, expect, test } from 'vitest'
import { renderSurface } from '../../src/chat/render.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import { ApprovalSettings } from '../../src/domain/plan/gate.ts'
import {
  assessment,
  closed,
  declared,
  feasible,
  incidentAfter,
  opened,
  requested,
  taken,
} from '../support/builders.ts'
import { cardWords } from '../support/card-words.ts'
import {
  approval,
  finished,
  planApproved,
  planProposed,
  planRequested,
  runEnded,
  runStarted,
  stepFailed,
  stepStarted,
} from '../support/plan-story.ts'

const shown = {
  environment: 'production',
  open: () => [],
  approval,
  contacts: { onCall: [], support: [], channels: [] },
}

function said(surface: Parameters<typeof renderSurface>[0], events: readonly Event[]) {
  return cardWords(renderSurface(surface, incidentAfter(...events), shown))
}

/** The words that name a button. */
function named(lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    [...line.matchAll(/_([A-Z][a-z ]+)_/g)].map(([, name]) => name ?? ''),
  )
}

const failed = (request: PlanRequest, applied: 'yes' | 'unknown' | 'no'): readonly Event[] => [
  opened,
  declared,
  planRequested(request),
  planProposed(),
  planApproved('U0BO'),
  planApproved('U0CY'),
  runStarted,
  stepStarted(),
  stepFailed(0, applied),
  runEnded('failed'),
]

describe('a card tells to press only what is there to press', () => {
  test.each<[string, PlanRequest, 'yes' | 'unknown' | 'no', readonly string[]]>([
    ['a rollback', { kind: 'kubernetes', toVersion: null }, 'yes', ['Undo', 'Plan again']],
    [
      'a rollback, perhaps',
      { kind: 'kubernetes', toVersion: null },
      'unknown',
      ['Undo', 'Plan again'],
    ],
    [
      'a rollback that wrote nothing',
      { kind: 'kubernetes', toVersion: null },
      'no',
      ['Plan again'],
    ],
    ['a restart', { kind: 'restart', service: 'backend' }, 'yes', ['Plan again']],
    ['a restart, perhaps', { kind: 'restart', service: 'backend' }, 'unknown', ['Plan again']],
    ['a cleared cache', { kind: 'clear-cache' }, 'yes', ['Plan again']],
  ])('the run card of %s that failed', (_, request, applied, buttons) => {
    const { says, buttons: there } = said('run-1', failed(request, applied))
    expect(named(says)).toEqual(buttons)
    expect(there.map(({ label }) => label)).toEqual(buttons)
  })

  test.each<[string, readonly Event[], readonly string[]]>([
    ['open', [], ['Check again']],
    ['closed', [closed], []],
  ])('the thread card with numbers from before, %s', (_, more, buttons) => {
    const measured = [opened, requested, taken, ...finished.slice(1)]
    expect(named(said('thread-card', [...measured, ...more]).says)).toEqual(buttons)
  })
})

test('where nobody could sign, the headline does not tell to decide on a plan', () => {
  const answer = assessment({
    decision: 'roll-back',
    recommended: 'kubernetes',
    procedures: [feasible('kubernetes')],
  })
  const incident = incidentAfter(
    opened,
    requested,
    { type: 'assessment-taken', assessment: answer },
    declared,
  )
  const next = (users: readonly string[]) => {
    const someone = ApprovalSettings.parse({ users })
    return cardWords(renderSurface('headline', incident, { ...shown, approval: someone })).text
  }
  expect(next(['U0BO', 'U0CY'])).toMatch(/Decide on the rollback/)
  expect(next([])).toMatch(/Roll back by your runbook: nobody is named who could sign/)
})
