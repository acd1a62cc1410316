import { describe, expect, test } from 'vitest'
import { parsePress } from '../../src/chat/reading/parse-press.ts'
import { renderSurface } from '../../src/chat/render.ts'
import { decide } from '../../src/domain/incident/decide.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { surfacesOf } from '../../src/domain/incident/surfaces.ts'
import type { Surface } from '../../src/domain/incident/surface.ts'
import {
  assessment,
  declared,
  feasible,
  incidentAfter,
  opened,
  requested,
} from '../support/builders.ts'
import {
  APPROVER,
  approval,
  asked,
  evidenceKept,
  finished,
  later,
  planApproved,
  planProposed,
  planRequested,
  planVoided,
  proposed,
  running,
  runEnded,
  runStarted,
  signed,
  signer,
  stepFailed,
  stepStarted,
  stepSucceeded,
  watchStarted,
  watchTurned,
} from '../support/plan-story.ts'
import { pressable, presses } from '../support/pressable.ts'
import { assertWithinLimits } from '../support/slack-limits.ts'

const CHANNEL = 'C0INCIDENTS'
const shown = {
  environment: 'production',
  open: () => [],
  approval,
  contacts: { onCall: [], support: [], channels: [] },
}
const assessed: Event = {
  type: 'assessment-taken',
  assessment: assessment({
    decision: 'roll-back',
    recommended: 'kubernetes',
    procedures: [feasible('kubernetes')],
  }),
}
const requestedNow: Event = { type: 'assessment-requested', by: 'U0ANA' }
const infeasible: Event = { type: 'plan-infeasible', plan: 1, because: 'no revision is kept' }
const missing: Event = { type: 'signatures-missing', plan: 1, call: 1 }
const closed: Event = { type: 'incident-closed', by: 'U0ANA' }
/** Digests as cards carry them. */
const DIGEST = 'ab'.repeat(32)
const shownPlan = [...asked, planProposed({ digest: DIGEST })]
const signedBy = (by: string): Event => {
  const event = planApproved(by)
  return event.type === 'plan-approved' ? { ...event, digest: DIGEST } : event
}
const failed = [...running, stepStarted(), stepFailed(), runEnded('failed')]
const turnedBlind = { ...watchTurned, to: 'blind' } as Event
const relapsed = [...finished, watchStarted, watchTurned]

function noteOf(incident: Incident) {
  const surface = surfacesOf(incident).findLast((one) => one.startsWith('note-'))
  const view = renderSurface(surface ?? 'headline', incident, shown)
  assertWithinLimits(view)
  return view
}

describe('a note that asks for a decision carries its buttons', () => {
  test.each<[string, readonly Event[], readonly string[]]>([
    ['relapse', [...relapsed, requestedNow, assessed], ['Prepare rollback', 'Undo', 'Check again']],
    ['relapse, closed', [...relapsed, closed], []],
    ['blind', [...finished, watchStarted, turnedBlind], ['Check again']],
    ['stable', [...finished, watchStarted, { ...watchTurned, to: 'stable' } as Event], []],
    ['signatures missing', [...proposed, missing], ['Approve', 'Deny']],
    [
      'signatures missing, one given',
      [...proposed, planApproved('U0BO'), missing],
      ['Approve', 'Deny'],
    ],
    ['void', [...proposed, planVoided], ['Plan again']],
    [
      'void, with a newer plan',
      [...proposed, planVoided, planRequested(undefined, 2), planProposed({}, 2)],
      ['Approve', 'Deny'],
    ],
    ['infeasible', [opened, declared, planRequested(), infeasible], ['Plan again']],
    ['failed', failed, ['Undo', 'Plan again']],
    ['not begun', [...running, runEnded('gate-closed')], ['Plan again']],
    ['carried out', finished, []],
    ['restarted', [...proposed, { type: 'backout-restarted' }], []],
  ])('%s', (_, events, buttons) => {
    expect(pressable(noteOf(incidentAfter(...events)))).toEqual(buttons)
  })
})

