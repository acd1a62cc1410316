import { describe, expect, test } from 'vitest'
import type { TroubleBegan } from '../../../src/domain/assessment/onset.ts'
import { historyOf, type Came, type History } from '../../../src/domain/workload/history.ts'
import { seenHistory } from '../../../src/domain/workload/seen-history.ts'
import { takenBackBy } from '../../../src/domain/workload/taken-back.ts'
import { atMs, revision } from '../../support/builders.ts'
import { before, container, DAY, entry, image, MINUTE } from '../../support/ledger.ts'

const HOUR = 60 * MINUTE
const WINDOW = 30 * MINUTE

/** It came so long ago, exactly. */
function came(name: string, agoMs: number): Came {
  return { name, afterMs: atMs - agoMs, byMs: atMs - agoMs }
}

function history(service: string, ...changes: readonly (readonly [string, number])[]): History {
  return { service, came: changes.map(([version, ago]) => came(`${service} ${version}`, ago)) }
}

/** Between so long ago and so long ago. */
function began(fromMs: number, untilMs: number): TroubleBegan {
  return { after: before(fromMs), by: before(untilMs) }
}

const threeHoursAgo = began(3 * HOUR, 3 * HOUR - 2 * MINUTE)

/** Of each service, how long ago what is taken back came. */
function back(when: TroubleBegan | null, ...histories: readonly History[]) {
  const { since, says, later } = takenBackBy(when, histories, WINDOW)
  const taken = since && Object.fromEntries([...since].map(([one, ms]) => [one, atMs - ms]))
  return { taken, says, later: Object.fromEntries(later) }
}

describe('what is taken back', () => {
  const backend = history(
    'backend',
    ['v2.0.0', 10 * MINUTE],
    ['v1.9.1', 3 * HOUR + 5 * MINUTE],
    ['v1.9.0', 3 * DAY],
  )

  test('is the change that precedes the trouble, and what came later is named', () => {
    expect(back(threeHoursAgo, backend)).toEqual({
      taken: { backend: 3 * HOUR + 5 * MINUTE },
      says: 'The trouble began between 2026-11-22 00:12 and 00:14 UTC, after backend v1.9.1 (2026-11-22 00:07 UTC): what ran before that is the way back. backend v2.0.0 (2026-11-22 03:02 UTC) came only later, and is not the cause.',
      later: {},
    })
  })

  test('is the newest one where that precedes it: there is nothing to say', () => {
    const soon = began(9 * MINUTE, 7 * MINUTE)
    expect(back(soon, backend)).toEqual({ taken: null, says: null, later: {} })
  })

  test('is the older one of two that came since, and both are named', () => {
    const two = history('backend', ['v2.0.1', 5 * MINUTE], ...theSame(backend))
    const { taken, says } = back(threeHoursAgo, two)
    expect(taken).toEqual({ backend: 3 * HOUR + 5 * MINUTE })
    expect(says).toMatch(
      /backend v2\.0\.0 \(.*\) and backend v2\.0\.1 \(.*\) came only later, and are not the cause\.$/,
    )
  })

  test('may be settings alone', () => {
    const { says } = back(
      threeHoursAgo,
      history(
        'backend',
        ['v1.9.0', MINUTE * 8],
        ['v1.9.0 with other settings', 3 * HOUR + MINUTE],
        ['v1.9.0', DAY],
      ),
    )
    expect(says).toContain('after backend v1.9.0 with other settings (')
  })

  test('is of the service that changed before it; another one that changed later stays', () => {
    const frontend = history('frontend', ['v3.0.0', 10 * MINUTE], ['v2.9.0', 9 * DAY])
    const alone = history('backend', ['v1.9.1', 3 * HOUR + 5 * MINUTE], ['v1.9.0', 3 * DAY])
    expect(back(threeHoursAgo, alone, frontend)).toMatchObject({
      taken: { backend: 3 * HOUR + 5 * MINUTE },
      later: { frontend: 'frontend v3.0.0' },
    })
  })

  test('takes along what came together with a newer change of the same service', () => {
    const frontend = history('frontend', ['v2.0.0', 12 * MINUTE], ['v1.9.0', 9 * DAY])
    expect(back(threeHoursAgo, backend, frontend)).toMatchObject({
      taken: { backend: 3 * HOUR + 5 * MINUTE, frontend: 12 * MINUTE },
      later: {},
    })
  })

  test('is both services of a release that came together', () => {
    const frontend = history('frontend', ['v1.9.1', 3 * HOUR + 9 * MINUTE], ['v1.9.0', 9 * DAY])
    expect(back(threeHoursAgo, backend, frontend).taken).toEqual({
      backend: 3 * HOUR + 5 * MINUTE,
      frontend: 3 * HOUR + 9 * MINUTE,
    })
  })
})

