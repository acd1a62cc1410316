import { describe, expect, test } from 'vitest'
import { chooseRelease } from '../../../src/domain/workload/choose-release.ts'
import { digestOf, type LedgerEntry } from '../../../src/domain/workload/ledger.ts'
import { TRUSTED_AFTER_MS } from '../../../src/domain/workload/versions.ts'
import { before, container, DAY, entry, image, MINUTE, NO_LABELS } from '../../support/ledger.ts'

const HOUR = 60 * MINUTE

/** A version that ran from so long ago until so long ago. */
function ran(
  version: string,
  [fromMs, untilMs]: readonly [number, number],
  changes: Partial<LedgerEntry> = {},
): LedgerEntry {
  return entry({
    image: image(`shop/backend:${version}`),
    firstSeenAt: before(fromMs),
    startedAt: before(fromMs),
    lastSeenAt: before(untilMs),
    ranMs: fromMs - untilMs,
    ...changes,
  })
}

const bad = ran('v2.0.0', [12 * MINUTE, 0])
const good = ran('v1.9.0', [6 * DAY, 12 * MINUTE])
const old = ran('v1.8.3', [19 * DAY, 6 * DAY])

/** With a digest that begins like others, and ends with this. */
const alike = (one: LedgerEntry, end: string): LedgerEntry => {
  return { ...one, image: { ...one.image, digest: `shop/backend@sha256:${end.padStart(64, '7')}` } }
}

const running = (version: string, host = 'web-1') =>
  container({ host, image: image(`shop/backend:${version}`) })
const now = [running('v2.0.0')]

function choose(
  entries: readonly LedgerEntry[],
  changes: Partial<Parameters<typeof chooseRelease>[0]> = {},
) {
  return chooseRelease({ service: 'backend', now, entries, toVersion: null, ...changes })
}

const checked = (healthyMs: number) => ({ hasHealthCheck: true, healthyMs })

describe('without a wish, the way back leads to', () => {
  test.each<[string, readonly LedgerEntry[], LedgerEntry, string]>([
    [
      'the version before',
      [bad, good, old],
      good,
      'v1.9.0 is the newest other version that ran at least 10 minutes (6 days)',
    ],
    [
      'the one before a version that was replaced within 10 minutes',
      [bad, ran('v1.9.1', [12 * MINUTE + TRUSTED_AFTER_MS - 1, 12 * MINUTE]), good],
      good,
      'v1.9.0 is the newest other version that ran at least 10 minutes (6 days); v1.9.1 was replaced within 10 minutes',
    ],
    [
      'a version that was replaced after just 10 minutes',
      [bad, ran('v1.9.1', [12 * MINUTE + TRUSTED_AFTER_MS, 12 * MINUTE]), good],
      ran('v1.9.1', [12 * MINUTE + TRUSTED_AFTER_MS, 12 * MINUTE]),
      'v1.9.1 is the newest other version that ran at least 10 minutes (10 minutes)',
    ],
    [
      'the newest that was seen healthy, where it has a health check',
      [bad, { ...good, ...checked(9 * MINUTE) }, { ...old, ...checked(2 * DAY) }],
      { ...old, ...checked(2 * DAY) },
      'v1.8.3 is the newest other version that ran healthy for at least 10 minutes (2 days); v1.9.0 was not healthy for 10 minutes',
    ],
    [
      'one that has no health check, as it has none that could have told',
      [bad, good, { ...old, ...checked(2 * DAY) }],
      good,
      'v1.9.0 is the newest other version that ran at least 10 minutes (6 days)',
    ],
    [
      'the newest that ran, where none was seen healthy for long',
      [bad, { ...good, ...checked(9 * MINUTE) }],
      { ...good, ...checked(9 * MINUTE) },
      'v1.9.0 is the newest other version that ran at least 10 minutes (6 days), and was seen healthy for 9 minutes of that',
    ],
    [
      'a version that proved itself with several settings together',
      [
        bad,
        ran('v1.9.0', [20 * MINUTE, 12 * MINUTE], { sha256: 'settings-2' }),
        ran('v1.9.0', [28 * MINUTE, 20 * MINUTE]),
      ],
      ran('v1.9.0', [20 * MINUTE, 12 * MINUTE], { sha256: 'settings-2' }),
      'v1.9.0 is the newest other version that ran at least 10 minutes (16 minutes)',
    ],
    [
      'the version before settings that changed last, which is said',
      [bad, ran('v2.0.0', [HOUR, 12 * MINUTE], { sha256: 'settings-0' }), old],
      old,
      'v1.8.3 is the newest other version that ran at least 10 minutes (13 days); v2.0.0 itself ran with other settings until 2026-11-22 03:00 UTC, which do not come back',
    ],
  ])('%s', (_what, entries, to, because) => {
    const version = String(to.image.reference.split(':')[1])
    const found = { kind: 'found', version, to: [to], because }
    expect(choose(entries)).toEqual(found)
    expect(choose(entries.toReversed())).toEqual(found)
  })

  test('nothing newer than what runs: what was rolled back from is not a way back', () => {
    // v1.9.0 runs again: the rollback from v2.0.0 has happened already.
    const again = { ...good, lastSeenAt: before(0), startedAt: before(MINUTE) }
    const left = { ...bad, lastSeenAt: before(MINUTE), ranMs: DAY }
    const back = { now: [running('v1.9.0')] }
    expect(choose([again, left, old], back)).toMatchObject({ version: 'v1.8.3' })
    expect(choose([again, left], back)).toEqual({
      kind: 'none',
      because:
        'backend: only newer versions than what runs have been seen; name one with --to: v2.0.0',
    })
  })

  test('what ran before a version that has not been seen running', () => {
    expect(choose([good, old])).toMatchObject({ version: 'v1.9.0' })
    const ended = [container({ ...now[0], state: 'exited', runningMs: null })]
    expect(choose([good, old], { now: ended })).toMatchObject({ version: 'v1.9.0' })
  })

  test('a version of this service: others, and what is kept, count for nothing', () => {
    const other = ran('v1.9.9', [DAY, MINUTE], { service: 'worker' })
    const kept = container({ role: 'kept', image: good.image })
    const worker = { ...running('v1.0.0', 'web-9'), service: 'worker' }
    const target = choose([bad, other, good], { now: [...now, kept, worker] })
    expect(target).toMatchObject({ version: 'v1.9.0', to: [good] })
  })
})

