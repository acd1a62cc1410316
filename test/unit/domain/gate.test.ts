import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  NO_ROLES_ASKED,
  ApprovalSettings,
  escalationsDue,
  isSigned,
  standingApprovals,
  whyNotApprove,
  whyNotDeny,
  type Signer,
  signaturesMissing,
  signedUntilMs,
} from '../../../src/domain/plan/gate.ts'
import type { Approval, PlanState } from '../../../src/domain/plan/plan-state.ts'
import { at, atMs, ONE, TWO } from '../../support/builders.ts'
import {
  approval,
  approvalBy,
  iso,
  later,
  openGate,
  planOf,
  runOf,
  signer,
  APPROVER,
  NOBODY,
} from '../../support/plan-story.ts'

/** Everybody has had the time to read. */
const readMs = later(60)

const ended = { kind: 'denied', by: 'U0CY', at, reason: null } as const
const requester = signer('U0ANA', { human: 'ana' })

type Click = {
  readonly state?: Partial<PlanState>
  readonly who?: Signer
  readonly digest?: string
  readonly nowMs?: number
  readonly settings?: Partial<ApprovalSettings>
}

function approve({ state, who, digest, nowMs, settings }: Click) {
  const all = { ...approval, ...settings }
  return whyNotApprove(
    openGate(state),
    who ?? signer('U0BO'),
    digest ?? 'digest-1',
    nowMs ?? readMs,
    all,
  )
}

const deny = ({ state, who, digest }: Click) =>
  whyNotDeny(openGate(state), who ?? signer('U0BO'), digest ?? 'digest-1')

describe('a signature counts not,', () => {
  const already = { approvals: [approvalBy('U0BO')] }
  const tooLong = planOf({ lost: 'x'.repeat(300_000) })
  const refusals: readonly [string, Click, string | null][] = [
    ['when nothing speaks against it', {}, null],
    ['for a plan that is not proposed yet', { state: { plan: null } }, 'plan-ended'],
    ['for a plan that has ended', { state: { ended } }, 'plan-ended'],
    ['for a plan that is being carried out', { state: { run: runOf([]) } }, 'plan-ended'],
    ['for another plan than the card showed', { digest: 'digest-0' }, 'plan-changed'],
    ['for what nobody can read whole', { state: { plan: tooLong } }, 'plan-too-long'],
    [
      'when Slack did not say who may sign',
      { who: signer('U0BO', { roles: NO_ROLES_ASKED }) },
      'rights-unknown',
    ],
    ['of somebody else', { who: signer('U0X', { roles: NOBODY }) }, 'not-an-approver'],
    ['of the requester', { who: requester }, 'requester'],
    ['of the requester’s second account', { who: signer('U0ANA2', { human: 'ana' }) }, 'requester'],
    ['when it is one’s second', { state: already }, 'already-approved'],
    [
      'when it is one’s second, by another account',
      { state: already, who: signer('U0BO2', { human: 'U0BO' }) },
      'same-human',
    ],
    ['before anybody can have read the card', { nowMs: later(1) }, 'read-first'],
  ]

  test.each(refusals)('%s', (_what, click, reason) => {
    expect(approve(click)).toBe(reason)
  })

  /** Each of them breaks one rule more than the one after it. */
  const precedence: readonly [string, Click][] = [
    ['plan-ended', { state: { ended, approvals: [approvalBy('U0ANA', { human: 'ana' })] } }],
    ['plan-changed', { state: { approvals: [approvalBy('U0ANA', { human: 'ana' })] } }],
    ['not-an-approver', { state: { approvals: [approvalBy('U0ANA', { human: 'ana' })] } }],
    ['requester', { state: { approvals: [approvalBy('U0ANA', { human: 'ana' })] } }],
    ['already-approved', { state: { approvals: [approvalBy('U0ANA', { human: 'ana' })] } }],
    ['same-human', { state: { approvals: [approvalBy('U0ANA9', { human: 'ana' })] } }],
    ['read-first', {}],
  ]

  test('and of several reasons the first in this order is told', () => {
    const told = precedence.map(([, click], index) =>
      approve({
        ...click,
        who: { ...requester, roles: index > 2 ? APPROVER : NOBODY },
        digest: index > 1 ? 'digest-1' : 'digest-0',
        nowMs: later(1),
        settings: { requesterMayApprove: index > 3 },
      }),
    )
    expect(told).toEqual(precedence.map(([reason]) => reason))
  })

  test('except that the requester may sign where that is allowed', () => {
    expect(approve({ who: requester, settings: { requesterMayApprove: true } })).toBeNull()
  })

  test('except that the requester may sign what one person has to sign', () => {
    const state = { plan: planOf({ signatures: ONE }) }
    expect(approve({ who: requester, state })).toBeNull()
  })

  test('except that it may be given anew from the millisecond on at which the first one expires', () => {
    const state = { approvals: [approvalBy('U0BO', { expiresAt: iso(readMs) })] }
    expect(approve({ state, nowMs: readMs - 1 })).toBe('already-approved')
    expect(approve({ state, nowMs: readMs })).toBeNull()
  })
})