describe('the headline has the one next button', () => {
  test.each<[string, readonly Event[], readonly string[]]>([
    ['roll back', [opened, requested, declared, assessed], ['Prepare rollback']],
    ['being prepared', [opened, requested, declared, assessed, planRequested()], []],
    ['to be read and signed', proposed, []],
    ['signed', [...signed, evidenceKept], []],
    ['under way', running, ['Stop after this step']],
    ['failed, and nobody has looked since', failed, ['Check again']],
    ['void', [...proposed, planVoided, requestedNow, assessed], ['Plan again']],
    ['settling', [...finished, watchStarted], []],
    ['stable', [...finished, watchStarted, ...stableLooks()], ['Close incident']],
    ['bad again', [...relapsed, requestedNow, assessed], ['Prepare rollback']],
    ['not seen any more', [...finished, watchStarted, turnedBlind], ['Check again']],
    ['closed', [opened, declared, closed], []],
  ])('%s', (_, events, buttons) => {
    expect(pressable(renderSurface('headline', incidentAfter(...events), shown))).toEqual(buttons)
  })
})

function stableLooks(): readonly Event[] {
  return Array.from({ length: 10 }, (_, index): Event => ({
    type: 'watch-looked',
    watch: 1,
    look: { due: index + 10, verdict: 'healthy', lines: [] },
  }))
}

describe('a button of an old note is never dead', () => {
  const posted = (surface: Surface): Event => ({
    type: 'outbox-delivered',
    kind: 'message',
    key: surface,
    receipt: { channel: CHANNEL, ts: '17.0' },
  })

  /** The press of a button as it was offered, in the incident as it has become. */
  function pressed(before: readonly Event[], since: readonly Event[], label: number) {
    const then = incidentAfter(...before)
    const surface = surfacesOf(then).findLast((one) => one.startsWith('note-')) ?? 'headline'
    const [offer] = presses(renderSurface(surface, then, shown)).slice(label)
    const press = parsePress({
      user: { id: 'U0DEE' },
      trigger_id: '1',
      container: { message_ts: '17.0', channel_id: CHANNEL },
      actions: [{ action_id: offer?.action, value: offer?.value }],
    })
    if (!press) throw new Error('it is a wish')
    return decide(incidentAfter(...before, posted(surface), ...since), press, {
      person: signer('U0DEE', { roles: APPROVER }),
      nowMs: later(60),
      approval,
      watchHours: 0,
      environment: 'production',
      impossible: null,
      headlineChannel: CHANNEL,
    })
  }

  test.each<[string, readonly Event[], readonly Event[], number]>([
    ['Undo after a failure', failed, [], 0],
    ['Plan again after a failure', failed, [], 1],
    ['Check again after a relapse', relapsed, [], 1],
    ['Approve from a call for signatures', [...shownPlan, posted('plan-1'), missing], [], 0],
  ])('granted while it applies: %s', (_, before, since, label) => {
    expect(pressed(before, since, label)).toMatchObject({ kind: 'accepted' })
  })

  test.each<[string, readonly Event[], readonly Event[], number, string]>([
    [
      'plan again, and a newer plan waits',
      [...proposed, planVoided],
      [planRequested(undefined, 2), planProposed({}, 2)],
      0,
      'stale-card',
    ],
    ['approve, and it is void', [...shownPlan, missing], [planVoided], 0, 'plan-ended'],
    [
      'approve, and it was signed and begun',
      [...shownPlan, missing],
      [signedBy('U0BO'), signedBy('U0CY'), runStarted],
      0,
      'plan-ended',
    ],
    ['undo, and the incident is closed', failed, [closed], 0, 'incident-closed'],
    [
      'plan again, and it is being undone',
      failed,
      [
        planRequested({ kind: 'undo', plan: 1 }, 2),
        planProposed({}, 2),
        { type: 'run-started', plan: 2 },
      ],
      1,
      'run-in-progress',
    ],
  ])('refused with its reason: %s', (_, before, since, label, reason) => {
    expect(pressed(before, since, label)).toMatchObject({ kind: 'refused', reason })
  })

  test('what was proved is not taken back by a note', () => {
    const done = [...running, stepStarted(), stepSucceeded(), stepSucceeded(1, false), runEnded()]
    expect(presses(noteOf(incidentAfter(...done)))).toEqual([])
  })
})
