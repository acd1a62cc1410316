import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApprovalSettings } from '../../../src/domain/plan/gate.ts'
import { decidingRule, severityOf } from '../../../src/domain/incident/declaration.ts'
import { APPROVER } from '../../support/plan-story.ts'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { newIncident, type Incident } from '../../../src/domain/incident/incident.ts'
import type { Intent, ReceivedIntent } from '../../../src/domain/incident/intent.ts'
import { needsCare, nextAction } from '../../../src/domain/incident/next-action.ts'
import { PersonKind } from '../../../src/domain/base/person.ts'
import {
  assessment,
  atMs,
  assessmentDecidedBy,
  closed,
  declared,
  incidentAfter,
  IntentArbitrary,
  opened,
  received,
  requested,
  taken,
} from '../../support/builders.ts'

const approval = ApprovalSettings.parse({ users: ['U0ANA', 'U0BO'] })
const rules = { approval, evidenceDeadlineMs: 60_000, watchHours: 0 }
const context = {
  person: { id: 'U0ANA', kind: 'member', human: 'ana', roles: APPROVER },
  environment: 'production',
  impossible: null,
  headlineChannel: 'C0HEADLINES',
  watchHours: 0,
  nowMs: atMs,
  approval,
} as const

const decided = (incident: Incident, intent: Intent, changes: Partial<ReceivedIntent> = {}) =>
  decide(incident, received(intent, changes), context)

const types = (decision: ReturnType<typeof decide>) =>
  decision.kind === 'accepted' ? decision.events.map(({ type }) => type) : decision.reason

const start: Intent = {
  kind: 'start',
  description: 'Login is down\nsince three',
  services: ['backend'],
  symptoms: ['data-loss', 'data-loss'],
  procedure: 'kubernetes',
  toVersion: 'v1.9.0',
}

describe('what somebody adds to the timeline', () => {
  const wish: Intent = { kind: 'add-to-timeline', at: '2026-11-22T02:30:00.000Z', text: 'It began' }

  test('is kept with its own time, also once the incident is closed', () => {
    for (const incident of [
      incidentAfter(opened, declared),
      incidentAfter(opened, declared, closed),
    ]) {
      expect(decided(incident, wish)).toEqual({
        kind: 'accepted',
        events: [{ type: 'moment-added', by: 'U0ANA', at: wish.at, text: 'It began' }],
      })
    }
  })

  test('needs an incident that is declared, and a person', () => {
    expect(types(decided(incidentAfter(opened), wish))).toBe('not-declared')
    expect(types(decided(incidentAfter(opened, declared), wish, { by: 'clock' }))).toBe(
      'not-by-machine',
    )
  })
})

describe('who asks', () => {
  test.each([
    ['guest', 'guest'],
    ['bot', 'bot-account'],
    ['external', 'external-user'],
    ['deactivated', 'deactivated'],
    ['unknown', 'person-unknown'],
  ] as const)('a %s account may do nothing at all', (kind, reason) => {
    fc.assert(
      fc.property(IntentArbitrary, (intent) => {
        const who = { ...context, person: { ...context.person, kind } }
        for (const incident of [newIncident('i-1'), incidentAfter(opened, declared)]) {
          expect(decide(incident, received(intent), who)).toMatchObject({ kind: 'refused', reason })
        }
      }),
    )
  })

  test('every kind of account is either a member or refused', () => {
    expect(PersonKind.options).toHaveLength(6)
  })
})

