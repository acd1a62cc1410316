import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf, type LedgerEntry, type SeenContainer } from '../../../src/domain/workload/ledger.ts'
import { HEALTH_KNOWN_FOR_MS, seenNow } from '../../../src/domain/workload/seen-now.ts'
import { atMs } from '../../support/builders.ts'
import { container, DAY, image, MINUTE, NO_LABELS } from '../../support/ledger.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** What is seen, so long after the moment at which everything happens. */
type Look = readonly [ms: number, ...containers: readonly SeenContainer[]]

/** What the ledger holds after these looks. */
function after(...looks: readonly Look[]): readonly LedgerEntry[] {
  return looks.reduce<readonly LedgerEntry[]>((entries, [ms, ...containers]) => {
    return putInto(entries, seenNow(entries, containers, iso(atMs + ms)))
  }, [])
}

function putInto(
  entries: readonly LedgerEntry[],
  changed: readonly LedgerEntry[],
): readonly LedgerEntry[] {
  const all = [...entries, ...changed].map((one) => [keyOf(one), one] as const)
  return [...new Map(all).values()]
}

const running = (runningMs: number, changes: Partial<SeenContainer> = {}) =>
  container({ runningMs, ...changes })
const well = (runningMs: number, changes: Partial<SeenContainer> = {}) =>
  running(runningMs, { health: 'healthy', ...changes })

test('what is seen for the first time has run as long as its host says', () => {
  const seen = running(3 * DAY)
  expect(after([0, seen])).toEqual([
    {
      service: 'backend',
      host: 'web-1',
      image: seen.image,
      labels: NO_LABELS,
      references: ['shop/backend:v1.9.0'],
      sha256: 'settings-1',
      firstSeenAt: iso(atMs),
      startedAt: iso(atMs - 3 * DAY),
      lastSeenAt: iso(atMs),
      ranMs: 3 * DAY,
      hasHealthCheck: false,
      healthyMs: 0,
      lastHealthyAt: null,
      healthyIn: [],
    },
  ])
})

test.each<[string, Partial<SeenContainer>]>([
  ['is only kept', { role: 'kept' }],
  ['was created and not started', { state: 'created', runningMs: null }],
  ['has ended', { state: 'exited', runningMs: null }],
  ['is paused', { state: 'paused' }],
  ['is started again and again', { state: 'restarting' }],
  ['runs by its state, while its host does not say since when', { runningMs: null }],
])('a container that %s is not seen running', (_what, changes) => {
  expect(after([0, container(changes)])).toEqual([])
  const [entry] = after([0, running(MINUTE)], [MINUTE, container(changes)])
  expect(entry).toMatchObject({ ranMs: MINUTE, lastSeenAt: iso(atMs) })
})

describe('the time between two looks', () => {
  test('has run where the container ran throughout', () => {
    const [entry] = after([0, running(MINUTE)], [MINUTE, running(2 * MINUTE)])
    expect(entry).toMatchObject({
      ranMs: 2 * MINUTE,
      firstSeenAt: iso(atMs),
      startedAt: iso(atMs - MINUTE),
      lastSeenAt: iso(atMs + MINUTE),
    })
  })

  test('has run over looks that were missed for days, as its host proves', () => {
    const [entry] = after([0, running(MINUTE)], [3 * DAY, running(3 * DAY + MINUTE)])
    expect(entry).toMatchObject({ ranMs: 3 * DAY + MINUTE, startedAt: iso(atMs - MINUTE) })
  })

  test('has run since the restart of a container that was restarted', () => {
    const [entry] = after([0, running(DAY)], [3 * DAY, running(5_000)])
    expect(entry).toMatchObject({ ranMs: DAY + 5_000, startedAt: iso(atMs + 3 * DAY - 5_000) })
  })

  test('does not count while another version ran, although it comes back', () => {
    const other = running(MINUTE, { id: 'c-2', image: image('shop/backend:v2.0.0') })
    const entries = after(
      [0, running(DAY)],
      [MINUTE, running(DAY + MINUTE)],
      [2 * MINUTE, other],
      [10 * MINUTE, running(MINUTE, { id: 'c-3' })],
    )
    expect(entries.map(({ ranMs }) => ranMs)).toEqual([DAY + 2 * MINUTE, MINUTE])
  })

  test('counts once for several containers of one state, for the one that runs longest', () => {
    const pair = (first: number, second: number) => [running(first), running(second, { id: 'c-2' })]
    const entries = after([0, ...pair(DAY, MINUTE)], [MINUTE, ...pair(1_000, 2 * MINUTE)])
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({ ranMs: DAY + MINUTE, startedAt: iso(atMs - DAY) })
  })

  test('counts for each host, service, image and hash by itself', () => {
    const entries = after([
      0,
      running(MINUTE),
      running(MINUTE, { host: 'web-2' }),
      running(MINUTE, { service: 'worker' }),
      running(MINUTE, { sha256: 'settings-2' }),
      running(MINUTE, { image: image('shop/backend:v2.0.0') }),
    ])
    expect(entries).toHaveLength(5)
  })
})

