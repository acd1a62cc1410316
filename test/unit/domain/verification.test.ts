import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import type { Intent } from '../../../src/domain/incident/intent.ts'
import { nextAction } from '../../../src/domain/incident/next-action.ts'
import {
  ItemVerdict,
  type ItemResult,
  type VerificationItem,
} from '../../../src/domain/verification/item.ts'
import {
  counts,
  isVerified,
  openVerification,
  stateOfItem,
} from '../../../src/domain/verification/verification.ts'
import { WATCH } from '../../../src/domain/watch/watch.ts'
import { closed, declared, opened, received } from '../../support/builders.ts'
import {
  after,
  evidenceKept,
  finished,
  later,
  planApproved,
  planProposed,
  planRequested,
  proposed,
  rehearsed,
  rollback,
  rules as usual,
  running,
  signer,
  stepStarted,
  watchStarted,
} from '../../support/plan-story.ts'

const ITEMS: readonly VerificationItem[] = [
  { id: 'health', title: 'Health checks passing', by: 'backout' },
  { id: 'errors', title: 'No 5xx errors', by: 'backout' },
  { id: 'login', title: 'Users can log in', by: 'person' },
]
const rules = { ...usual, verification: ITEMS }

const requested = (
  more: Partial<Extract<Event, { type: 'verification-requested' }>> = {},
): Event => {
  const measured = ['health', 'errors']
  const items = [...ITEMS]
  return { type: 'verification-requested', by: 'U0ANA', cause: 'asked', items, measured, ...more }
}
const result = (item: string, verdict: ItemVerdict, says = 'seen'): ItemResult => {
  return { item, kind: 'http', verdict, says, tookMs: 1 }
}
const taken = (...results: ItemResult[]): Event => ({ type: 'verification-taken', results })
const ticked = (item: string, by = 'U0BO'): Event => {
  return { type: 'verification-ticked', item, title: 'as it was called', by }
}

const found = taken(result('health', 'passed'), result('errors', 'failed'))
const open = [opened, declared]
const measured = [...open, requested(), found]

const states = ({ verification }: Incident) =>
  verification?.items.map((item) => stateOfItem(verification, item).kind)
const watchTurnedStable: Event = { type: 'watch-turned', watch: 1, to: 'stable' }
const openIds = (incident: Incident) => openVerification(incident).map(({ id }) => id)