test('what was rolled back from in this incident is no way back, unless it is asked for', () => {
  const hotfix = { now: [running('v2.0.1')], abandoned: [bad.image] }
  const left = { ...bad, ranMs: DAY }
  expect(choose([left, good], hotfix)).toMatchObject({
    version: 'v1.9.0',
    because: expect.stringMatching(/; v2\.0\.0 was rolled back from in this incident$/),
  })
  expect(choose([left], hotfix)).toEqual({
    kind: 'none',
    because:
      'backend: no earlier version is taken by itself: v2.0.0 was rolled back from in this incident; name one with --to: v2.0.0',
  })
  expect(choose([left, good], { ...hotfix, toVersion: 'v2.0.0' })).toMatchObject({ to: [left] })
})

describe('on several hosts', () => {
  const both = { now: [running('v2.0.0', 'web-1'), running('v2.0.0', 'web-2')] }
  const on2 = (one: LedgerEntry, changes: Partial<LedgerEntry> = {}) => {
    return { ...one, host: 'web-2', ...changes }
  }

  test('it is the same version, with what each of them knows it as', () => {
    const member = { ...good.image, id: `sha256:${'9'.repeat(64)}` }
    const arm = on2(good, { image: member })
    expect(choose([bad, on2(bad), good, arm, old, on2(old)], both)).toEqual({
      kind: 'found',
      version: 'v1.9.0',
      to: [good, arm],
      because: 'v1.9.0 is the newest other version that ran at least 10 minutes (6 days)',
    })
  })

  test('one that a host has never run is left out, and the host is named', () => {
    const entries = [bad, on2(bad), good, old, on2(old)]
    expect(choose(entries, both)).toMatchObject({
      version: 'v1.8.3',
      because: expect.stringMatching(/; v1\.9\.0 was never seen on web-2$/),
    })
    expect(choose([bad, good], both)).toEqual({
      kind: 'none',
      because:
        'backend: no earlier version is taken by itself: v1.9.0 was never seen on web-2; name one with --to: v1.9.0',
    })
    expect(choose(entries, { ...both, toVersion: 'v1.9.0' })).toEqual({
      kind: 'none',
      because: 'backend: v1.9.0 was never seen on web-2',
    })
  })

  test('a host that runs it no more is not asked for', () => {
    expect(choose([bad, good, on2(bad)])).toMatchObject({ to: [good] })
  })

  test('it proved itself on the host where it ran longest', () => {
    const late = on2(good, { firstSeenAt: before(13 * MINUTE), ranMs: MINUTE })
    expect(choose([bad, on2(bad), good, late], both)).toMatchObject({
      version: 'v1.9.0',
      because: expect.stringContaining('(6 days)'),
    })
  })

  test('half of which have the new version, it leads back to the other one', () => {
    const half = { now: [running('v2.0.0', 'web-1'), running('v1.9.0', 'web-2')] }
    const still = on2(good, { lastSeenAt: before(0) })
    expect(choose([bad, good, still], half)).toMatchObject({ to: [good, still] })
    expect(choose([bad, good, still], { ...half, toVersion: 'v1.9.0' })).toMatchObject({
      to: [good, still],
    })
  })
})

