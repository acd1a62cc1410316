import type { Assessment } from '../../src/domain/assessment/assessment.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wish } from '../../src/chat/reading/command.ts'
import { readWish } from '../../src/chat/reading/read-wish.ts'
import { refusalText } from '../../src/chat/text/refusal-text.ts'
import { newIncident, type Incident } from '../../src/domain/incident/incident.ts'
import { newPlanState, type PlanState } from '../../src/domain/plan/plan-state.ts'
import type { Run, StepState } from '../../src/domain/plan/run.ts'
import { at, closed, declared, incidentAfter, opened, assessment } from '../support/builders.ts'
import { words } from '../support/chat-arbitraries.ts'

const plans: readonly Wish[] = [
  { kind: 'plan', request: { kind: 'scale-down', service: 'backend' } },
  { kind: 'plan', request: { kind: 'restart', service: 'backend' } },
  { kind: 'plan', request: { kind: 'clear-cache' } },
  { kind: 'plan', request: { kind: 'maintenance', on: true } },
]
const onTheIncident: readonly Wish[] = [
  { kind: 'abort', plan: null },
  { kind: 'watch', on: true },
]

function named(id: string, changes: Partial<Incident> = {}): Incident {
  return { ...incidentAfter(opened, declared), id, ...changes }
}

const procedures = ['kubernetes', 'docker'] as const

const one = named('20261122-aaaa')
const other = named('20261122-bbbb')

function inChannel(wish: Wish, ...open: readonly Incident[]) {
  return readWish(wish, { thread: null, procedures, open: () => open })
}

describe.each([...plans, ...onTheIncident])('%j', (wish) => {
  test('in a thread is for that incident, however many are open', () => {
    const read = readWish(wish, { thread: other, procedures, open: () => [one, other] })
    expect(read).toEqual({ incident: other.id, intent: wish })
  })

  test('in the channel is for the only open incident', () => {
    expect(inChannel(wish, one)).toEqual({ incident: one.id, intent: wish })
  })

  test('in the channel with several open ones is refused, and all of them are named', () => {
    const read = inChannel(wish, one, other)
    if (!('reason' in read)) throw new Error(`it was taken for ${read.incident}`)
    expect(read.reason).toBe('which-incident')
    const { mrkdwn } = refusalText(read)
    expect(mrkdwn).toContain('20261122-aaaa (5xx above 50 %), 20261122-bbbb')
    expect(mrkdwn).toContain('@Backout in place of /rollback')
  })
})

describe('a report', () => {
  const wish = { kind: 'write-report', incident: null } as const
  const intent = { kind: 'write-report' } as const

  test('is of the incident that is named, wherever it is typed', () => {
    const asked = { ...wish, incident: '20260101-zzzz' }
    for (const read of [
      inChannel(asked, one, other),
      readWish(asked, { thread: other, procedures, open: () => [] }),
    ]) {
      expect(read).toEqual({ incident: '20260101-zzzz', intent })
    }
  })

  test('else of that whose thread it is, else of the only open one', () => {
    const shut = { ...other, closed: { by: 'U0ANA', at, closing: null } }
    const read = readWish(wish, { thread: shut, procedures, open: () => [one] })
    expect(read).toEqual({ incident: other.id, intent })
    expect(inChannel(wish, one)).toEqual({ incident: one.id, intent })
    expect(inChannel(wish, one, other)).toMatchObject({ reason: 'which-incident' })
    expect(inChannel(wish)).toMatchObject({ reason: 'which-report' })
  })
})

test.each(plans)('with nothing open, %j opens an incident of its own', (wish) => {
  expect(inChannel(wish)).toEqual({ incident: null, intent: wish })
})

test.each<[Wish, string]>([
  [{ kind: 'abort', plan: null }, 'nothing-to-abort'],
  [{ kind: 'undo' }, 'nothing-to-undo'],
  [{ kind: 'resume' }, 'nothing-to-resume'],
  [{ kind: 'watch', on: true }, 'not-declared'],
])('with nothing open, %j is refused: %s', (wish, reason) => {
  expect(inChannel(wish)).toMatchObject({ kind: 'refused', reason })
})

test('an assessment asked for in the channel is a new one, whatever is open', () => {
  const wish: Wish = { kind: 'assess', symptoms: ['data-loss'] }
  for (const open of [[], [one], [one, other]]) {
    expect(inChannel(wish, ...open)).toEqual({ incident: null, intent: wish })
  }
  expect(readWish(wish, { thread: one, procedures, open: () => [] })).toMatchObject({
    incident: one.id,
  })
})

