import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyEvent } from '../../../src/domain/incident/fold.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import { nextAction, type NextAction, type Work } from '../../../src/domain/incident/next-action.ts'
import { WATCH } from '../../../src/domain/watch/watch.ts'
import { closed, declared, opened, requested, ONE } from '../../support/builders.ts'
import {
  abortRequested,
  after,
  asked,
  evidenceKept,
  finished,
  iso,
  later,
  planApproved,
  planDenied,
  planProposed,
  planRequested,
  planVoided,
  proposed,
  rehearsed,
  rules,
  runEnded,
  running,
  runStarted,
  signed,
  stepFailed,
  stepStarted,
  stepSucceeded,
  watchEnded,
  watchLooked,
  watchStarted,
} from '../../support/plan-story.ts'

/** Its events are written a second apart; `proposedMs` is when the fourth one was. */
const proposedMs = later(3)

const works = (incident: Incident, nowMs: number): readonly Work['kind'][] | string => {
  const action = nextAction(incident, nowMs, rules)
  return action.kind === 'work' ? action.works.map(({ kind }) => kind) : action.kind
}
const prepared = [...signed, evidenceKept, rehearsed]

describe('a plan that nobody signs', () => {
  const unsigned = after([...proposed, evidenceKept, rehearsed])
  const dayMs = 24 * 60 * 60_000
  const voided = (incident: Incident, nowMs: number): readonly string[] => {
    const action = nextAction(incident, nowMs, rules)
    const events = action.kind === 'record' ? action.events : []
    return events.flatMap((event) => (event.type === 'plan-voided' ? event.because : []))
  }

  test('comes to nothing after a day, and not before', () => {
    expect(voided(unsigned, proposedMs + dayMs - 1)).toEqual([])
    expect(voided(unsigned, proposedMs + dayMs)).toEqual([
      'not signed by enough people within 24 h',
    ])
    const half = after([...proposed, evidenceKept, rehearsed, planApproved('U0BO')])
    expect(voided(half, proposedMs + dayMs)).toHaveLength(1)
  })
})

describe('what is done about a plan', () => {
  test.each<[string, readonly Event[], readonly Work['kind'][] | string]>([
    ['it is resolved when it was asked for', asked, ['resolve-plan']],
    ['evidence and rehearsal go on beside the gate', proposed, ['collect-evidence', 'rehearse']],
    ['what is kept already is not kept again', [...proposed, evidenceKept], ['rehearse']],
    ['unsigned it waits', [...proposed, evidenceKept, rehearsed], 'wait'],
    [
      'signed by one of two it waits',
      [...proposed, evidenceKept, rehearsed, planApproved('U0BO')],
      'wait',
    ],
    [
      'two accounts of one human are one signature',
      [
        ...proposed,
        evidenceKept,
        rehearsed,
        planApproved('U0BO', 'bo'),
        planApproved('U0B2', 'bo'),
      ],
      'wait',
    ],
    ['signed and prepared it runs', prepared, ['run']],
    [
      'a rehearsal that is under way holds up nothing',
      [...signed, evidenceKept],
      ['rehearse', 'run'],
    ],
    ['signed it waits for its evidence', [...signed, rehearsed], ['collect-evidence']],
    ['what has begun goes on', [...running, stepStarted()], ['run']],
    ['what is to be stopped goes on to where it can be', [...running, abortRequested], ['run']],
    ['what has failed is ended', [...running, stepStarted(), stepFailed()], ['run']],
    ['denied it is over', [...prepared, planDenied], 'wait'],
    ['voided it is over', [...prepared, planVoided], 'wait'],
    [
      'infeasible it is over',
      [...asked, { type: 'plan-infeasible', plan: 1, because: '' }],
      'wait',
    ],
    ['carried out it is over', finished, 'wait'],
    ['with the incident it is over', [...prepared, closed], 'wait'],
  ])('%s', (_what, history, expected) => {
    expect(works(after(history), proposedMs + 20_000)).toEqual(expected)
  })

  test('signed, it waits for its evidence until the deadline, to the millisecond, and then runs', () => {
    const incident = after([...signed, rehearsed])
    const deadlineMs = proposedMs + rules.evidenceDeadlineMs
    expect(works(incident, deadlineMs - 1)).toEqual(['collect-evidence'])
    expect(works(incident, deadlineMs)).toEqual(['collect-evidence', 'run'])
  })

  test('what destroys nothing runs without evidence', () => {
    const request = { kind: 'maintenance', on: true } as const
    const one = [opened, declared, planRequested(request), planProposed({ signatures: ONE })]
    expect(works(after(one, planApproved('U0BO')), proposedMs)).toEqual(['rehearse', 'run'])
  })

  test('nothing runs with a signature that has expired, whether or not that is written down yet', () => {
    const expiresMs = later(15 * 60)
    const called = after(prepared, { type: 'signatures-missing', plan: 1, call: 2 })
    expect(works(called, expiresMs - 1)).toEqual(['run'])
    expect(works(called, expiresMs)).toBe('record')
  })
})

