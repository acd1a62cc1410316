import { touchedBy } from '../../../src/domain/plan/about-request.ts'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEvent } from '../../../src/domain/incident/fold.ts'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { Signer } from '../../../src/domain/plan/gate.ts'
import { incidentCan } from '../../../src/domain/incident/incident-can.ts'
import { leadingPlan, newIncident, type Incident } from '../../../src/domain/incident/incident.ts'
import type { Intent } from '../../../src/domain/incident/intent.ts'
import { mayStart, nextAction } from '../../../src/domain/incident/next-action.ts'
import { isGateOpen } from '../../../src/domain/plan/plan-state.ts'
import { isRunning, runAction } from '../../../src/domain/plan/run.ts'
import { voidedBy } from '../../../src/engine/run/planning.ts'
import { atMs, received, taken } from '../../support/builders.ts'
import { approval, iso, planOf, rollback, signer, NOBODY } from '../../support/plan-story.ts'

/* The engine's loop without the engine: whatever people want, and whatever the world answers. */

const rules = {
  approval: { ...approval, readSeconds: 0 },
  evidenceDeadlineMs: 60_000,
  watchHours: 0,
}
const PEOPLE: readonly Signer[] = [
  signer('U0ANA', { human: 'ana' }),
  signer('U0BO', { human: 'bo' }),
  signer('U0BO2', { human: 'bo' }),
  signer('U0CY', { human: 'cy' }),
  signer('U0X', { roles: NOBODY }),
]

type Happening =
  | { readonly kind: 'wish'; readonly who: number; readonly intent: (now: Incident) => Intent }
  | { readonly kind: 'resolved' | 'drifted' | 'step-done' | 'step-failed' | 'measured' | 'begin' }
  | { readonly kind: 'clock'; readonly minutes: number }

const sign = (kind: 'approve' | 'deny') => (incident: Incident) => {
  const state = leadingPlan(incident)
  return { kind, plan: state?.number ?? 1, digest: state?.plan?.digest ?? '' }
}
const WISHES: readonly ((incident: Incident) => Intent)[] = [
  () => ({ kind: 'plan', request: rollback }),
  () => ({ kind: 'plan', request: { kind: 'maintenance', on: true } }),
  ({ plans }) => ({ kind: 'plan', request: { kind: 'undo', plan: Math.max(1, plans.length) } }),
  ({ plans }) => ({ kind: 'plan-again', plan: Math.max(1, plans.length) }),
  sign('approve'),
  sign('deny'),
  () => ({ kind: 'abort', plan: null }),
  () => ({ kind: 'close' }),
  () => ({ kind: 'check-again' }),
  () => ({ kind: 'watch', on: true }),
  () => ({ kind: 'watch', on: false }),
  () => ({ kind: 'tick', item: 'customers-told' }),
  () => ({ kind: 'edit-status', stage: 'rolling-back', text: 'soon' }),
  () => ({ kind: 'decide-status', stage: 'investigating', decision: 'skipped' }),
]

const by = (who: number, intent: (incident: Incident) => Intent): Happening => {
  return { kind: 'wish', who, intent }
}
const step: Happening = { kind: 'step-done' }

/** What often comes together; left to chance alone hardly anything would be carried out. */
const planned = [by(0, () => ({ kind: 'plan', request: rollback })), { kind: 'resolved' }] as const
const signedByTwo = [by(1, sign('approve')), by(3, sign('approve'))]
const PHRASES: readonly (readonly Happening[])[] = [
  planned,
  [...planned, ...signedByTwo],
  [...planned, ...signedByTwo, { kind: 'begin' }],
  [...signedByTwo, { kind: 'begin' }],
  [{ kind: 'begin' }, step],
  [step, step, step],
  [{ kind: 'resolved' }],
  [{ kind: 'measured' }],
  [{ kind: 'drifted' }],
  [{ kind: 'step-failed' }, step],
]

const Phrase: fc.Arbitrary<readonly Happening[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PHRASES) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat({ max: PEOPLE.length - 1 }), fc.constantFrom(...WISHES))
      .map(([who, intent]) => [by(who, intent)]),
  },
  {
    weight: 1,
    arbitrary: fc
      .nat({ max: 20 })
      .map((minutes): readonly Happening[] => [{ kind: 'clock', minutes }]),
  },
)

const Story = fc.array(Phrase, { maxLength: 20 }).map((phrases) => phrases.flat())

function wished(incident: Incident, who: Signer, intent: Intent, nowMs: number): readonly Event[] {
  const delivery = `d${incident.sequence}`
  const wish = received(intent, { delivery, by: who.id })
  const context = {
    person: who,
    nowMs,
    approval: rules.approval,
    environment: 'production',
    impossible: null,
    headlineChannel: 'C0',
    watchHours: 0,
  }
  const decision = decide(incident, wish, context)
  return [
    { type: 'intent-received', received: wish },
    ...(decision.kind === 'accepted'
      ? [{ type: 'intent-accepted', delivery } as const, ...decision.events]
      : [
          {
            type: 'intent-refused',
            delivery,
            reason: decision.reason,
            detail: decision.detail,
          } as const,
        ]),
  ]
}