describe('a clock that was set back', () => {
  test('makes no time negative, and what ran afterwards counts', () => {
    const [entry] = after(
      [0, well(MINUTE)],
      [MINUTE, well(2 * MINUTE)],
      [-DAY, well(3 * MINUTE)],
      [-DAY + MINUTE, well(4 * MINUTE)],
    )
    expect(entry).toMatchObject({
      firstSeenAt: iso(atMs - DAY - MINUTE),
      startedAt: iso(atMs - DAY - 2 * MINUTE),
      lastSeenAt: iso(atMs - DAY + MINUTE),
      ranMs: 3 * MINUTE,
      healthyMs: 2 * MINUTE,
      lastHealthyAt: iso(atMs - DAY + MINUTE),
    })
  })

  test('on the host, counts for nothing', () => {
    const [entry] = after([0, running(-DAY)], [MINUTE, running(-DAY)])
    expect(entry).toMatchObject({ ranMs: 0, lastSeenAt: iso(atMs + MINUTE) })
  })
})

describe('time counts as healthy', () => {
  test('between two looks that both said so of the same run', () => {
    const [entry] = after([0, well(DAY)], [MINUTE, well(DAY + MINUTE)])
    expect(entry).toMatchObject({
      hasHealthCheck: true,
      healthyMs: MINUTE,
      lastHealthyAt: iso(atMs + MINUTE),
    })
  })

  test.each<[string, SeenContainer, SeenContainer]>([
    ['only the first one said so', well(DAY), running(DAY + MINUTE, { health: 'unhealthy' })],
    ['only the second one said so', running(DAY, { health: 'starting' }), well(DAY + MINUTE)],
    ['it was restarted in between', well(DAY), well(30_000)],
    ['it was another container', well(DAY), well(DAY + MINUTE, { id: 'c-2' })],
    ['there is no health check', running(DAY), running(DAY + MINUTE)],
  ])('not when %s', (_what, first, second) => {
    expect(after([0, first], [MINUTE, second])[0]).toMatchObject({ healthyMs: 0 })
  })

  test('once for several containers, and as long as one of them stayed healthy', () => {
    const [entry] = after(
      [0, well(DAY), well(DAY, { id: 'c-2' })],
      [MINUTE, well(DAY), well(DAY + MINUTE, { id: 'c-2' })],
      [2 * MINUTE, running(DAY, { health: 'unhealthy' }), well(DAY + 2 * MINUTE, { id: 'c-2' })],
    )
    expect(entry).toMatchObject({ healthyMs: 2 * MINUTE, healthyIn: ['c-2'] })
  })

  test.each([
    ['over five minutes, as in a restart of ours', HEALTH_KNOWN_FOR_MS, HEALTH_KNOWN_FOR_MS],
    ['not over more, in which nobody looked', HEALTH_KNOWN_FOR_MS + 1, 0],
    ['not over a day', DAY, 0],
  ])('%s, and has run all the same', (_what, passedMs, healthyMs) => {
    const [entry] = after([0, well(DAY)], [passedMs, well(DAY + passedMs)])
    expect(entry).toMatchObject({
      ranMs: DAY + passedMs,
      healthyMs,
      lastHealthyAt: iso(atMs + passedMs),
    })
  })
})