describe('a wish', () => {
  test('to assess opens an incident and reports each symptom once', () => {
    const intent: Intent = { kind: 'assess', symptoms: ['ui-issue', 'ui-issue', 'data-loss'] }
    expect(types(decided(newIncident('i-1'), intent))).toEqual([
      'incident-opened',
      'symptom-reported',
      'symptom-reported',
      'assessment-requested',
    ])
  })

  test('to start declares it in the headline channel, titled with the first line', () => {
    const decision = decided(newIncident('i-1'), start)
    expect(types(decision)).toEqual([
      'incident-opened',
      'symptom-reported',
      'incident-declared',
      'assessment-requested',
      'plan-requested',
    ])
    expect(decision).toMatchObject({
      events: [
        {},
        {},
        { channel: 'C0HEADLINES', title: 'Login is down', toVersion: 'v1.9.0' },
        {},
        { plan: 1, human: 'ana', request: { kind: 'kubernetes', toVersion: 'v1.9.0' } },
      ],
    })
  })

  test('to start asks for a plan only where one was named, and people are there to sign it', () => {
    const plain = ['incident-opened', 'incident-declared', 'assessment-requested']
    const quiet = { ...start, symptoms: [] }
    expect(types(decided(newIncident('i-1'), { ...quiet, procedure: null }))).toEqual(plain)
    const nobody = { ...context, approval: ApprovalSettings.parse({}) }
    expect(types(decide(newIncident('i-1'), received(quiet), nobody))).toEqual(plain)
  })

  test('to start what is declared already is refused, and changes nothing', () => {
    expect(types(decided(incidentAfter(opened, declared), start))).toBe('already-declared')
  })

  test('to declare takes title and severity from the rule that decided', () => {
    const decidedBy = assessmentDecidedBy('errors-critical')
    const incident = incidentAfter(opened, requested, {
      type: 'assessment-taken',
      assessment: { ...decidedBy, recommended: 'kubernetes' },
    })
    expect(decidingRule(incident)?.rule).toBe('errors-critical')
    expect(decided(incident, { kind: 'declare' })).toMatchObject({
      events: [
        {
          title: 'errors-critical matched',
          severity: 'critical',
          procedure: 'kubernetes',
          channel: 'C0HEADLINES',
        },
      ],
    })
  })

  test('to lead names who does, and who did until now', () => {
    const wish: Intent = { kind: 'take-lead' }
    const leads = { type: 'lead-taken', by: 'U0ANA' } as const
    expect(decided(incidentAfter(opened, declared), wish)).toEqual({
      kind: 'accepted',
      events: [leads],
    })
    expect(types(decided(incidentAfter(opened, declared, leads), wish))).toBe('leads-already')
    const bos = incidentAfter(opened, declared, { type: 'lead-taken', by: 'U0BO' })
    expect(decided(bos, wish)).toMatchObject({ events: [{ ...leads, from: 'U0BO' }] })
    expect(types(decided(incidentAfter(opened), wish))).toBe('not-declared')
  })

  test('to declare what nothing speaks for claims no severity', () => {
    const decision = decided(incidentAfter(opened, requested, taken), { kind: 'declare' })
    expect(decision).toMatchObject({ events: [{ severity: null }] })
  })

  test.each([
    ['declare', [opened, declared], { kind: 'declare' }, 'already-declared'],
    ['close', [opened], { kind: 'close' }, 'not-declared'],
    [
      'report again',
      [opened, { type: 'symptom-reported', by: 'U0BO', symptom: 'data-loss' }],
      { kind: 'report-symptom', symptom: 'data-loss' },
      'already-reported',
    ],
    [
      'take back what nobody reported',
      [opened],
      { kind: 'retract-symptom', symptom: 'data-loss' },
      'not-reported',
    ],
  ] as const)('to %s in vain is refused with its reason', (_what, history, intent, reason) => {
    expect(types(decided(incidentAfter(...history), intent))).toBe(reason)
  })

  test('of any kind for a closed incident is refused', () => {
    fc.assert(
      fc.property(IntentArbitrary, (intent) => {
        const incident = incidentAfter(opened, declared, closed)
        expect(types(decided(incident, intent))).toBe('incident-closed')
      }),
    )
  })

  test('from a card that is not, or no longer, the incident’s own is refused', () => {
    const posted = (ts: string): Event => {
      return { type: 'message-posted', surface: 'assessment-card', channel: 'C0INCIDENTS', ts }
    }
    const incident = incidentAfter(opened, posted('1.1'), posted('2.2'))
    const press = (card: string, channel = 'C0INCIDENTS') =>
      types(decided(incident, { kind: 'check-again' }, { card, place: { channel, thread: null } }))
    expect(press('2.2')).toEqual(['assessment-requested'])
    expect(press('1.1')).toBe('stale-card')
    expect(press('2.2', 'C0RANDOM')).toBe('stale-card')
    expect(press('9.9')).toBe('stale-card')
  })
})

test('severity is that of the latest assessment, or else of the declaration', () => {
  const withAssessment = (event: Event) => incidentAfter(opened, declared, requested, event)
  expect(severityOf(incidentAfter(opened))).toBeNull()
  expect(severityOf(incidentAfter(opened, declared))).toBe('critical')
  const milder = assessmentDecidedBy('ui-issue')
  expect(severityOf(withAssessment({ type: 'assessment-taken', assessment: milder }))).toBe(
    'medium',
  )
  const silent = assessment({ reasons: [] })
  expect(severityOf(withAssessment({ type: 'assessment-taken', assessment: silent }))).toBe(
    'critical',
  )
})

describe('the next action', () => {
  const asked: Event = { type: 'intent-received', received: received({ kind: 'check-again' }) }

  test('is to decide the oldest wish, then to assess, then to wait', () => {
    const second: Event = {
      type: 'intent-received',
      received: received({ kind: 'close' }, { delivery: 'delivery-2' }),
    }
    const both = incidentAfter(opened, requested, asked, second)
    const next = (incident: Incident) => nextAction(incident, atMs, rules)
    expect(next(both)).toMatchObject({ kind: 'decide', received: { delivery: 'delivery-1' } })
    expect(next(incidentAfter(opened, requested))).toEqual({
      kind: 'work',
      works: [{ kind: 'assess' }],
    })
    expect(next(incidentAfter(opened))).toEqual({ kind: 'wait' })
    expect(next(incidentAfter(opened, declared, requested, closed)).kind).toBe('wait')
  })

  test('brings back after a restart what is open or owed, and nothing else', () => {
    expect(needsCare(incidentAfter(opened))).toBe(false)
    expect(needsCare(incidentAfter(opened, declared))).toBe(true)
    expect(needsCare(incidentAfter(opened, declared, closed))).toBe(false)
    expect(needsCare(incidentAfter(opened, requested))).toBe(true)
    expect(needsCare(incidentAfter(asked))).toBe(true)
  })
})