/** What the engine would write down, if this happened now. */
function eventsOf(incident: Incident, happening: Happening, nowMs: number): readonly Event[] {
  const state = leadingPlan(incident)
  const plan = state?.number ?? 0
  switch (happening.kind) {
    case 'wish':
      return wished(incident, PEOPLE[happening.who]!, happening.intent(incident), nowMs)
    case 'measured':
      return incident.assessmentDueSince === null ? [] : [taken]
    case 'resolved':
      if (!state || state.plan || state.ended) return []
      return [
        { type: 'plan-proposed', plan, proposal: planOf({ digest: `digest-${plan}` }) },
        { type: 'plan-prepared', plan, what: 'evidence', ok: true, says: '' },
      ]
    case 'drifted':
      if (!state || !isGateOpen(state)) return []
      return voidedBy(
        { because: ['drift'], proposal: planOf({ digest: 'digest-new' }) },
        state,
        incident,
      )
    case 'begin':
      if (!state || incident.closed || !mayStart(state, nowMs, rules)) return []
      return [{ type: 'run-started', plan }]
    case 'step-done':
    case 'step-failed': {
      if (!state || !isRunning(state.run)) return []
      const action = runAction(state.run, state.plan ?? planOf(), nowMs)
      if (action.kind === 'end') {
        return [{ type: 'run-ended', plan, outcome: action.outcome, says: action.says }]
      }
      const { step: index } = action
      const begun = state.run.steps[index]?.kind === 'started'
      const done = { plan, step: index, says: '' }
      return [
        ...(begun ? [] : [{ type: 'step-started', plan, step: index } as const]),
        happening.kind === 'step-done'
          ? { type: 'step-succeeded', applied: true, ...done }
          : { type: 'step-failed', applied: 'unknown', ...done },
      ]
    }
    case 'clock': {
      const action = nextAction(incident, nowMs, rules)
      return action.kind === 'record' ? action.events : []
    }
    default:
      return happening satisfies never
  }
}

function played(happenings: readonly Happening[], seen: (before: Incident, now: Incident) => void) {
  let nowMs = atMs
  let incident = newIncident('i-1')
  for (const happening of happenings) {
    nowMs += happening.kind === 'clock' ? happening.minutes * 60_000 : 1_000
    const before = incident
    for (const event of eventsOf(incident, happening, nowMs)) {
      const sequence = incident.sequence + 1
      incident = applyEvent(incident, { incident: 'i-1', sequence, at: iso(nowMs), event })
    }
    seen(before, incident)
  }
  return { incident, nowMs }
}

test('whatever people want and the world answers, only events follow that can', () => {
  let runs = 0
  fc.assert(
    fc.property(Story, (story) => {
      const { incident } = played(story, () => {})
      expect(incident.undecided).toEqual([])
      runs += incident.plans.filter(({ run }) => run).length
    }),
    { numRuns: 2_000 },
  )
  expect(runs).toBeGreaterThan(200)
})

test('no two plans that may change the same are open or carried out, and what is over stays over', () => {
  fc.assert(
    fc.property(Story, (story) => {
      played(story, (before, now) => {
        const open = now.plans.filter((state) => isGateOpen(state) || isRunning(state.run))
        const touched = open.flatMap(({ request }) => touchedBy(request, now.plans))
        expect(new Set(touched).size).toBe(touched.length)
        const runs = open.some(({ run }) => isRunning(run))
        if (runs) expect(isRunning(leadingPlan(now)?.run ?? null)).toBe(true)
        for (const { number, ended, run } of before.plans) {
          const after = now.plans[number - 1]
          if (ended) expect(after?.ended).toEqual(ended)
          if (run?.ended) expect(after?.run).toEqual(run)
        }
      })
    }),
    { numRuns: 1_000 },
  )
})

test('no run begins without two humans’ signatures on its digest, none of them the requester’s (J7)', () => {
  let runs = 0
  fc.assert(
    fc.property(Story, (story) => {
      played(story, (before, now) => {
        const state = leadingPlan(now)
        if (!state?.run || leadingPlan(before)?.run) return
        runs += 1
        const humans = new Set(state.approvals.map(({ human }) => human))
        expect(humans.size).toBeGreaterThanOrEqual(2)
        expect(humans.has(state.requestedByHuman)).toBe(false)
        expect(state.approvals.every(({ digest }) => digest === state.plan?.digest)).toBe(true)
      })
    }),
    { numRuns: 2_000 },
  )
  expect(runs).toBeGreaterThan(200)
})

test('every button that is offered is granted, and no other', () => {
  fc.assert(
    fc.property(Story, (story) => {
      const { incident, nowMs } = played(story, () => {})
      const running = leadingPlan(incident)?.number ?? 1
      const buttons: readonly (readonly [true | string, Intent])[] = [
        [incidentCan.close(incident), { kind: 'close' }],
        [incidentCan.abort(incident, running), { kind: 'abort', plan: running }],
        [incidentCan.plan(incident, rollback), { kind: 'plan', request: rollback }],
        [incidentCan.undo(incident, 1), { kind: 'plan', request: { kind: 'undo', plan: 1 } }],
        [incidentCan.watch(incident), { kind: 'watch', on: true }],
        [incidentCan.stopWatching(incident), { kind: 'watch', on: false }],
        [incidentCan.tick(incident, 'customers-told'), { kind: 'tick', item: 'customers-told' }],
        [
          incidentCan.answerStatus(incident, 'investigating'),
          { kind: 'decide-status', stage: 'investigating', decision: 'published' },
        ],
      ]
      for (const [can, intent] of buttons) {
        // What takes the place of a signed plan is asked once more: here it was.
        const asked = { ...incident, toldOfSignatures: [PEOPLE[3]!.id] }
        const [, answer] = wished(asked, PEOPLE[3]!, intent, nowMs)
        expect(answer?.type === 'intent-refused' ? answer.reason : true).toBe(can)
      }
    }),
    { numRuns: 500 },
  )
})
