import { HALF_HOUR } from '../../../src/domain/watch/schedule.ts'
import { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { describe, expect, test } from 'vitest'
import { applyEvent } from '../../../src/domain/incident/fold.ts'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { DecisionContext } from '../../../src/domain/incident/decision-context.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { askedBeforehand } from '../../../src/domain/plan/decide-plan.ts'
import { NO_ROLES_ASKED, ApprovalSettings } from '../../../src/domain/plan/gate.ts'
import type { Intent } from '../../../src/domain/incident/intent.ts'
import { RefusalReason } from '../../../src/domain/base/refusal.ts'
import type { Onset } from '../../../src/domain/assessment/onset.ts'
import {
  type assessment,
  assessmentDecidedBy,
  closed,
  declared,
  ONE,
  opened,
  received,
} from '../../support/builders.ts'
import {
  abortRequested,
  after,
  approval,
  asked,
  finished,
  iso,
  later,
  planApproved,
  planDenied,
  planProposed,
  planRequested,
  proposed,
  rollback,
  runEnded,
  running,
  signed,
  signer,
  stepFailed,
  stepStarted,
  stepSucceeded,
  watchEnded,
  watchStarted,
  NOBODY,
  usually,
} from '../../support/plan-story.ts'

const nobody = ApprovalSettings.parse({})

const began = { after: iso(later(-60)), by: iso(later(-50)) }
const onset: Onset = { of: 'errors', ...began, overSince: null }
const assessmentRequested: Event = { type: 'assessment-requested', by: 'U0BO' }

function assessedAs(
  rule: Parameters<typeof assessmentDecidedBy>[0],
  changes: Parameters<typeof assessment>[0] = {},
): Event {
  return { type: 'assessment-taken', assessment: { ...assessmentDecidedBy(rule), ...changes } }
}

function decided(
  history: readonly Event[],
  intent: Intent,
  changes: Partial<DecisionContext> = {},
) {
  const context = { ...usually, ...changes }
  const incident = after(history)
  const decision = decide(incident, received(intent, { by: context.person.id }), context)
  // Whatever is granted can follow.
  if (decision.kind === 'accepted') {
    decision.events.reduce((now, event) => {
      const sequence = now.sequence + 1
      return applyEvent(now, { incident: 'i-1', sequence, at: iso(later(60)), event })
    }, incident)
  }
  return decision
}

const granted = (...args: Parameters<typeof decided>): readonly Event[] => {
  const decision = decided(...args)
  if (decision.kind === 'refused') throw new Error(`refused: ${decision.reason}`)
  return decision.events
}

const approve: Intent = { kind: 'approve', plan: 1, digest: 'digest-1' }
const deny: Intent = { kind: 'deny', plan: 1, digest: 'digest-1' }
const undo: Intent = { kind: 'plan', request: { kind: 'undo', plan: 1 } }
const wanted: Intent = { kind: 'plan', request: rollback }
const again: Intent = { kind: 'plan-again', plan: 1 }
const watchOn: Intent = { kind: 'watch', on: true }
const watchOff: Intent = { kind: 'watch', on: false }
const tick: Intent = { kind: 'tick', item: 'on-call-alerted' }
const edit: Intent = { kind: 'edit-status', stage: 'investigating', text: 'We look into it' }
const publish: Intent = { kind: 'decide-status', stage: 'investigating', decision: 'published' }
const open = [opened, declared]
const wrote = [...running, stepStarted(), stepSucceeded()]

/** Every reason for which one of the newer wishes can be refused. */
const DATA_OWNER = { count: 1, from: 'data-owners' } as const
const both = [planApproved('U0BO'), planApproved('U0CY')]
const maintenance = { kind: 'maintenance', on: true } as const
const alsoRunning: readonly Event[] = [
  planRequested(maintenance, 2),
  planProposed({ targets: ['production: redis maintenance'], signatures: ONE }, 2),
  { type: 'run-started', plan: 2 },
]

const refusals: readonly [
  string,
  readonly Event[],
  Intent,
  RefusalReason,
  Partial<DecisionContext>?,
][] = [
  ['a plan for what is closed', [...open, closed], wanted, 'incident-closed'],
  ['a plan while one is carried out', running, wanted, 'run-in-progress'],
  ['what the world says no to', open, wanted, 'not-possible', { impossible: 'nothing is kept' }],
  [
    'what takes the place of a signed plan',
    [...proposed, planApproved('U0CY', 'cy')],
    { kind: 'plan', request: { kind: 'restart', service: 'backend' } },
    'takes-signed-place',
  ],
  [
    'to sign as one too many of a kind, while another kind is missing',
    [
      ...asked,
      planProposed({ signatures: [{ count: 1, from: 'approvers' }, DATA_OWNER] }),
      ...both,
    ],
    approve,
    'another-role-wanted',
    { person: signer('U0DI') },
  ],
  [
    'to stop one of two that are carried out, without saying which',
    [...running, ...alsoRunning],
    { kind: 'abort', plan: null },
    'which-plan',
  ],
  ['a plan that nobody could sign', open, wanted, 'no-approvers', { approval: nobody }],
  ['to undo what is closed', [...finished, closed], undo, 'incident-closed'],
  ['to undo while it is carried out', wrote, undo, 'run-in-progress'],
  ['to undo what never ran', signed, undo, 'nothing-to-undo'],
  ['to undo what does not exist', open, undo, 'nothing-to-undo'],
  [
    'to undo what wrote nothing',
    [...running, stepFailed(0, 'no'), runEnded('failed')],
    undo,
    'nothing-to-undo',
  ],
  ['to undo what nobody could sign', finished, undo, 'no-approvers', { approval: nobody }],
  ['again a plan that there is not', open, again, 'stale-card'],
  ['again a plan that is carried out', running, again, 'run-in-progress'],
  ['again a plan of what is closed', [...proposed, closed], again, 'incident-closed'],
  ['again a plan that nobody could sign', proposed, again, 'no-approvers', { approval: nobody }],
  ['to sign for what is closed', [...open, closed], approve, 'incident-closed'],
  ['to sign what is not there', open, approve, 'plan-ended'],
  ['to sign what is not resolved', asked, approve, 'plan-ended'],
  ['to sign what was denied', [...proposed, planDenied], approve, 'plan-ended'],
  ['to sign what is carried out', running, approve, 'plan-ended'],
  [
    'to sign what a newer plan replaced',
    [...proposed, planDenied, planRequested(rollback, 2)],
    approve,
    'plan-ended',
  ],
  [
    'to sign on the card of a plan that a newer one replaced, although it is the same deed',
    [...proposed, planDenied, planRequested(rollback, 2), planProposed({}, 2)],
    approve,
    'plan-ended',
  ],
  ['to sign another plan', proposed, { ...approve, digest: 'digest-0' }, 'plan-changed'],
  [
    'to sign what nobody can read whole',
    [...asked, planProposed({ lost: 'x'.repeat(300_000) })],
    approve,
    'plan-too-long',
  ],
  [
    'to sign without the right',
    proposed,
    approve,
    'not-an-approver',
    { person: signer('U0X', { roles: NOBODY }) },
  ],
  [
    'to sign while rights are not known',
    proposed,
    approve,
    'rights-unknown',
    { person: signer('U0BO', { roles: NO_ROLES_ASKED }) },
  ],
  [
    'to sign one’s own plan',
    proposed,
    approve,
    'requester',
    { person: signer('U0ANA', { human: 'ana' }) },
  ],
  ['to sign twice', [...proposed, planApproved('U0BO', 'bo')], approve, 'already-approved'],
  [
    'to sign with two accounts',
    [...proposed, planApproved('U0BO', 'bo')],
    approve,
    'same-human',
    { person: signer('U0BO2', { human: 'bo' }) },
  ],
  ['to sign unread', proposed, approve, 'read-first', { approval }],
  ['to deny for what is closed', [...open, closed], deny, 'incident-closed'],
  ['to deny what was denied', [...proposed, planDenied], deny, 'plan-ended'],
  ['to deny another plan', proposed, { ...deny, digest: 'digest-0' }, 'plan-changed'],
  [
    'to deny without the right',
    proposed,
    deny,
    'not-an-approver',
    { person: signer('U0X', { roles: NOBODY }) },
  ],
  [
    'to deny while rights are not known',
    proposed,
    deny,
    'rights-unknown',
    { person: signer('U0X', { roles: NO_ROLES_ASKED }) },
  ],
  ['to stop what is closed', [...open, closed], { kind: 'abort', plan: null }, 'incident-closed'],
  ['to stop what is not there', open, { kind: 'abort', plan: null }, 'nothing-to-abort'],
  ['to stop what did not begin', signed, { kind: 'abort', plan: null }, 'nothing-to-abort'],
  [
    'to stop it twice',
    [...running, abortRequested],
    { kind: 'abort', plan: null },
    'nothing-to-abort',
  ],
  ['to stop what is over', finished, { kind: 'abort', plan: null }, 'nothing-to-abort'],
  ['to close while a plan is carried out', running, { kind: 'close' }, 'run-in-progress'],
  ['to watch what is closed', [...open, closed], watchOn, 'incident-closed'],
  ['to watch what is not declared', [opened], watchOn, 'not-declared'],
  ['to watch it twice', [...open, watchStarted], watchOn, 'watched-already'],
  [
    'to stop a watch of what is closed',
    [...open, watchStarted, closed],
    watchOff,
    'incident-closed',
  ],
  ['to stop a watch that there is not', open, watchOff, 'not-watched'],
  ['to stop a watch that ended', [...open, watchStarted, watchEnded], watchOff, 'not-watched'],
  ['to tick for what is closed', [...open, closed], tick, 'incident-closed'],
  ['to tick for what is not declared', [opened], tick, 'not-declared'],
  [
    'to tick twice',
    [...open, { type: 'item-ticked', item: 'on-call-alerted', by: 'U0CY' }],
    tick,
    'already-ticked',
  ],
  [
    'to tick what Backout measures',
    [
      ...open,
      {
        type: 'verification-requested',
        by: 'U0CY',
        cause: 'asked',
        items: [{ id: 'health', title: 'Health checks passing', by: 'backout' }],
        measured: ['health'],
      },
    ],
    { kind: 'tick-verified', item: 'health' },
    'measured-itself',
  ],
  ...[edit, publish].flatMap((intent): (typeof refusals)[number][] => [
    [`to ${intent.kind} unasked`, [opened], intent, 'stale-card'],
    [
      `to ${intent.kind} when it is decided`,
      [
        ...open,
        { type: 'status-decided', stage: 'investigating', by: 'U0CY', decision: 'skipped' },
      ],
      intent,
      'status-decided',
    ],
  ]),
]

describe('a wish is refused', () => {
  test.each(refusals)('%s', (_what, history, intent, reason, changes) => {
    expect(decided(history, intent, changes)).toMatchObject({ kind: 'refused', reason })
  })

  test('with the reasons that the gate and the newer wishes have, each tried above', () => {
    const tried = new Set(refusals.map(([, , , reason]) => reason))
    const first = RefusalReason.options.indexOf('plan-ended')
    const newer = RefusalReason.options.slice(
      first,
      RefusalReason.options.indexOf('status-decided') + 1,
    )
    expect([...tried]).toEqual(expect.arrayContaining(newer))
  })
})

describe('a wish for a plan', () => {
  test('is journaled with who stands behind the account', () => {
    expect(granted(open, wanted)).toEqual([
      { type: 'plan-requested', plan: 1, by: 'U0BO', human: 'bo', request: rollback },
    ])
  })

  test.each<[string, Parameters<typeof assessedAs>, object]>([
    ['when the trouble began', ['errors-critical', { onset }], { began }],
    ['that this is not known', ['errors-critical', { onset: null }], { began: null }],
    ['nothing of it where a person reported the trouble', ['data-loss-or-corruption'], {}],
    ['nothing of it where nothing calls for a way back', ['ui-issue', { onset }], {}],
  ])('keeps, as it is known then, %s', (_, assessed, told) => {
    const known = [...open, assessmentRequested, assessedAs(...assessed)]
    const [first] = granted(known, wanted)
    const base = { type: 'plan-requested', plan: 1, by: 'U0BO', human: 'bo', request: rollback }
    expect(first).toEqual({ ...base, ...told })
    const now = after([...known, first!, assessmentRequested, assessedAs('errors-critical')])
    expect(now.plans[0]?.began).toEqual('began' in told ? told.began : undefined)
  })

  test('takes the place of one that waits, and of none that ended', () => {
    const types = (history: readonly Event[]) => granted(history, wanted).map(({ type }) => type)
    const other = [...open, planRequested({ kind: 'kubernetes', toVersion: 'v1.8.3' })]
    expect(types(other)).toEqual(['plan-withdrawn', 'plan-requested'])
    expect(types([...proposed, planDenied])).toEqual(['plan-requested'])
    const infeasible: Event = { type: 'plan-infeasible', plan: 1, because: 'nothing is kept' }
    expect(types([...asked, infeasible])).toEqual(['plan-requested'])
    expect(types(finished)).toEqual(['plan-requested'])
  })

  test.each<[PlanRequest, string, string[]]>([
    [{ kind: 'kubernetes', toVersion: null }, 'roll back', []],
    [{ kind: 'kubernetes', toVersion: 'v1.9.0' }, 'roll back to v1.9.0', []],
    [{ kind: 'scale-down', service: 'backend' }, 'scale backend down', ['backend']],
    [{ kind: 'restart', service: 'frontend' }, 'restart frontend', ['frontend']],
    [{ kind: 'clear-cache' }, 'clear the cache', []],
    [{ kind: 'maintenance', on: true }, 'maintenance on', []],
    [{ kind: 'maintenance', on: false }, 'maintenance off', []],
  ])('opens an incident of its own where there is none: %j', (request, title, services) => {
    expect(granted([], { kind: 'plan', request })).toMatchObject([
      { type: 'incident-opened', by: 'U0BO' },
      { type: 'incident-declared', channel: 'C0HEADLINES', title, services, severity: null },
      { type: 'assessment-requested', by: 'U0BO' },
      { type: 'plan-requested', plan: 1, request },
    ])
  })

  test('for what waits already looks at it once more: its card stands, with its signatures', () => {
    for (const history of [asked, proposed, signed]) {
      const more = granted(history, wanted)
      expect(more).toEqual([{ type: 'plan-asked-again', plan: 1, by: 'U0BO' }])
      const signatures = (events: readonly Event[]) => after(events).plans[0]?.approvals
      expect(signatures([...history, ...more])).toEqual(signatures(history))
    }
  })

  test('leaves whoever asked first the requester, also when that plan came to nothing', () => {
    const person = signer('U0CY', { human: 'cy' })
    const [first] = asked.slice(-1)
    const { by, human } = first as Extract<Event, { type: 'plan-requested' }>
    const stays = { type: 'plan-requested', plan: 2, by, human, again: 'U0CY' }
    expect(granted([...proposed, planDenied], wanted, { person }).at(-1)).toMatchObject(stays)
    expect(granted(proposed, again, { person }).at(-1)).toMatchObject(stays)
    // What the clock has asked for, nobody has.
    const byClock: Event = {
      type: 'plan-requested',
      plan: 1,
      by: 'clock',
      human: 'clock',
      request: rollback,
    }
    const drafted = [...asked.slice(0, -1), byClock, planProposed(), planDenied]
    expect(granted(drafted, wanted, { person }).at(-1)).toMatchObject({ by: 'U0CY', human: 'cy' })
    // What was carried out is another matter.
    expect(granted(finished, wanted, { person })).toMatchObject([{ by: 'U0CY', human: 'cy' }])
  })

  test('that takes the place of a signed plan is asked once more, and again after the next signature', () => {
    const restart: Intent = { kind: 'plan', request: { kind: 'restart', service: 'backend' } }
    const half = [...proposed, planApproved('U0CY', 'cy')]
    expect(decided(half, restart)).toMatchObject({ reason: 'takes-signed-place', detail: '1' })
    const wish = received(restart, { by: 'U0BO', delivery: 'first' })
    const told: Event[] = [
      ...half,
      { type: 'intent-received', received: wish },
      { type: 'intent-refused', delivery: 'first', reason: 'takes-signed-place', detail: '1' },
    ]
    expect(granted(told, restart).map(({ type }) => type)).toEqual([
      'plan-withdrawn',
      'plan-requested',
    ])
    // Who was not told is asked, too; and everybody is once another signature is there.
    expect(decided(told, restart, { person: signer('U0DEE') })).toMatchObject({ kind: 'refused' })
    expect(decided([...told, planApproved('U0EVE', 'eve')], restart)).toMatchObject({
      reason: 'takes-signed-place',
    })
  })

  test('that is not possible is refused to whoever asked, uses no number and opens nothing', () => {
    const impossible = 'backend: no revision of v9.9.9 is kept'
    expect(decided([], wanted, { impossible })).toEqual({
      kind: 'refused',
      reason: 'not-possible',
      detail: impossible,
    })
  })

  test.each<[string, readonly Event[], PlanRequest, boolean]>([
    ['opens an incident', [], { kind: 'clear-cache' }, true],
    ['names a version', open, { kind: 'kubernetes', toVersion: 'v9.9.9' }, true],
    ['names a backup', open, { kind: 'database', backup: 'nightly' }, true],
    ['is for the plan to say', open, rollback, false],
    ['waits already', asked, rollback, false],
  ])('is asked of the world beforehand where it %s', (_what, history, request, expected) => {
    expect(askedBeforehand(after(history), request) !== null).toBe(expected)
  })

  test('made again asks for the same, against the world as it is now', () => {
    const request = { kind: 'restart', service: 'backend' } as const
    const before = [...open, planRequested(request)]
    expect(granted(before, again)).toMatchObject([
      { type: 'plan-withdrawn', plan: 1, by: 'U0BO' },
      { type: 'plan-requested', plan: 2, request },
    ])
  })

  test('to undo is granted for what was written, and for what may have been', () => {
    const types = (history: readonly Event[]) => granted(history, undo).map(({ type }) => type)
    expect(types(finished)).toEqual(['plan-requested'])
    const half = [...running, stepStarted(), stepFailed(0, 'yes'), runEnded('failed')]
    expect(types(half)).toEqual(['plan-requested'])
    const perhaps = [...running, stepStarted(), stepFailed(0, 'unknown'), runEnded('failed')]
    expect(types(perhaps)).toEqual(['plan-requested'])
  })
})

describe('a granted wish', () => {
  test('to sign holds for a quarter of an hour, to the millisecond', () => {
    expect(granted(proposed, approve)).toEqual([
      {
        type: 'plan-approved',
        plan: 1,
        by: 'U0BO',
        human: 'bo',
        digest: 'digest-1',
        roles: ['approvers'],
        expiresAt: iso(later(60 + 15 * 60)),
      },
    ])
  })

  test('to sign says by which way it came, and as of when rights were known', () => {
    const rightsAsOf = iso(later(-3600))
    const person = signer('U0BO', { human: 'bo', rightsAsOf })
    const outside = received(approve, { by: 'U0BO', via: 'page' })
    expect(decide(after(proposed), outside, { ...usually, person })).toMatchObject({
      kind: 'accepted',
      events: [{ type: 'plan-approved', by: 'U0BO', via: 'page', rightsAsOf }],
    })
  })

  test('to sign counts from when that very person was shown the plan, where that is told', () => {
    const shown = (seconds: number) => ({ ...approve, shownAt: iso(later(seconds)) })
    const now = { approval: ApprovalSettings.parse({ users: ['U0BO'] }), nowMs: later(60) }
    expect(decided(proposed, shown(58), now)).toMatchObject({ reason: 'read-first' })
    expect(granted(proposed, shown(30), now)).toHaveLength(1)
  })

  test('to deny ends the gate, whoever has signed', () => {
    expect(granted(signed, deny)).toEqual([{ type: 'plan-denied', plan: 1, by: 'U0BO' }])
  })

  test('to stop stops the newest plan, and needs no right to sign', () => {
    const person = signer('U0X', { roles: NOBODY })
    expect(granted(running, { kind: 'abort', plan: null }, { person })).toEqual([
      { type: 'abort-requested', plan: 1, by: 'U0X' },
    ])
  })

  test('to close takes a plan that waits with it', () => {
    const types = granted(signed, { kind: 'close' }).map(({ type }) => type)
    expect(types).toEqual(['plan-withdrawn', 'incident-closed', 'report-requested'])
  })

  test('to watch begins the next watch, of no run; to stop ends that very one', () => {
    expect(granted(open, watchOn)).toEqual([
      { type: 'watch-started', watch: 1, plan: null, schedule: HALF_HOUR },
    ])
    expect(granted([...open, watchStarted, watchEnded], watchOn)).toMatchObject([{ watch: 2 }])
    expect(granted([...open, watchStarted], watchOff)).toEqual([
      { type: 'watch-ended', watch: 1, because: 'stopped' },
    ])
  })

  test('to tick, to edit and to publish names who did', () => {
    expect(granted(open, tick)).toMatchObject([{ type: 'item-ticked', by: 'U0BO' }])
    expect(granted(open, edit)).toMatchObject([{ text: 'We look into it', by: 'U0BO' }])
    expect(granted(open, publish)).toMatchObject([{ decision: 'published', by: 'U0BO' }])
  })
})