describe('two rules', () => {
  const signatures = [...TWO, { count: 1, from: 'data-owners' as const }]
  const dba = { approvers: true, 'data-owners': true }
  const state = (...approvals: readonly Approval[]) =>
    openGate({ approvals, plan: planOf({ signatures }) })
  const dbaSigned = approvalBy('U0DI', { roles: ['approvers', 'data-owners'] })

  test('are met by two people, of whom one has both roles', () => {
    expect(isSigned(state(approvalBy('U0BO'), approvalBy('U0CY')), atMs)).toBe(false)
    expect(isSigned(state(approvalBy('U0BO'), dbaSigned), atMs)).toBe(true)
    expect(isSigned(state(dbaSigned), atMs)).toBe(false)
  })

  test('ask somebody of the missing role, and nobody whose role has enough', () => {
    const { approvals } = state(approvalBy('U0BO'), approvalBy('U0CY'))
    const plan = planOf({ signatures })
    expect(approve({ who: signer('U0EVE'), state: { approvals, plan } })).toBe(
      'another-role-wanted',
    )
    expect(approve({ who: signer('U0DI', { roles: dba }), state: { approvals, plan } })).toBeNull()
    expect(signaturesMissing(signatures, approvals)).toBe(1)
  })

  test('hold as long as the one of them that ends first', () => {
    const early = approvalBy('U0DI', {
      roles: ['approvers', 'data-owners'],
      expiresAt: iso(later(60)),
    })
    expect(signedUntilMs(state(approvalBy('U0BO'), approvalBy('U0CY'), early))).toBe(later(60))
    expect(signedUntilMs(state(approvalBy('U0BO')))).toBe(0)
  })
})

describe('a card that has only just appeared', () => {
  test('can be signed from the very millisecond on at which it can have been read', () => {
    expect(approve({ nowMs: later(5) - 1 })).toBe('read-first')
    expect(approve({ nowMs: later(5) })).toBeNull()
  })

  test('is never called read while it does not stand in Slack', () => {
    expect(approve({ state: { shownAt: null }, nowMs: later(600) })).toBe('read-first')
  })

  test('is taken as read by whoever was asked once, and by nobody else', () => {
    const state = { doubted: ['U0BO'] }
    expect(approve({ state, nowMs: later(1) })).toBeNull()
    expect(approve({ state, nowMs: later(1), who: signer('U0CY') })).toBe('read-first')
    expect(approve({ state: { ...state, shownAt: null } })).toBeNull()
  })

  test('is not asked about where no time to read is wanted', () => {
    const settings = { readSeconds: 0 }
    expect(approve({ nowMs: atMs, settings })).toBeNull()
    expect(approve({ state: { shownAt: null }, settings })).toBeNull()
  })
})

