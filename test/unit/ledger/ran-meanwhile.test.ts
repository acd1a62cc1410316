import { expect, test } from 'vitest'
import { chooseRelease } from '../../../src/domain/workload/choose-release.ts'
import { SETTINGS_NOT_KNOWN, type EndedRun } from '../../../src/domain/workload/ledger.ts'
import { ranMeanwhile } from '../../../src/domain/workload/ran-meanwhile.ts'
import { before, container, DAY, entry, image, MINUTE } from '../../support/ledger.ts'

const at = before(0)
const v2 = image('shop/backend:v2.0.0')

function run(fromMs: number, toMs: number, changes: Partial<EndedRun> = {}): EndedRun {
  const { service, host, id, labels, sha256 } = container()
  const [startedAt, endedAt] = [before(fromMs), before(toMs)]
  return { service, host, id, labels, sha256, image: v2, startedAt, endedAt, ...changes }
}

test('what began and ended between two looks is in the ledger, and was not seen healthy', () => {
  const known = [entry()]
  const found = ranMeanwhile(known, [run(9_000, 4_000)], at)
  expect(found).toEqual([
    expect.objectContaining({
      image: v2,
      sha256: 'settings-1',
      firstSeenAt: before(9_000),
      lastSeenAt: before(4_000),
      ranMs: 5_000,
      healthyMs: 0,
      hasHealthCheck: true,
      lastHealthyAt: null,
    }),
  ])
})

test('told twice it counts once, and of what a look has counted only the rest counts', () => {
  const seen = entry({ image: v2, lastSeenAt: before(10 * MINUTE), ranMs: DAY, healthyIn: ['c-1'] })
  const over = run(2 * DAY, 4 * MINUTE)
  const [once] = ranMeanwhile([seen], [over], at)
  expect(once).toMatchObject({
    ranMs: DAY + 6 * MINUTE,
    lastSeenAt: before(4 * MINUTE),
    startedAt: seen.startedAt,
    healthyIn: [],
  })
  expect(ranMeanwhile([once!], [over], at)).toEqual([])
  expect(ranMeanwhile([seen], [over, over], at)).toEqual([once])
})

test('a second run of it has its own beginning, and time between the two does not count', () => {
  const seen = entry({ image: v2, lastSeenAt: before(60 * MINUTE), ranMs: MINUTE })
  const [next] = ranMeanwhile([seen], [run(5 * MINUTE, 2 * MINUTE)], at)
  expect(next).toMatchObject({ ranMs: 4 * MINUTE, startedAt: before(5 * MINUTE) })
})

test('what nobody could ask belongs to the state of that image, or is one of its own', () => {
  const gone = run(5 * MINUTE, MINUTE, { sha256: null })
  const seen = entry({ image: v2, sha256: 'other', lastSeenAt: before(4 * MINUTE), ranMs: MINUTE })
  expect(ranMeanwhile([seen], [gone], at)).toMatchObject([{ sha256: 'other', ranMs: 4 * MINUTE }])
  expect(ranMeanwhile([], [gone], at)).toMatchObject([{ sha256: SETTINGS_NOT_KNOWN }])
  const known = run(5 * MINUTE, MINUTE, { sha256: 'settings-2' })
  expect(ranMeanwhile([seen], [known], at)).toMatchObject([{ sha256: 'settings-2' }])
})

test('a clock that was set back makes no run, and none ends later than now', () => {
  expect(ranMeanwhile([], [run(MINUTE, 2 * MINUTE)], at)).toEqual([])
  const [ahead] = ranMeanwhile([], [run(MINUTE, -MINUTE)], at)
  expect(ahead).toMatchObject({ lastSeenAt: at, ranMs: MINUTE })
})

test('what ran for long while nobody looked is a way back, and its unknown settings are not called others', () => {
  const long = run(3 * DAY, 30 * MINUTE, { sha256: null })
  const now = container({ image: image('shop/backend:v2.1.0'), runningMs: 29 * MINUTE })
  const began = before(29 * MINUTE)
  const current = entry({ ...now, firstSeenAt: began, startedAt: began, lastSeenAt: at })
  const brief = run(30 * MINUTE, 29.5 * MINUTE, { image: now.image, sha256: null })
  const entries = [current, ...ranMeanwhile([], [long, brief], at)]
  const choice = chooseRelease({ service: 'backend', now: [now], entries, toVersion: null })
  expect(choice).toMatchObject({ kind: 'found', version: 'v2.0.0' })
  expect(choice.because).not.toContain('other settings')
})
