import { describe, expect, test } from 'vitest'
import { asOfNow } from '../../../src/domain/readiness/as-of-now.ts'
import {
  inSum,
  type ReadinessCheck,
  type ReadinessState,
  type Reading,
  type WayBackReadiness,
} from '../../../src/domain/readiness/readiness.ts'
import { signersCheck, type Present } from '../../../src/domain/readiness/signers.ts'
import { compare, leadsElsewhere, type Standing } from '../../../src/domain/readiness/standing.ts'
import { ONE, ONE_OF_EACH, TWO } from '../../../src/domain/plan/request-parts.ts'
import { atMs } from '../../support/builders.ts'

const HOUR = 3_600_000
const iso = (afterMs = 0) => new Date(atMs + afterMs).toISOString()
const REMOVED = 'backend on shop-1: v1.9.0 can no longer be reached'

function way(
  state: ReadinessState,
  { to = 'v1.9.0', from = 'v2.0.0', services = ['backend'], ...changes }: WayChanges = {},
): WayBackReadiness {
  const legs = services.map((service) => ({
    service,
    from: [`shop/${service}:${from}`],
    to: [`shop/${service}:${to}`],
    version: to,
  }))
  return {
    procedure: 'docker',
    services: [...services],
    does: state === 'not-ready' ? null : `${services.join(' and ')} back to ${to}`,
    legs: state === 'not-ready' ? [] : legs,
    state,
    because: state === 'not-ready' ? REMOVED : 'as it should be',
    checks: [],
    checkedAt: iso(),
    ...changes,
  }
}

type WayChanges = Partial<WayBackReadiness> & { readonly to?: string; readonly from?: string }

const reading = (...waysBack: readonly WayBackReadiness[]): Reading => ({
  at: iso(),
  waysBack: [...waysBack],
  beside: [],
})

/** What is told of these looks, one after the other. */
function told(looks: readonly Reading[], whyLeft: () => string | null = () => null) {
  let standings: readonly Standing[] = []
  return looks.map((look) => {
    const { lost, regained, ...next } = compare(standings, look, whyLeft)
    standings = next.standings
    return [
      ...lost.map(({ services, because }) => `lost ${services.join(', ')}: ${because}`),
      ...regained.map(({ services, does }) => `regained ${services.join(', ')}: ${does}`),
    ]
  })
}

const [ready, gone, unknown] = [way('ready'), way('not-ready'), way('unknown')].map((one) =>
  reading(one),
) as [Reading, Reading, Reading]

describe('a way back', () => {
  const LOST = [`lost backend: ${REMOVED}`]
  const BACK = ['regained backend: backend back to v1.9.0']

  test.each<[string, readonly Reading[], readonly (readonly string[])[]]>([
    ['that was never ready was not lost', [gone, gone, gone], [[], [], []]],
    [
      'is lost when two looks in a row say so, and told once',
      [ready, gone, gone, gone],
      [[], [], LOST, []],
    ],
    [
      'that was away for one look alone is not told',
      [ready, gone, ready, gone, ready],
      [[], [], [], [], []],
    ],
    ['that is not known is not lost', [ready, unknown, unknown, unknown], [[], [], [], []]],
    [
      'is lost although it was not known in between',
      [ready, gone, unknown, gone],
      [[], [], [], LOST],
    ],
    [
      'that was told is told when it is back, once',
      [ready, gone, gone, ready, ready],
      [[], [], LOST, BACK, []],
    ],
    [
      'is not back while it is not known',
      [ready, gone, gone, unknown, gone],
      [[], [], LOST, [], []],
    ],
    ['that is ready for the first time was never lost', [gone, gone, ready], [[], [], []]],
    [
      'that is lost again is told again',
      [ready, gone, gone, ready, gone, gone],
      [[], [], LOST, BACK, [], LOST],
    ],
    ['that is not configured any more was not lost', [ready, reading(), reading()], [[], [], []]],
  ])('%s', (_, looks, expected) => {
    expect(told(looks)).toEqual(expected)
  })

  test('after another release leads elsewhere, and nothing was lost', () => {
    const next = reading(way('ready', { from: 'v2.0.1', to: 'v2.0.0' }))
    expect(told([ready, next, next], () => 'gone')).toEqual([[], [], []])
  })

  test('of the same release that leads elsewhere has lost a version, if that one is gone', () => {
    const older = reading(way('ready', { to: 'v1.8.3' }))
    const looks = [ready, older, older, older]
    const why = 'no revision of v1.9.0 is kept'
    expect(told(looks, () => why)).toEqual([[], [], [`lost backend: ${why}`], []])
    expect(told(looks, () => null)).toEqual([[], [], [], []])
  })

  test('is asked for by name only when it leads elsewhere for the second time', () => {
    const older = reading(way('ready', { to: 'v1.8.3' }))
    const first = compare([], ready).standings
    expect(leadsElsewhere(first, older)).toEqual([])
    const second = compare(first, older).standings
    const asked = { procedure: 'docker', service: 'backend', version: 'v1.9.0' }
    expect(leadsElsewhere(second, older)).toEqual([asked])
    expect(leadsElsewhere(second, ready)).toEqual([])
  })

  test('of services that went back together is told once for all of them, and by service where they part', () => {
    const both = ['backend', 'frontend']
    const start = reading(way('ready', { services: both }))
    const all = reading(way('not-ready', { services: both }))
    expect(told([start, all, all]).at(-1)).toEqual([`lost backend, frontend: ${REMOVED}`])
    const one = reading(way('not-ready'), way('ready', { services: ['frontend'] }))
    expect(told([start, one, one]).at(-1)).toEqual([`lost backend: ${REMOVED}`])
  })
})

