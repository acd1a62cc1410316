import { expect, test } from 'vitest'
import { applyEvent } from '../../../src/domain/incident/fold.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { leadingPlan, type Incident } from '../../../src/domain/incident/incident.ts'
import { isGateOpen } from '../../../src/domain/plan/plan-state.ts'
import { voidedBy } from '../../../src/engine/run/planning.ts'
import { after, iso, later, planOf, signed } from '../../support/plan-story.ts'

const before = after(signed)
const because = ['backend: was v2.0.0, is v2.0.1']

function happened(incident: Incident, event: Event): Incident {
  const sequence = incident.sequence + 1
  return applyEvent(incident, { incident: 'i-1', sequence, at: iso(later(sequence)), event })
}

test('a plan that fits no more takes its signatures with it; the one that fits begins without any', () => {
  const proposal = planOf({ digest: 'digest-2' })
  const events = voidedBy({ because, proposal }, leadingPlan(before)!, before)
  const now = events.reduce(happened, before)
  expect(now.plans[0]).toMatchObject({ ended: { kind: 'voided', because } })
  expect(isGateOpen(now.plans[0]!)).toBe(false)
  expect(leadingPlan(now)).toMatchObject({
    number: 2,
    plan: { digest: 'digest-2' },
    approvals: [],
    shownAt: null,
    requestedBy: 'U0ANA',
    requestedByHuman: 'ana',
    request: { kind: 'kubernetes', toVersion: null },
  })
})

test('when the trouble began stays as it was known when somebody asked for the plan', () => {
  const began = { after: iso(later(-60)), by: iso(later(-50)) }
  const known = { ...leadingPlan(before)!, began }
  const events = voidedBy({ because, proposal: planOf({ digest: 'digest-2' }) }, known, before)
  expect(leadingPlan(events.reduce(happened, before))?.began).toEqual(began)
})

test('what cannot be planned any more leaves nothing to sign', () => {
  const now = voidedBy({ because, proposal: null }, leadingPlan(before)!, before).reduce(
    happened,
    before,
  )
  expect(now.plans).toHaveLength(1)
  expect(isGateOpen(now.plans[0]!)).toBe(false)
})
