import { describe, expect, test } from 'vitest'
import { TRUSTED_AFTER_MS } from '../../../src/domain/workload/versions.ts'
import type { KeptRevision, Release } from '../../../src/ports/deployment-state.ts'
import { chooseTarget } from '../../../src/runbook/kubernetes/choose-target.ts'
import { atMs, revision, workload } from '../../support/builders.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Made so long before the moment at which everything happens. */
function kept(number: number, version: string, beforeMs: number): KeptRevision {
  return { ...keptOf(number, [`pipeshub/backend:${version}`], beforeMs) }
}

function keptOf(number: number, images: readonly string[], beforeMs: number): KeptRevision {
  const createdAt = new Date(atMs - beforeMs).toISOString()
  return {
    ...revision(number, ...images),
    images: [...images],
    createdAt,
    template: {},
    sha256: '',
  }
}

function release(current: KeptRevision | null, ...previous: KeptRevision[]): Release {
  return {
    service: 'backend',
    name: 'backend',
    uid: 'uid',
    generation: 7,
    replicas: 3,
    pace: { servesMeanwhile: true, lastTookMs: null, allowedMs: 600_000 },
    paused: false,
    ownedBy: null,
    servedBy: null,
    templateIsOurs: false,
    managedBy: [],
    lastWrite: null,
    lockedImages: [],
    changed: null,
    current,
    previous,
  }
}

const bad = kept(44, 'v2.0.0', 12 * MINUTE)
const good = kept(43, 'v1.9.0', 6 * DAY)
const old = kept(42, 'v1.8.3', 19 * DAY)

describe('without a wish, the way back leads to', () => {
  test.each<[string, Release, number, string]>([
    [
      'the version before',
      release(bad, good, old),
      43,
      'v1.9.0 is the newest other version that ran at least 10 minutes (6 days)',
    ],
    [
      'the version before a restart of the same version',
      release(kept(45, 'v2.0.0', MINUTE), bad, good),
      43,
      'v1.9.0 is the newest other version that ran at least 10 minutes (6 days)',
    ],
    [
      'the one before a version that was replaced within 10 minutes',
      release(bad, kept(43, 'v1.9.9', 12 * MINUTE + TRUSTED_AFTER_MS - 1), old),
      42,
      'v1.8.3 is the newest other version that ran at least 10 minutes (19 days); v1.9.9 was replaced within 10 minutes',
    ],
    [
      'a version that was replaced after just 10 minutes',
      release(bad, kept(43, 'v1.9.9', 12 * MINUTE + TRUSTED_AFTER_MS), old),
      43,
      'v1.9.9 is the newest other version that ran at least 10 minutes (10 minutes)',
    ],
    [
      'one that ran for hours, told in hours',
      release(bad, kept(43, 'v1.9.9', 5 * 60 * MINUTE), old),
      43,
      'v1.9.9 is the newest other version that ran at least 10 minutes (5 hours)',
    ],
  ])('%s', (_what, from, number, because) => {
    expect(chooseTarget(from, null)).toMatchObject({ kind: 'found', to: { number }, because })
  })

  test('nothing newer than what runs: what was rolled back from is not a way back', () => {
    // v1.9.0 was used again, under a new number: the rollback from v2.0.0 has happened already.
    const back = release(kept(45, 'v1.9.0', 6 * DAY), bad, old)
    const target = chooseTarget(back, null)
    expect(target.kind === 'found' ? target.to.number : null).not.toBe(bad.number)
  })
})

describe('with a wish, it leads to', () => {
  test('the newest kept revision of that version, however long it ran', () => {
    const brief = kept(43, 'v1.9.0', 12 * MINUTE + 1)
    const because = 'the newest kept revision of v1.9.0, as asked for'
    expect(chooseTarget(release(bad, brief, kept(41, 'v1.9.0', DAY)), 'v1.9.0')).toEqual({
      kind: 'found',
      to: brief,
      because,
    })
    expect(chooseTarget(release(bad, good, old), 'v1.8.3')).toMatchObject({ to: old })
  })

  test('one and the same version where several containers have different ones', () => {
    const pod = (number: number, version: string, proxy: string, beforeMs: number) =>
      keptOf(number, [`pipeshub/backend:${version}`, `proxy:${proxy}`], beforeMs)
    const now = pod(44, 'v2.0.0', 'v3', 12 * MINUTE)
    const before = pod(43, 'v1.9.0', 'v3', DAY)
    expect(chooseTarget(release(now, before), 'v1.9.0')).toMatchObject({ to: before })
    // The version of a sidecar is not the version of the service.
    expect(chooseTarget(release(now, before), 'v3')).toMatchObject({ kind: 'none' })
    expect(chooseTarget(release(now, before), null)).toMatchObject({ to: before })
    // Another proxy is another version, although the service is the same.
    const proxied = pod(43, 'v2.0.0', 'v2', DAY)
    expect(chooseTarget(release(now, proxied), null)).toMatchObject({ to: proxied })
  })
})