describe('an item', () => {
  test('is open until it is measured well or a person has looked', () => {
    expect(states(after(open, requested()))).toEqual(['measuring', 'measuring', 'wants-person'])
    expect(states(after(measured))).toEqual(['passed', 'failed', 'wants-person'])
    expect(openIds(after(measured))).toEqual(['errors', 'login'])
    const looked = after(measured, ticked('login'))
    expect(states(looked)).toEqual(['passed', 'failed', 'ticked'])
    expect(openIds(looked)).toEqual(['errors'])
  })

  test('that could not be measured asks a person, and a later measurement goes before their word', () => {
    const unknown = [...open, requested(), taken(result('errors', 'not-measured'))]
    expect(states(after(unknown))?.[1]).toBe('wants-person')
    const looked = [...unknown, ticked('errors')]
    expect(states(after(looked))?.[1]).toBe('ticked')
    const still = after(looked, requested(), taken(result('errors', 'not-measured')))
    expect(states(still)?.[1]).toBe('ticked')
    const bad = [...looked, requested(), taken(result('errors', 'failed'))]
    expect(states(after(bad))?.[1]).toBe('failed')
    const blind = after(bad, requested(), taken(result('errors', 'not-measured')))
    expect(states(blind)?.[1]).toBe('wants-person')
  })

  test('is open again from the moment a plan changes something', () => {
    const all = [
      ...open,
      requested(),
      taken(result('health', 'passed'), result('errors', 'passed')),
    ]
    const one = [...all, ticked('login'), planRequested(), planProposed(), evidenceKept, rehearsed]
    const signed = [...one, planApproved('U0BO'), planApproved('U0CY')]
    expect(openIds(after(signed))).toEqual([])
    const begun = after(signed, { type: 'run-started', plan: 1 }, stepStarted())
    expect(openIds(begun)).toEqual(['health', 'errors', 'login'])
    expect(begun.verification).toMatchObject({ outdatedBy: 1, due: null })
  })

  test('nothing that was not measured well, or looked at by somebody, is ever verified (J10)', () => {
    const any = fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant('taken' as const),
          item: fc.constantFrom(...ITEMS.map(({ id }) => id)),
          verdict: fc.constantFrom(...ItemVerdict.options),
        }),
        fc.record({
          kind: fc.constant('ticked' as const),
          item: fc.constantFrom(...ITEMS.map(({ id }) => id)),
        }),
      ),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(any, (steps) => {
        const events: Event[] = []
        const newest = new Map<string, ItemVerdict | 'person'>()
        let incident = after(open, requested())
        for (const step of steps) {
          const next =
            step.kind === 'ticked'
              ? [ticked(step.item)]
              : [requested(), taken(result(step.item, step.verdict))]
          try {
            incident = after([...open, requested(), ...events], ...next)
          } catch {
            continue
          }
          events.push(...next)
          const kept =
            step.kind === 'taken' &&
            step.verdict === 'not-measured' &&
            newest.get(step.item) === 'person'
          if (!kept) newest.set(step.item, step.kind === 'ticked' ? 'person' : step.verdict)
        }
        const { verification } = incident
        for (const item of ITEMS) {
          const says = newest.get(item.id)
          expect(verification && isVerified(verification, item)).toBe(
            says === 'passed' || says === 'person',
          )
        }
      }),
    )
  })

  test('they are counted as the title of the card says', () => {
    const { verification } = after(measured)
    expect(verification && counts(verification)).toEqual({
      all: 3,
      verified: 1,
      forPeople: 1,
      failed: 1,
      measuring: 0,
    })
  })
})

const decided = (history: readonly Event[], intent: Intent) =>
  decide(after(history), received(intent), {
    person: signer('U0ANA'),
    impossible: null,
    watchHours: 0,
    nowMs: later(60),
    approval: usual.approval,
    environment: 'production',
    headlineChannel: 'C0',
    verification: ITEMS,
  })

describe('a wish', () => {
  const tick = (item: string): Intent => ({ kind: 'tick-verified', item })
  const unknown = [...open, requested(), taken(result('errors', 'not-measured'))]

  test.each<[string, readonly Event[], Intent, string]>([
    ['to verify what is closed', [...open, closed], { kind: 'verify' }, 'incident-closed'],
    ['to verify what is not declared', [opened], { kind: 'verify' }, 'not-declared'],
    ['to verify during a run', running, { kind: 'verify' }, 'run-in-progress'],
    ['to tick what was measured bad', measured, tick('errors'), 'measured-itself'],
    ['to tick what was measured well', measured, tick('health'), 'measured-itself'],
    ['to tick what is being measured', [...open, requested()], tick('health'), 'measured-itself'],
    ['to tick what is not on the list', measured, tick('coffee'), 'stale-card'],
    ['to tick before there is a list', open, tick('login'), 'stale-card'],
    ['to tick twice', [...measured, ticked('login')], tick('login'), 'already-ticked'],
    ['to tick for what is closed', [...measured, closed], tick('login'), 'incident-closed'],
  ])('%s is refused', (_what, history, intent, reason) => {
    expect(decided(history, intent)).toMatchObject({ kind: 'refused', reason })
  })

  test('to tick what waits for a person is granted, and keeps the title it had', () => {
    const title = 'No 5xx errors'
    expect(decided(unknown, tick('errors'))).toMatchObject({
      events: [{ type: 'verification-ticked', item: 'errors', title, by: 'U0ANA' }],
    })
  })

  test('to verify asks for everything that Backout measures', () => {
    expect(decided(measured, { kind: 'verify' })).toMatchObject({
      events: [{ cause: 'asked', items: ITEMS, measured: ['health', 'errors'] }],
    })
  })
})