describe('a denial', () => {
  test.each([
    ['an approver', signer('U0BO'), null],
    ['an approver who has signed', signer('U0CY'), null],
    ['the requester, approver or not', { ...requester, roles: NOBODY }, null],
    [
      'the requester’s second account',
      signer('U0ANA2', { human: 'ana', roles: NO_ROLES_ASKED }),
      null,
    ],
    ['somebody else', signer('U0X', { roles: NOBODY }), 'not-an-approver'],
    [
      'somebody of whom Slack did not say it',
      signer('U0X', { roles: NO_ROLES_ASKED }),
      'rights-unknown',
    ],
  ] as const)('by %s is answered with %3$s', (_what, who, reason) => {
    expect(deny({ who, state: { approvals: [approvalBy('U0CY')] } })).toBe(reason)
  })

  test('is too late for a plan that ended, and ends no other plan than the card showed', () => {
    expect(deny({ state: { ended }, digest: 'digest-0' })).toBe('plan-ended')
    expect(deny({ state: { run: runOf([]) } })).toBe('plan-ended')
    expect(deny({ digest: 'digest-0', who: signer('U0X', { roles: NOBODY }) })).toBe('plan-changed')
  })

  test('needs no time to read', () => {
    expect(deny({ state: { shownAt: null } })).toBeNull()
  })
})

describe('a plan is signed', () => {
  const withTwo = openGate({ approvals: [approvalBy('U0BO'), approvalBy('U0CY')] })

  test('until the very millisecond at which the first signature expires', () => {
    const expiresMs = later(15 * 60)
    expect(isSigned(withTwo, expiresMs - 1)).toBe(true)
    expect(isSigned(withTwo, expiresMs)).toBe(false)
  })

  test('by one person where one is enough, and by nobody nowhere', () => {
    const single = openGate({ plan: planOf({ signatures: ONE }) })
    expect(isSigned(single, atMs)).toBe(false)
    expect(isSigned({ ...single, approvals: [approvalBy('U0ANA')] }, atMs)).toBe(true)
    expect(isSigned(openGate({ plan: null, approvals: withTwo.approvals }), atMs)).toBe(false)
  })

  const Approvals = fc.array(
    fc.record({
      by: fc.constantFrom('U0ANA', 'U0BO', 'U0BO2', 'U0CY', 'U0DI'),
      human: fc.constantFrom('ana', 'bo', 'cy', 'di'),
      digest: fc.constantFrom('digest-1', 'digest-0'),
      roles: fc.constant(['approvers'] as const),
      at: fc.constant(at),
      expiresAt: fc.integer({ min: -2, max: 2 }).map((ms) => iso(atMs + ms)),
    }),
    { maxLength: 6 },
  )

  test('only by so many different humans, each with a signature of this digest that holds', () => {
    let yes = 0
    fc.assert(
      fc.property(Approvals, fc.constantFrom(ONE, TWO), (approvals, signatures) => {
        const state = openGate({ approvals, plan: planOf({ signatures }) })
        const humans = new Set<string>()
        for (const { human, digest, expiresAt } of approvals) {
          if (digest === 'digest-1' && Date.parse(expiresAt) > atMs) humans.add(human)
        }
        const wanted = humans.size >= (signatures === TWO ? 2 : 1)
        if (wanted) yes += 1
        expect(isSigned(state, atMs)).toBe(wanted)
        expect(standingApprovals(state, atMs).every(({ digest }) => digest === 'digest-1')).toBe(
          true,
        )
      }),
      { numRuns: 2_000 },
    )
    expect(yes).toBeGreaterThan(100)
  })
})

describe('calls for signatures', () => {
  const due = (seconds: number, state: Partial<PlanState> = {}) =>
    escalationsDue(openGate(state), later(seconds), approval)

  test('are due after two minutes and after four, to the millisecond', () => {
    expect([0, 119.999, 120, 239.999, 240, 9_999].map((seconds) => due(seconds))).toEqual([
      0, 0, 1, 1, 2, 2,
    ])
  })

  test('are not due for what is signed, ended or begun', () => {
    expect(due(240, { approvals: [approvalBy('U0BO'), approvalBy('U0CY')] })).toBe(0)
    expect(due(240, { approvals: [approvalBy('U0BO')] })).toBe(2)
    expect(due(240, { ended })).toBe(0)
    expect(due(240, { run: runOf([]) })).toBe(0)
    expect(due(240, { plan: null })).toBe(0)
  })
})