describe('a way back', () => {
  const asked = { kind: 'roll-back', procedure: null, toVersion: 'v1.9.0', backup: null } as const
  const recommending = (recommended: Assessment['recommended']) =>
    named('20261122-aaaa', { assessment: assessment({ recommended }) })

  test('is the one that was named', () => {
    const read = inChannel({ ...asked, procedure: 'docker' }, recommending('kubernetes'))
    expect(read).toMatchObject({
      intent: { kind: 'plan', request: { kind: 'docker', toVersion: 'v1.9.0' } },
    })
  })

  test('is else the one that the assessment recommends, with what it takes', () => {
    const read = inChannel(asked, recommending('database'))
    expect(read).toMatchObject({ intent: { request: { kind: 'database', backup: null } } })
  })

  test('is else the cheapest that is configured', () => {
    const request = { kind: 'kubernetes', toVersion: 'v1.9.0' }
    expect(inChannel(asked)).toEqual({ incident: null, intent: { kind: 'plan', request } })
    expect(inChannel(asked, recommending(null))).toMatchObject({ intent: { request } })
  })
})

test('what is to be resumed is asked of the incident that is open', () => {
  const request = { kind: 'resume' }
  expect(inChannel({ kind: 'resume' }, one)).toEqual({
    incident: one.id,
    intent: { kind: 'plan', request },
  })
})

describe('undo', () => {
  const wrote: StepState = {
    kind: 'succeeded',
    startedAt: at,
    at,
    applied: true,
    says: '',
  }
  const ended: Run['ended'] = { outcome: 'succeeded', says: '', at }
  const ran: Run = { startedAt: at, steps: [wrote], abort: null, ended }

  function having(...runs: readonly (Run | null)[]): Incident {
    const all = runs.map((run, index): PlanState => {
      const asked = { requestedBy: 'U0ANA', requestedByHuman: 'U0ANA', requestedAt: at }
      const request = { kind: 'clear-cache' as const }
      return { ...newPlanState({ ...asked, number: index + 1, request }), run }
    })
    return named('20261122-aaaa', { plans: all })
  }

  test.each<[string, (Run | null)[], number]>([
    ['the only one that ran', [ran], 1],
    ['the newest of two', [ran, ran], 2],
    ['not one that never ran', [ran, null], 1],
    ['not one that wrote nothing', [ran, { ...ran, steps: [{ ...wrote, applied: false }] }], 1],
    ['one that failed half-way', [ran, { ...ran, ended: { ...ended, outcome: 'failed' } }], 2],
    ['one that still runs, which decides against it', [ran, { ...ran, ended: null }], 2],
  ])('is of %s', (_, runs, plan) => {
    expect(inChannel({ kind: 'undo' }, having(...runs))).toEqual({
      incident: '20261122-aaaa',
      intent: { kind: 'plan', request: { kind: 'undo', plan } },
    })
  })

  test.each<[string, Incident, string]>([
    ['nothing was planned', one, 'nothing-to-undo'],
    ['nothing ran', having(null), 'nothing-to-undo'],
    [
      'it has written nothing yet',
      having({ ...ran, ended: null, steps: [{ kind: 'pending', waiting: null }] }),
      'run-in-progress',
    ],
    ['the incident is closed', incidentAfter(opened, declared, closed), 'incident-closed'],
  ])('is refused when %s', (_, thread, reason) => {
    const read = readWish({ kind: 'undo' }, { thread, procedures, open: () => [] })
    expect(read).toMatchObject({ kind: 'refused', reason })
  })
})

test('with any number of incidents of any name, a wish goes to one that is there, or is refused', () => {
  const incident = fc.record({ id: words, title: words }).map(({ id, title }) => {
    const { declared: before } = one
    return { ...newIncident(id), declared: before && { ...before, title } }
  })
  fc.assert(
    fc.property(
      fc.constantFrom<Wish>(...plans, ...onTheIncident, { kind: 'undo' }),
      fc.array(incident, { maxLength: 8 }),
      (wish, open) => {
        const read = inChannel(wish, ...open)
        if ('reason' in read) expect(refusalText(read).mrkdwn.length).toBeLessThan(3000)
        else expect(read.incident).toBe(open.length === 0 ? null : open[0]?.id)
        if (open.length > 1) expect(read).toMatchObject({ reason: 'which-incident' })
      },
    ),
  )
})