describe('by itself', () => {
  const endedMs = later(finished.length)
  const asks = (incident: Incident, nowMs: number) => {
    const action = nextAction(incident, nowMs, rules)
    const events = action.kind === 'record' ? action.events : []
    return events.flatMap((event) =>
      event.type === 'verification-requested' ? [[event.askedFor, event.measured]] : [],
    )
  }
  const first = requested({ cause: 'rolled-back', askedFor: 'rolled-back/1' })

  test('all of it is asked for once a rollback has ended with everything done', () => {
    expect(asks(after(finished), endedMs + 1_000)).toEqual([
      ['rolled-back/1', ['health', 'errors']],
    ])
    expect(asks(after(finished, first), endedMs + 1_000)).toEqual([])
    expect(nextAction(after(finished, first), endedMs, rules)).toMatchObject({
      kind: 'work',
      works: expect.arrayContaining([{ kind: 'verify' }]),
    })
  })

  test.each<[string, readonly Event[]]>([
    ['before there is a run', [...proposed]],
    ['during one', running],
    ['once the incident is closed', [...finished, closed]],
  ])('nothing is asked for: %s', (_what, history) => {
    expect(asks(after(history), endedMs + 1_000)).toEqual([])
  })

  test('nothing is asked for long after, as when Backout was away', () => {
    expect(asks(after(finished), endedMs + WATCH.forMs + 1_000)).toEqual([])
  })

  test('what was not well is asked for once more when production is stable, and when five minutes are over', () => {
    const watched = [...finished, first, found, watchStarted, watchTurnedStable]
    expect(asks(after(watched), endedMs + 120_000)).toEqual([['stable/1', ['errors']]])
    const again = requested({ cause: 'stable', measured: ['errors'], askedFor: 'stable/1' })
    const bad = [...watched, again, taken(result('errors', 'failed'))]
    expect(asks(after(bad), endedMs + 120_000)).toEqual([])
    expect(asks(after(bad), endedMs + 331_000)).toEqual([['window-over/1', ['errors']]])
    const good = [...watched, again, taken(result('errors', 'passed'))]
    expect(asks(after(good), endedMs + 331_000)).toEqual([])
  })

  test('nothing is asked for while it is being measured', () => {
    const busy = [...finished, first, watchStarted, watchTurnedStable]
    expect(asks(after(busy), endedMs + 120_000)).toEqual([])
  })

  test('what a second rollback has changed is verified for itself', () => {
    const second = [planRequested(rollback, 2), planProposed({ digest: 'digest-2' }, 2)]
    const signed = [planApproved('U0BO', 'bo', 2), planApproved('U0CY', 'cy', 2)]
    const run: Event[] = [
      { type: 'run-started', plan: 2 },
      { type: 'step-succeeded', plan: 2, step: 0, applied: false, says: '' },
      { type: 'step-succeeded', plan: 2, step: 1, applied: false, says: '' },
      { type: 'run-ended', plan: 2, outcome: 'succeeded', says: '' },
    ]
    const history = [...finished, first, found, ...second, ...signed, ...run]
    expect(asks(after(history), later(60))).toEqual([['rolled-back/2', ['health', 'errors']]])
  })

  test('a second run that ended before it wrote anything leaves the first to be verified', () => {
    const second = [planRequested(rollback, 2), planProposed({ digest: 'digest-2' }, 2)]
    const signed = [planApproved('U0BO', 'bo', 2), planApproved('U0CY', 'cy', 2)]
    const begun: Event[] = [...second, ...signed, { type: 'run-started', plan: 2 }]
    const says = 'somebody deployed'
    const ended: Event = { type: 'run-ended', plan: 2, outcome: 'gate-closed', says }
    const history = [...finished, first, found, ...begun]
    expect(asks(after(history), endedMs + 331_000)).toEqual([])
    const whole = after(history, ended)
    expect(asks(whole, endedMs + 331_000)).toEqual([['window-over/1', ['errors']]])
    const half: Event = { type: 'step-failed', plan: 2, step: 0, applied: 'unknown', says }
    const step: Event = { type: 'step-started', plan: 2, step: 0 }
    const failed = after(history, step, half, { ...ended, outcome: 'failed' })
    expect(asks(failed, endedMs + 331_000)).toEqual([])
  })
})