describe('one image', () => {
  const tagged = (reference: string) => running(DAY, { image: image(reference, 'one build') })

  test('is one entry under all its tags, the newest first and ten at most', () => {
    const looks = Array.from({ length: 12 }, (_, n) => {
      return [n * MINUTE, tagged(`shop/backend:v${n}`)] as const
    })
    const entries = after(...looks, [20 * MINUTE, tagged('shop/backend:v5')])
    expect(entries).toHaveLength(1)
    expect(entries[0]?.image.reference).toBe('shop/backend:v5')
    expect(entries[0]?.references).toEqual(
      [5, 11, 10, 9, 8, 7, 6, 4, 3, 2].map((n) => `shop/backend:v${n}`),
    )
  })

  test('keeps the digest under which it can be pulled, once that was seen', () => {
    const pushed = tagged('shop/backend:v1')
    const local = { ...pushed, image: { ...pushed.image, digest: null } }
    for (const looks of [
      [local, pushed],
      [pushed, local],
    ] as const) {
      const [entry] = after([0, looks[0]], [MINUTE, looks[1]])
      expect(entry?.image.digest).toBe(pushed.image.digest)
    }
  })
})

describe('whatever is seen', () => {
  const anyContainer = fc.record({
    service: fc.constantFrom('backend', 'frontend'),
    host: fc.constantFrom('web-1', 'web-2'),
    id: fc.constantFrom('c-1', 'c-2', 'c-3'),
    role: fc.constantFrom('serving' as const, 'serving' as const, 'kept' as const),
    image: fc.constantFrom('a:1', 'a:2', 'a:3').map((name) => image(name, name.slice(0, 3))),
    labels: fc.constant(NO_LABELS),
    sha256: fc.constantFrom('s-1', 's-2'),
    state: fc.constantFrom('running', 'running', 'running', 'exited', 'paused'),
    health: fc.constantFrom('none' as const, 'starting' as const, 'healthy' as const),
    runningMs: fc.option(fc.integer({ min: -MINUTE, max: 10 * MINUTE }), { freq: 9 }),
  })
  const anyLook = fc.record({
    /** Also back, as clocks are set. */
    passedMs: fc.integer({ min: -3 * MINUTE, max: 8 * MINUTE }),
    containers: fc.array(anyContainer, { maxLength: 6 }),
  })
  const anyLooks = fc.array(anyLook, { minLength: 1, maxLength: 12 })

  function timed(looks: readonly { passedMs: number; containers: SeenContainer[] }[]): Look[] {
    let ms = 0
    return looks.map(({ passedMs, containers }) => {
      ms += passedMs
      return [ms, ...containers] as const
    })
  }

  test('nothing ran longer than it was known, and than it had run when it was seen first', () => {
    fc.assert(
      fc.property(anyLooks, (looks) => {
        const first = new Map<string, number>()
        let entries: readonly LedgerEntry[] = []
        for (const [ms, ...containers] of timed(looks)) {
          const changed = seenNow(entries, containers, iso(atMs + ms))
          for (const one of changed) {
            const key = keyOf(one)
            if (!first.has(key)) first.set(key, one.ranMs)
            const knownMs = Date.parse(one.lastSeenAt) - Date.parse(one.firstSeenAt)
            expect(knownMs).toBeGreaterThanOrEqual(0)
            expect(one.ranMs).toBeLessThanOrEqual(knownMs + (first.get(key) ?? 0))
            expect(one.healthyMs).toBeLessThanOrEqual(one.ranMs)
            const old = entries.find((entry) => keyOf(entry) === key)
            expect(one.ranMs).toBeGreaterThanOrEqual(old?.ranMs ?? 0)
            expect(one.healthyMs).toBeGreaterThanOrEqual(old?.healthyMs ?? 0)
          }
          entries = putInto(entries, changed)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('looks at other services change nothing, in whatever order', () => {
    const sorted = (entries: readonly LedgerEntry[]) =>
      entries.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    fc.assert(
      fc.property(anyLooks, fc.boolean(), (looks, turned) => {
        const all = timed(looks)
        const apart = all.flatMap(([ms, ...containers]): Look[] => {
          const of = (service: string): Look => [
            ms,
            ...containers.filter((one) => one.service === service),
          ]
          const both = [of('backend'), of('frontend')]
          return turned ? both.toReversed() : both
        })
        expect(sorted(after(...apart))).toEqual(sorted(after(...all)))
      }),
      { numRuns: 300 },
    )
  })

  test('the same moment twice changes nothing', () => {
    fc.assert(
      fc.property(anyLooks, (looks) => {
        const all = timed(looks)
        const entries = after(...all)
        const [ms, ...containers] = all.at(-1)!
        expect(seenNow(entries, containers, iso(atMs + ms))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