const recorded = (action: NextAction) =>
  action.kind === 'record' ? action.events.map(({ type }) => type) : action.kind

describe('the clock alone brings about', () => {
  const quiet = [...proposed, evidenceKept, rehearsed]
  const next = (history: readonly Event[], nowMs: number) =>
    recorded(nextAction(after(history), nowMs, rules))

  test('the first call for signatures after two minutes, the second after four, each once', () => {
    const call = (number: number): Event => {
      return { type: 'signatures-missing', plan: 1, call: number }
    }
    expect(next(quiet, proposedMs + 120_000 - 1)).toBe('wait')
    expect(next(quiet, proposedMs + 120_000)).toEqual(['signatures-missing'])
    expect(next([...quiet, call(1)], proposedMs + 240_000 - 1)).toBe('wait')
    expect(next([...quiet, call(1)], proposedMs + 240_000)).toEqual(['signatures-missing'])
    expect(next([...quiet, call(1), call(2)], proposedMs + 900_000)).toBe('wait')
  })

  test('that both calls are one when nobody was there to make the first', () => {
    const action = nextAction(after(quiet), proposedMs + 999_000, rules)
    expect(action).toMatchObject({ kind: 'record', events: [{ call: 2 }] })
  })

  test('the end of each signature at its own time', () => {
    const early = { ...planApproved('U0BO'), expiresAt: iso(proposedMs + 60_000) } as Event
    const both = [...quiet, early, planApproved('U0CY')]
    expect(nextAction(after(both), proposedMs + 60_000, rules)).toMatchObject({
      events: [{ type: 'approval-expired', by: 'U0BO' }],
    })
    expect(next(both, proposedMs + 60_000 - 1)).toEqual('work')
  })

  test('the end of a watch after half an hour, when its last look was taken', () => {
    const watching = [...finished, watchStarted]
    const overMs = later(finished.length) + WATCH.forMs
    const lookedJustNow = (due: number, nowMs: number) => {
      const incident = after([...watching, watchLooked(due, 'healthy')])
      const watch = incident.watch && { ...incident.watch, lookedAt: iso(nowMs - 5_000) }
      return recorded(nextAction({ ...incident, watch }, nowMs, rules))
    }
    expect(lookedJustNow(179, overMs - 1)).toBe('wait')
    expect(lookedJustNow(180, overMs)).toEqual(['watch-ended'])
    expect(next([...watching, watchLooked(180, 'healthy'), watchEnded], overMs)).toBe('wait')
  })

  test('that nobody has looked, once as many looks are missing as blind ones are told', () => {
    const watching = [...finished, watchStarted, watchLooked(1, 'healthy')]
    const lookedMs = later(finished.length + 1)
    const missedMs = 5 * WATCH.everyMs
    const action = nextAction(after(watching), lookedMs + missedMs, rules)
    expect(action).toMatchObject({
      kind: 'record',
      events: [{ type: 'watch-turned', to: 'blind', unseenSince: iso(lookedMs) }],
    })
    expect(next(watching, lookedMs + missedMs - 1)).toBe('work')
  })

  test('nothing at all once the incident is closed', () => {
    expect(next([...quiet, planApproved('U0BO'), closed], proposedMs + 9_999_000)).toBe('wait')
    expect(next([...finished, watchStarted, closed], proposedMs + 9_999_000)).toBe('wait')
  })
})

test('a look is taken when it is due, beside everything else', () => {
  const watching = after([...finished, watchStarted], requested)
  const startedMs = later(finished.length)
  expect(works(watching, startedMs + WATCH.everyMs - 1)).toEqual(['assess'])
  expect(works(watching, startedMs + WATCH.everyMs)).toEqual(['assess', 'look'])
})

test('what is recorded makes its own reason go away: the loop ends, whatever the clock says', () => {
  const Story = fc.subarray<Event>([
    evidenceKept,
    rehearsed,
    planApproved('U0BO'),
    planApproved('U0CY'),
    { type: 'signatures-missing', plan: 1, call: 1 },
    runStarted,
    stepStarted(),
    stepSucceeded(),
    stepSucceeded(1, false),
    runEnded(),
    watchStarted,
    watchLooked(180, 'healthy'),
  ])
  let records = 0
  fc.assert(
    fc.property(Story, fc.integer({ min: 0, max: 3_000 }), (story, seconds) => {
      let incident = after(proposed)
      for (const event of story) {
        try {
          incident = happened(incident, event)
        } catch {
          // Out of its order: left out.
        }
      }
      const nowMs = later(seconds)
      const action = nextAction(incident, nowMs, rules)
      if (action.kind !== 'record') return
      records += 1
      const next = action.events.reduce(happened, incident)
      expect(nextAction(next, nowMs, rules).kind).not.toBe('record')
    }),
    { numRuns: 2_000 },
  )
  expect(records).toBeGreaterThan(200)
})

function happened(incident: Incident, event: Event): Incident {
  const sequence = incident.sequence + 1
  return applyEvent(incident, { incident: 'i-1', sequence, at: iso(later(sequence)), event })
}