describe('the newest change is taken back, and why is said', () => {
  const recent = history('backend', ['v2.0.0', 10 * MINUTE], ['v1.9.0', 3 * DAY])

  test.each<[string, TroubleBegan | null, History, RegExp]>([
    ['nothing tells when it began', null, recent, /^When the trouble began is not known: /],
    [
      'it is older than was looked',
      { after: null, by: before(6 * HOUR) },
      recent,
      /^The trouble is older than 2026-11-21 21:12 UTC: /,
    ],
    [
      'it is older than every change',
      threeHoursAgo,
      history('backend', ['v2.0.0', 10 * MINUTE], ['v1.9.0', 2 * HOUR]),
      /^The trouble began .*, before every change that is known: /,
    ],
    [
      'what ran before the change is not kept',
      threeHoursAgo,
      recent,
      /what ran before backend v1\.9\.0 \(.*\) is not kept: /,
    ],
    [
      'two changes came within the time in which it began',
      began(20 * MINUTE, 8 * MINUTE),
      history('backend', ['v2.0.0', 10 * MINUTE], ['v1.9.1', 18 * MINUTE], ['v1.9.0', DAY]),
      /Which of backend v1\.9\.1 \(.*\) and backend v2\.0\.0 \(.*\) precedes it is not known: /,
    ],
    [
      'two older changes did, although a newer one is not the cause',
      began(60 * MINUTE, 48 * MINUTE),
      history(
        'backend',
        ['v2.0.0', MINUTE],
        ['v1.9.2', 50 * MINUTE],
        ['v1.9.1', 58 * MINUTE],
        ['v1.9.0', DAY],
      ),
      /Which of backend v1\.9\.1 \(.*\) and backend v1\.9\.2 \(.*\) precedes it is not known: /,
    ],
    [
      'when a change came is not known well enough',
      threeHoursAgo,
      {
        service: 'backend',
        came: [
          { name: 'backend v2.0.0', afterMs: -Infinity, byMs: atMs - 10 * MINUTE },
          came('backend v1.9.0', DAY),
        ],
      },
      /^Whether backend v2\.0\.0 came before the trouble began \(.*\) is not known: /,
    ],
  ])('where %s', (_, when, of, says) => {
    const found = back(when, of)
    expect(found.taken).toBe(null)
    expect(found.says).toMatch(says)
    expect(found.says).toMatch(/: the newest change is taken back\.$/)
  })

  test('a clock that is a minute off makes no change the later one', () => {
    const when = began(12 * MINUTE, 10 * MINUTE + 30_000)
    expect(back(when, recent)).toMatchObject({ taken: null, says: null })
  })
})

describe('what a service came to run', () => {
  const made = (number: number, version: string, agoMs: number) => {
    return { ...revision(number, `shop/backend:${version}`), createdAt: before(agoMs) }
  }
  const of = (...kept: readonly ReturnType<typeof made>[]) => {
    const [current = null, ...previous] = kept
    return historyOf({ service: 'backend', current, previous, changed: null }).came
  }

  test('one that is used again came when it was made, and again after the one before it', () => {
    const told = of(
      made(4, 'v2.0.0', 10 * MINUTE),
      made(3, 'v1.9.0', 3 * DAY),
      made(2, 'v1.9.1', 2 * DAY),
    )
    expect(told.map(({ name, afterMs, byMs }) => [name, atMs - afterMs, atMs - byMs])).toEqual([
      ['backend v2.0.0', 10 * MINUTE, 10 * MINUTE],
      ['backend v1.9.0', 2 * DAY, 10 * MINUTE],
      ['backend v1.9.1', 2 * DAY, 2 * DAY],
      ['backend v1.9.0', 3 * DAY, 3 * DAY],
    ])
  })

  test('a restart is no change, and other settings are one', () => {
    const restarted = { ...made(3, 'v1.9.0', MINUTE), content: 'same' }
    const first = { ...made(2, 'v1.9.0', HOUR), content: 'same' }
    const told = of(restarted, first, made(1, 'v1.9.0', DAY))
    expect(told.map(({ name, byMs }) => [name, atMs - byMs])).toEqual([
      ['backend v1.9.0 with other settings', HOUR],
      ['backend v1.9.0', DAY],
    ])
  })

  test('seen by looks, it came between two of them, and the first one may be of any age', () => {
    const seen = (version: string, from: number, until: number) =>
      entry({
        image: image(`shop/backend:${version}`),
        firstSeenAt: before(from),
        lastSeenAt: before(until),
      })
    const now = [
      { ...container({ image: image('shop/backend:v2.0.0') }), createdAt: before(10 * MINUTE) },
    ]
    const told = seenHistory('backend', now, [
      seen('v2.0.0', 9 * MINUTE, 0),
      seen('v1.9.0', 3 * DAY, 10 * MINUTE),
    ])
    expect(told.came).toEqual([
      { name: 'backend v2.0.0', afterMs: atMs - 10 * MINUTE, byMs: atMs - 9 * MINUTE },
      { name: 'backend v1.9.0', afterMs: -Infinity, byMs: atMs - 3 * DAY },
    ])
  })
})

function theSame({ came: all }: History): readonly (readonly [string, number])[] {
  return all.map(({ name, byMs }) => [name.replace('backend ', ''), atMs - byMs])
}