test.each<[string, Release, string | null, string]>([
  [
    'a change is not rolled out yet',
    release(null, good),
    null,
    'backend: a change is not rolled out yet; which version runs is not known',
  ],
  [
    'nothing else is kept',
    release(bad),
    null,
    'backend: no earlier revision is kept that differs from what runs',
  ],
  [
    'only the same version is kept',
    release(bad, kept(43, 'v2.0.0', DAY)),
    null,
    'backend: no earlier revision is kept that differs from what runs',
  ],
  [
    'no other version ran for 10 minutes',
    release(bad, kept(43, 'v1.9.9', 13 * MINUTE), kept(42, 'v1.9.8', 14 * MINUTE)),
    null,
    'backend: no kept version ran for 10 minutes; name one with --to: v1.9.9, v1.9.8',
  ],
  [
    'the wanted version runs already',
    release(bad, good),
    'v2.0.0',
    'backend: it runs v2.0.0 already',
  ],
  [
    'the wanted version is not kept',
    release(bad, good, old),
    'v1.7.0',
    'backend: no revision of v1.7.0 is kept; kept are v1.9.0, v1.8.3, the nearest is v1.9.0',
  ],
  [
    'the wanted version is not kept, and nothing else is',
    release(bad),
    'v1.9.0',
    'backend: no revision of v1.9.0 is kept; kept are none',
  ],
])('there is no way back when %s, and it is said so', (_what, from, toVersion, because) => {
  expect(chooseTarget(from, toVersion)).toEqual({ kind: 'none', because })
})

describe('how long a version ran is not known, and not made up,', () => {
  const unknown = 'v1.9.0 is the newest other version; how long it ran is not known'

  test('when what followed it was older and used again', () => {
    const again = kept(45, 'v2.0.0', 9 * DAY)
    const now = release(kept(46, 'v2.0.0', MINUTE), again, good)
    expect(chooseTarget(now, null)).toMatchObject({ to: { number: 43 }, because: unknown })
  })

  test('when it was itself used again: it is older than the one it followed', () => {
    const again = kept(45, 'v1.9.0', 6 * DAY)
    const now = release(kept(46, 'v2.0.0', MINUTE), again, kept(44, 'v1.9.5', DAY))
    expect(chooseTarget(now, null)).toMatchObject({ to: { number: 45 }, because: unknown })
  })
})

test('a restart is not a release: the same content is no way back', () => {
  const restarted = workload('backend', {
    current: revision(45, 'a:2'),
    previous: [revision(44, 'a:2'), revision(43, 'a:2'), revision(42, 'a:1')],
  })
  expect(chooseTarget(restarted, null)).toMatchObject({ to: { number: 42 } })
})

test('images are told apart by their whole reference, digest included', () => {
  const pinned = workload('backend', {
    current: revision(43, 'a:2@sha256:aaaa'),
    previous: [revision(42, 'a:2@sha256:bbbb')],
  })
  expect(chooseTarget(pinned, null)).toMatchObject({ to: { number: 42 } })
})

test('what the incident is about is no way back, although a newer release took its place', () => {
  const abandonedOne = revision(44, 'a:2.0.0')
  const hotfix = workload('backend', {
    current: revision(45, 'a:2.0.1'),
    previous: [abandonedOne, revision(43, 'a:1.9.0')],
  })
  const abandoned = new Set([abandonedOne.templateHash])
  expect(chooseTarget(hotfix, null)).toMatchObject({ to: { number: 44 } })
  expect(chooseTarget(hotfix, null, abandoned)).toMatchObject({
    to: { number: 43 },
    because: expect.stringMatching(/; 2\.0\.0 was rolled back from in this incident$/),
  })
  expect(chooseTarget({ ...hotfix, previous: [abandonedOne] }, null, abandoned)).toEqual({
    kind: 'none',
    because:
      'backend: no earlier revision is kept that differs from what runs; 2.0.0 was rolled back from in this incident',
  })
  expect(chooseTarget(hotfix, '2.0.0', abandoned)).toMatchObject({ to: { number: 44 } })
})
