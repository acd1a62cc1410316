import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { owedLetters } from '../../../src/domain/incident/letters.ts'
import { ApprovalSettings, type Signer } from '../../../src/domain/plan/gate.ts'
import { atMs, closed, declared, incidentAfter, opened, received } from '../../support/builders.ts'
import { letter, letterEvents, LIST } from '../../support/letters.ts'
import { APPROVER } from '../../support/plan-story.ts'

const digest = 'b'.repeat(32)
const bo: Signer = { id: 'U0BO', kind: 'member', human: 'bo', roles: APPROVER, publishes: true }
const critical = { ...declared, severity: 'critical' } as Event
const lesser = { ...declared, severity: 'high' } as Event
const told: Event = { type: 'item-ticked', item: 'customers-told', by: 'U0CY' }
const { sending, claimed, waits, refused, unknown, there } = letterEvents()

function wanted(history: readonly Event[], changes: object = {}) {
  const decision = decide(
    incidentAfter(...history),
    { ...received({ kind: 'send-letter', list: LIST, digest }), by: 'U0BO' },
    {
      person: bo,
      letter: { letter: letter(), digest },
      nowMs: atMs,
      impossible: null,
      watchHours: 0,
      approval: ApprovalSettings.parse({ users: ['U0BO'] }),
      environment: 'production',
      headlineChannel: 'C0',
      ...changes,
    },
  )
  return decision.kind === 'refused' ? decision.reason : decision.events
}

describe('sending a letter', () => {
  const before = [opened, critical]
  const sent = [{ type: 'letter-sending', by: 'U0BO', letter: letter() }]

  test.each<[string, readonly Event[], unknown]>([
    ['that nobody has sent', before, sent],
    ['that was refused', [...before, sending, claimed, refused], sent],
    ['that may have arrived', [...before, sending, claimed, unknown], sent],
    ['that is about to go', [...before, sending], 'letter-under-way'],
    ['that is on its way', [...before, sending, claimed], 'letter-under-way'],
    ['that waits', [...before, sending, claimed, waits], 'letter-under-way'],
    ['that is sent', [...before, sending, claimed, there], 'letter-sent'],
    ['of a lesser incident', [opened, lesser], 'stale-card'],
    ['of no incident', [opened], 'not-declared'],
    ['of a closed one', [...before, closed], 'incident-closed'],
    ['to those who are told', [...before, told], 'already-ticked'],
  ])('%s', (_, history, outcome) => {
    expect(wanted(history)).toEqual(outcome)
  })

  test.each<[string, object, string]>([
    ['by somebody who may not', { person: { ...bo, publishes: false } }, 'not-a-sender'],
    [
      'by somebody of whom that is not known',
      { person: { ...bo, publishes: 'unknown' } },
      'rights-unknown',
    ],
    [
      'by somebody whose rights nobody asked for',
      { person: { ...bo, publishes: undefined } },
      'rights-unknown',
    ],
    ['to a list that is gone', { letter: null }, 'no-such-list'],
    ['that has changed', { letter: { letter: letter(), digest: 'c' } }, 'letter-changed'],
  ])('%s is refused', (_, changes, reason) => {
    expect(wanted(before, changes)).toBe(reason)
  })
})

describe('what is owed', () => {
  const owed = (...events: readonly Event[]) =>
    owedLetters(incidentAfter(opened, critical, ...events)).map(({ key }) => key)

  test('is what somebody had sent, and ends with the incident', () => {
    expect(owed()).toEqual([])
    expect(owed(sending)).toEqual([`${LIST}/1`])
    expect(owed(sending, claimed, waits)).toEqual([`${LIST}/1`])
    expect(owed(sending, closed)).toEqual([])
    expect(owed(sending, claimed, waits, told)).toEqual([])
  })

  test('is followed to its end where it may have left', () => {
    expect(owed(sending, claimed, closed)).toEqual([`${LIST}/1`])
  })
})