describe('with a wish, it leads to', () => {
  const told = (version: string) => ({ labels: { ...NO_LABELS, version } })
  const labelled = ran('stable', [6 * DAY, 12 * MINUTE], told('1.9.0'))

  test.each<[string, string]>([
    ['what it says of itself', '1.9.0'],
    ['the same with a v', 'v1.9.0'],
    ['its tag', 'stable'],
    ['a tag that it had before', 'rc-7'],
    ['the beginning of its digest', digestOf(labelled.image)!.slice(0, 40)],
    ['the same without its kind', digestOf(labelled.image)!.slice('sha256:'.length, 40)],
    ['its id on the host', labelled.image.id],
  ])('%s', (_what, toVersion) => {
    const known = { ...labelled, references: ['shop/backend:stable', 'shop/backend:rc-7'] }
    expect(choose([bad, known, old], { toVersion })).toEqual({
      kind: 'found',
      version: '1.9.0',
      to: [known],
      because: `the newest that was seen of ${toVersion}, as asked for`,
    })
  })

  test('the newest of that name, however long it ran', () => {
    const brief = ran('v1.9.0', [13 * MINUTE, 12 * MINUTE], {
      image: image('shop/backend:v1.9.0', 'built again'),
    })
    expect(choose([bad, brief, good], { toVersion: 'v1.9.0' })).toMatchObject({ to: [brief] })
  })

  test('the other build of a tag that was moved, told by its digest', () => {
    const before1 = ran('stable', [DAY, HOUR], { image: image('shop/backend:stable', 'one') })
    const moved = [container({ image: image('shop/backend:stable', 'two') })]
    const short = digestOf(before1.image)!.slice('sha256:'.length).slice(0, 12)
    for (const toVersion of ['stable', null]) {
      const target = choose([before1], { now: moved, toVersion })
      expect(target).toMatchObject({ version: `stable@${short}`, to: [before1] })
    }
  })
})

test.each<[string, readonly LedgerEntry[], string | null, string]>([
  [
    'nothing was seen before what runs',
    [bad],
    null,
    'backend: there is no history yet: only v2.0.0 has been seen running, since 2026-11-22 03:00 UTC; what ran before is not known',
  ],
  [
    'nothing was seen at all',
    [],
    null,
    'backend: there is no history yet: it has not been seen running; what ran before is not known',
  ],
  [
    'only the same version was seen, with other settings',
    [bad, ran('v2.0.0', [DAY, 12 * MINUTE], { sha256: 'settings-0' })],
    null,
    'backend: there is no history yet: only v2.0.0 has been seen running, since 2026-11-21 03:12 UTC; what ran before is not known',
  ],
  [
    'no other version ran for 10 minutes',
    [bad, ran('v1.9.9', [13 * MINUTE, 12 * MINUTE]), ran('v1.9.8', [14 * MINUTE, 13 * MINUTE])],
    null,
    'backend: no earlier version is taken by itself: v1.9.9 was replaced within 10 minutes; v1.9.8 was replaced within 10 minutes; name one with --to: v1.9.9, v1.9.8',
  ],
  ['the wanted version runs already', [bad, good], 'v2.0.0', 'backend: it runs v2.0.0 already'],
  [
    'the wanted digest runs already',
    [bad, good],
    digestOf(bad.image),
    'backend: it runs v2.0.0 already',
  ],
  [
    'the wanted version was not seen',
    [bad, good, old],
    'v1.7.0',
    'backend: v1.7.0 has not been seen; seen were v1.9.0, v1.8.3, the nearest is v1.9.0',
  ],
  [
    'the wanted version was not seen, and nothing else was',
    [bad],
    'v1.9.0',
    'backend: v1.9.0 has not been seen; there is no history yet: only v2.0.0 has been seen running, since 2026-11-22 03:00 UTC; what ran before is not known',
  ],
  [
    'the beginning of a digest may mean several',
    [bad, alike(good, '0'), alike(old, '1')],
    'sha256:777777',
    'backend: sha256:777777 may be one of several: v1.9.0, v1.8.3',
  ],
])('there is no way back when %s, and it is said so', (_what, entries, toVersion, because) => {
  expect(choose(entries, { toVersion })).toEqual({ kind: 'none', because })
})

test('of a service that is not there, nothing is chosen', () => {
  expect(choose([good], { now: [] })).toEqual({
    kind: 'none',
    because: 'backend: it is not there; which version it had is not known',
  })
})
