import { describe, expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import { toldOfRollback } from '../../../src/domain/incident/fold-watch.ts'
import { newPrompt } from '../../../src/domain/incident/status-page.ts'
import { leadingPlan } from '../../../src/domain/incident/incident.ts'
import { isGateOpen, wantsEvidence } from '../../../src/domain/plan/plan-state.ts'
import { declared, incidentAfter, opened, received } from '../../support/builders.ts'
import {
  after,
  asked,
  evidenceKept,
  finished,
  iso,
  later,
  openGate,
  planApproved,
  planDenied,
  planProposed,
  planRequested,
  planVoided,
  planWithdrawn,
  proposed,
  rollback,
  runEnded,
  running,
  runStarted,
  secondWatch,
  signed,
  stepFailed,
  stepStarted,
  stepSucceeded,
  watchEnded,
  watchLooked,
  watchStarted,
  watchTurned,
} from '../../support/plan-story.ts'

const planAfter = (history: readonly Event[], ...more: Event[]) =>
  leadingPlan(after(history, ...more))

test('a watch begins with what its plan has brought, and one that nobody planned with nothing', () => {
  const versions = { backend: ['v1.9.0'] }
  const history = finished.map((event) =>
    event.type === 'plan-proposed' ? planProposed({ versions }) : event,
  )
  expect(after(history, watchStarted).watch?.versions).toEqual(versions)
  const byHand: Event = { type: 'watch-started', watch: 1, plan: null }
  expect(after(history, byHand).watch?.versions).toEqual({})
})

describe('a plan', () => {
  test('remembers by which way it was signed, and nothing of it for Slack', () => {
    const rightsAsOf = iso(later(-60))
    const way = { via: 'page', rightsAsOf } as const
    const history = [...proposed, planApproved('U0BO'), { ...planApproved('U0CY'), ...way }]
    const [bo, cy] = planAfter(history)?.approvals ?? []
    expect(Object.keys(bo ?? {})).not.toContain('via')
    expect(cy).toMatchObject({ by: 'U0CY', ...way })
  })

  test('remembers who asked, what, and when', () => {
    expect(planAfter(asked)).toMatchObject({
      number: 1,
      request: rollback,
      requestedBy: 'U0ANA',
      requestedByHuman: 'ana',
      requestedAt: iso(later(2)),
      plan: null,
    })
  })

  test.each([
    ['asked for', asked, false],
    ['proposed', proposed, true],
    ['signed', signed, true],
    ['denied', [...proposed, planDenied], false],
    ['voided', [...proposed, planVoided], false],
    ['withdrawn', [...proposed, planWithdrawn], false],
    ['being carried out', running, false],
    ['carried out', finished, false],
  ] as const)('that is %s has an open gate: %s', (_what, history, open) => {
    expect(isGateOpen(planAfter(history)!)).toBe(open)
  })

  test('keeps one signature of each account, the newest', () => {
    const again = planAfter(
      proposed,
      planApproved('U0BO', 'bo'),
      planApproved('U0CY', 'cy'),
      planApproved('U0BO', 'bo'),
    )
    expect(again?.approvals.map(({ by, at }) => [by, at])).toEqual([
      ['U0CY', iso(later(5))],
      ['U0BO', iso(later(6))],
    ])
  })

  test('was shown when its own card first stood there, and not later', () => {
    const posted = (surface: 'plan-1' | 'headline', ts: string): Event => {
      return { type: 'message-posted', surface, channel: 'C0INCIDENTS', ts }
    }
    expect(planAfter(proposed)?.shownAt).toBeNull()
    expect(planAfter(proposed, posted('headline', '1.1'))?.shownAt).toBeNull()
    const twice = planAfter(proposed, posted('plan-1', '1.1'), posted('plan-1', '2.2'))
    expect(twice?.shownAt).toBe(iso(later(4)))
  })

  test('remembers whom it asked to read once more, and only for a signature', () => {
    const press = (kind: 'approve' | 'deny'): Event[] => {
      const intent = { kind, plan: 1, digest: 'digest-1' } as const
      const refused = { delivery: 'delivery-1', reason: 'read-first', detail: null } as const
      return [
        { type: 'intent-received', received: received(intent, { by: 'U0BO' }) },
        { type: 'intent-refused', ...refused },
      ]
    }
    expect(planAfter([...proposed, ...press('approve')])?.doubted).toEqual(['U0BO'])
    expect(planAfter([...proposed, ...press('deny')])?.doubted).toEqual([])
  })

  test('that is held back forgets by whom once it begins', () => {
    const held: Event = { type: 'run-held', plan: 1, by: 'i-2' }
    expect(planAfter(signed, held)?.heldBy).toEqual({ incident: 'i-2', plan: null })
    expect(planAfter([...signed, held], runStarted)?.heldBy).toBeNull()
  })

  test('that only turns a switch needs no evidence; every other one does', () => {
    const wants = (request: Parameters<typeof planRequested>[0]) =>
      wantsEvidence(planAfter([opened, declared], planRequested(request))!)
    expect(wants({ kind: 'maintenance', on: true })).toBe(false)
    expect(wants({ kind: 'clear-cache' })).toBe(true)
    expect(wants({ kind: 'restart', service: 'backend' })).toBe(true)
    expect(wantsEvidence(openGate())).toBe(true)
  })
})

describe('the evidence of a plan', () => {
  const next = planRequested(rollback, 2)

  test('holds for the next one as long as nothing was carried out', () => {
    expect(planAfter([...proposed, evidenceKept, planDenied], next)?.evidence?.ok).toBe(true)
  })

  test('holds no longer once somebody else changed what was planned for', () => {
    expect(planAfter([...proposed, evidenceKept, planVoided], next)?.evidence).toBeNull()
  })

  test('holds no longer once something was carried out', () => {
    const ran = [...proposed, evidenceKept, ...finished.slice(proposed.length)]
    expect(planAfter(ran, next)?.evidence).toBeNull()
  })
})

describe('a step', () => {
  const step = (...more: Event[]) => planAfter(running, ...more)?.run?.steps[0]
  const waiting: Event = { type: 'step-waiting', plan: 1, step: 0, because: 'no answer' }

  test('that waits for a dependency has not started by it', () => {
    expect(step(waiting)).toEqual({ kind: 'pending', waiting: 'no answer' })
  })

  test('that comes on waits no longer', () => {
    const moves: Event = { type: 'step-progressed', plan: 1, step: 0, says: '1 of 3' }
    expect(step(stepStarted(), waiting, moves)).toMatchObject({ waiting: null, says: '1 of 3' })
  })

  test('keeps its result, and when it began', () => {
    expect(step(stepStarted(), stepSucceeded())).toEqual({
      kind: 'succeeded',
      startedAt: iso(later(7)),
      at: iso(later(8)),
      applied: true,
      says: 'done',
    })
    expect(step(stepFailed(0, 'no'))).toMatchObject({ kind: 'failed', startedAt: iso(later(7)) })
  })
})

describe('the status page', () => {
  const prompts = (...events: Event[]) => incidentAfter(opened, declared, ...events).statusPage

  test('is asked about with the declaration', () => {
    expect(prompts()).toEqual({
      investigating: newPrompt(iso(later(1))),
    })
  })

  test('is asked about at the first step of a rollback, once, and not for a restart', () => {
    const began = after(running, stepStarted())
    expect(began.statusPage['rolling-back']).toMatchObject({ dueSince: iso(later(7)) })
    expect(after(finished).statusPage['rolling-back']).toEqual(began.statusPage['rolling-back'])
    const restart = [...asked.slice(0, 2), planRequested({ kind: 'restart', service: 'backend' })]
    const restarting = after(restart, planProposed(), runStarted, stepStarted())
    expect(restarting.statusPage['rolling-back']).toBeUndefined()
  })

  test('is told that the cause is seen once a plan for a rollback is proposed, and not after it began', () => {
    expect(after(proposed).statusPage.identified).toEqual(
      newPrompt(iso(later(proposed.length - 1))),
    )
    const restart = [...asked.slice(0, 2), planRequested({ kind: 'restart', service: 'backend' })]
    expect(after(restart, planProposed()).statusPage.identified).toBeUndefined()
    // A journal in which nobody was asked: what is over is not asked for.
    const late = { ...after(running, stepStarted()), statusPage: { 'rolling-back': newPrompt('') } }
    const again = toldOfRollback(late, planProposed(), iso(later(9)))
    expect(again.statusPage.identified).toBeUndefined()
  })

  test('is asked about when the rollback is watched, and when that is stable', () => {
    const stable: Event = { type: 'watch-turned', watch: 1, to: 'stable' }
    const watching = after(finished, watchStarted)
    expect(Object.keys(watching.statusPage)).toEqual([
      'investigating',
      'identified',
      'rolling-back',
      'monitoring',
    ])
    const turned = after(finished, watchStarted, watchLooked(1, 'healthy'), stable)
    expect(turned.statusPage.resolved).toMatchObject({ dueSince: iso(later(13)) })
    expect(after(finished, watchStarted, watchTurned).statusPage.resolved).toBeUndefined()
  })

  test('is not told of a rollback that was stopped, although it is watched', () => {
    const ended: Event = { type: 'run-ended', plan: 1, outcome: 'aborted', says: 'asked to stop' }
    const stopped = after(running, stepStarted(), ended, watchStarted)
    expect(stopped.watch?.plan).toBe(1)
    expect(stopped.statusPage.monitoring).toBeUndefined()
  })

  test('is not told of a rollback that is only proposed, although somebody watches', () => {
    const byHand: Event = { ...secondWatch, watch: 1 } as Event
    const stable: Event = { type: 'watch-turned', watch: 1, to: 'stable' }
    expect(Object.keys(after(proposed, byHand, stable).statusPage)).toEqual([
      'investigating',
      'identified',
    ])
  })

  test('keeps what a person wrote, and who decided', () => {
    const stage = 'investigating'
    const edited: Event = { type: 'status-draft-edited', stage, by: 'U0BO', text: 'We look.' }
    const skipped: Event = { type: 'status-decided', stage, by: 'U0CY', decision: 'skipped' }
    expect(prompts(edited, skipped).investigating).toMatchObject({
      text: 'We look.',
      decided: { decision: 'skipped', by: 'U0CY' },
    })
  })
})

describe('a watch', () => {
  test('follows the run it was started for, and a second one begins anew', () => {
    const first = after(finished, watchStarted, watchLooked(1, 'healthy'))
    expect(first.watch).toMatchObject({ number: 1, plan: 1, looks: 1, ended: null })
    const anew = after(finished, watchStarted, watchLooked(1, 'healthy'), watchEnded, secondWatch)
    expect(anew.watch).toMatchObject({ number: 2, plan: null, looks: 0, ended: null })
  })
})

test('what happened to a plan can be read from the timeline, in order', () => {
  const steps = [stepStarted(), stepSucceeded(), stepStarted(1), stepSucceeded(1)]
  const { timeline } = after([...running, ...steps], runEnded())
  expect(timeline.map(({ event }) => event.type)).toEqual([
    'incident-opened',
    'incident-declared',
    'plan-requested',
    'plan-proposed',
    'plan-approved',
    'plan-approved',
    'run-started',
    'step-succeeded',
    'step-succeeded',
    'run-ended',
  ])
})
