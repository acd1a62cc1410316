import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { incidentCan } from '../../../src/domain/incident/incident-can.ts'
import { ApprovalSettings } from '../../../src/domain/plan/gate.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import type { Intent } from '../../../src/domain/incident/intent.ts'
import { nextAction } from '../../../src/domain/incident/next-action.ts'
import { Symptom } from '../../../src/domain/assessment/symptom.ts'
import { alert, ended, minutesLater } from '../../support/alerts.ts'
import { atMs, IntentArbitrary, journaled, received, taken } from '../../support/builders.ts'
import { APPROVER } from '../../support/plan-story.ts'

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

/** Some of few alerts fires since then, or has ended. */
const AlertArbitrary: fc.Arbitrary<Intent> = fc
  .record({
    name: fc.constantFrom('A', 'B'),
    since: fc.nat({ max: 3 }),
    over: fc.constantFrom(true as const, undefined),
    state: fc.constantFrom('firing' as const, 'ended' as const),
  })
  .map(({ name, since, over, state }) => {
    const startsAt = minutesLater(since)
    const told =
      state === 'firing'
        ? alert(name, { startsAt })
        : ended(name, minutesLater(since + 2), startsAt)
    return { kind: 'note-alert', alert: told, ...(over ? { over } : {}) }
  })

/** One thing that comes in: a wish, whose delivery Slack may repeat, or an assessment that is ready. */
const Coming = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      intent: fc.oneof(
        { weight: 4, arbitrary: IntentArbitrary },
        { weight: 1, arbitrary: AlertArbitrary },
      ),
      delivery: fc.nat({ max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant('assessment' as const) },
)

/** The engine's loop without the engine: a journal that is a list, and the pure functions. */
function run(coming: readonly ('assessment' | { intent: Intent; delivery: number })[]) {
  const events: Event[] = []
  const deliveries = new Set<string>()
  const incident = () => foldIncident('i-1', journaled(events))
  for (const one of coming) {
    if (one === 'assessment') {
      if (incident().assessmentDueSince !== null) events.push(taken)
      continue
    }
    const delivery = `delivery-${one.delivery}`
    // The journal's own rule: the same delivery twice is one wish.
    if (deliveries.has(delivery)) continue
    deliveries.add(delivery)
    events.push({ type: 'intent-received', received: received(one.intent, { delivery }) })
    const action = nextAction(incident(), atMs, rules)
    if (action.kind !== 'decide') throw new Error('a wish waits, and is not next')
    const decision = decide(incident(), action.received, context)
    if (decision.kind === 'accepted') {
      events.push({ type: 'intent-accepted', delivery }, ...decision.events)
    } else {
      const { reason, detail } = decision
      events.push({ type: 'intent-refused', delivery, reason, detail })
    }
  }
  return { events, incident: incident() }
}

describe('any sequence of wishes', () => {
  test('makes only events that can follow one another, and leaves nothing undecided', () => {
    fc.assert(
      fc.property(fc.array(Coming, { maxLength: 25 }), (coming) => {
        expect(run(coming).incident.undecided).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('decides each delivery exactly once, however often it comes', () => {
    fc.assert(
      fc.property(fc.array(Coming, { maxLength: 25 }), (coming) => {
        const { events } = run([...coming, ...coming])
        const answers = events.flatMap((event) =>
          event.type === 'intent-accepted' || event.type === 'intent-refused'
            ? [event.delivery]
            : [],
        )
        expect(new Set(answers).size).toBe(answers.length)
        const wishes = coming.flatMap((one) => (one === 'assessment' ? [] : [one.delivery]))
        expect(answers.length).toBe(new Set(wishes).size)
      }),
    )
  })

  test('leaves an incident whose every offered button is accepted, and no other', () => {
    fc.assert(
      fc.property(fc.array(Coming, { maxLength: 15 }), (coming) => {
        const { incident } = run(coming)
        const buttons: (readonly [true | string, Intent])[] = [
          [incidentCan.declare(incident), { kind: 'declare' }],
          [incidentCan.checkAgain(incident), { kind: 'check-again' }],
          [incidentCan.close(incident), { kind: 'close' }],
          ...Symptom.options.map(
            (symptom) =>
              [
                incidentCan.reportSymptom(incident, symptom),
                { kind: 'report-symptom', symptom },
              ] as const,
          ),
        ]
        for (const [can, intent] of buttons) {
          const decision = decide(incident, received(intent), context)
          expect(decision.kind === 'accepted' ? true : decision.reason).toBe(can)
        }
      }),
    )
  })
})