describe('the sum of what was looked at', () => {
  const check = (state: ReadinessState, because: string): ReadinessCheck => {
    return { name: 'plan', state, because }
  }

  test.each<[readonly ReadinessCheck[], ReadinessState, string]>([
    [[], 'unknown', 'nothing was looked at'],
    [
      [check('ready', 'v1.9.0 ran for a day'), check('ready', 'all there')],
      'ready',
      'v1.9.0 ran for a day',
    ],
    [[check('ready', 'a'), check('unknown', 'no answer')], 'unknown', 'no answer'],
    [[check('unknown', 'no answer'), check('not-ready', 'gone')], 'not-ready', 'gone'],
    [
      [check('not-ready', 'a'), check('not-ready', 'b'), check('not-ready', 'a')],
      'not-ready',
      'a; b',
    ],
    [
      [
        check('not-ready', 'it would be refused: gone on shop-2'),
        check('not-ready', 'gone on shop-2'),
      ],
      'not-ready',
      'it would be refused: gone on shop-2',
    ],
  ])('%#', (checks, state, because) => {
    expect(inSum(checks)).toEqual({ state, because })
  })
})

describe('what was checked too long ago is not known', () => {
  const whole: Reading = {
    ...reading(way('ready'), way('not-ready')),
    beside: [{ name: 'paging', state: 'ready', because: 'accepted' }],
  }
  const states = (ageMs: number, everyMinutes: number) => {
    const { waysBack, beside } = asOfNow(whole, atMs + ageMs, { everyMinutes })
    return [...waysBack, ...beside].map(({ state }) => state)
  }
  const AS_READ = ['ready', 'not-ready', 'ready']
  const UNKNOWN = ['unknown', 'unknown', 'unknown']

  test.each([
    [0, 60, AS_READ],
    [HOUR + 10 * 60_000, 60, AS_READ],
    [HOUR + 10 * 60_000 + 1, 60, UNKNOWN],
    [HOUR, 5, UNKNOWN],
    [3 * HOUR, 180, AS_READ],
    // Never by itself.
    [HOUR, 0, AS_READ],
    [2 * HOUR, 0, UNKNOWN],
    // The clock was set back.
    [-HOUR, 60, UNKNOWN],
  ])('%i ms, every %i minutes', (ageMs, everyMinutes, expected) => {
    expect(states(ageMs, everyMinutes)).toEqual(expected)
  })

  test('and says since when', () => {
    const [first] = asOfNow(whole, atMs + 5 * HOUR, { everyMinutes: 60 }).waysBack
    expect(first).toMatchObject({ because: 'it was last checked 5 hours ago', checks: [] })
  })
})

describe('who signs', () => {
  const known = (people: number): Present => ({ kind: 'known', people })
  const away: Present = { kind: 'not-known', because: 'Slack did not answer' }
  const of = (approvers: Present, owners: Present, requesterMayApprove = false, rules = TWO) =>
    signersCheck(rules, { approvers, 'data-owners': owners }, { requesterMayApprove })

  test.each<[string, ReadinessCheck, ReadinessState, string]>([
    ['three', of(known(3), known(0)), 'ready', '3 approvers can sign'],
    [
      'two',
      of(known(2), known(0)),
      'not-ready',
      '2 approvers can sign: 2 have to, and who asks for the plan does not count',
    ],
    ['two, and who asks counts', of(known(2), known(0), true), 'ready', '2 approvers can sign'],
    ['one', of(known(1), known(0), true), 'not-ready', '1 approver can sign: 2 have to'],
    ['not known', of(away, known(0)), 'unknown', 'who may sign: Slack did not answer'],
    [
      'no data owner',
      of(known(3), known(0), false, ONE_OF_EACH),
      'not-ready',
      '0 data owners can sign: 1 has to',
    ],
    [
      'one data owner, who may be the one who asks',
      of(known(3), known(1), false, ONE_OF_EACH),
      'ready',
      '3 approvers can sign, 1 data owner can sign (unless they ask for the plan)',
    ],
    [
      'two data owners, one of whom asks',
      of(known(3), known(2), false, ONE_OF_EACH),
      'ready',
      '3 approvers can sign, 2 data owners can sign',
    ],
    [
      'one data owner, and who asks counts',
      of(known(2), known(1), true, ONE_OF_EACH),
      'ready',
      '2 approvers can sign, 1 data owner can sign',
    ],
    [
      'two approvers and one data owner',
      of(known(2), known(1), false, ONE_OF_EACH),
      'not-ready',
      '2 approvers can sign: 2 have to, and who asks for the plan does not count',
    ],
    [
      'one, who asked and counts for this plan alone',
      of(known(1), known(0), false, ONE),
      'ready',
      '1 approver can sign',
    ],
    [
      'too few, and of the others nobody knows',
      of(known(1), away, false, ONE_OF_EACH),
      'not-ready',
      '1 approver can sign: 2 have to',
    ],
  ])('%s', (_, found, state, because) => {
    expect(found).toEqual({ name: 'signers', state, because })
  })
})
