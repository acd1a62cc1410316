import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readinessView } from '../../src/chat/answers/readiness.ts'
import { assessmentCard } from '../../src/chat/cards/assessment-card.ts'
import { threadCard } from '../../src/chat/cards/thread-card.ts'
import { watchedLines } from '../../src/chat/parts/release-watch-lines.ts'
import { inUtc } from '../../src/chat/text/moments.ts'
import { mention } from '../../src/chat/text/text.ts'
import { releaseWatchActor } from '../../src/domain/base/actor.ts'
import { RELEASE_LOOKS, type WatchedRelease } from '../../src/domain/watch/release-watch.ts'
import { at, atMs, declared, incidentAfter, opened, requested, taken } from '../support/builders.ts'
import { many, words } from '../support/chat-arbitraries.ts'
import { approval } from '../support/plan-story.ts'
import { assertWithinLimits } from '../support/slack-limits.ts'

const release: WatchedRelease = {
  service: 'backend',
  version: 'v2.0.0',
  deployedAt: '2026-11-22T03:02:10.000Z',
  since: '2026-11-22T03:03:00.000Z',
  looks: 9,
  missed: 0,
  last: { at, look: 'well' },
  isTold: false,
}

const said = (...watched: readonly WatchedRelease[]) =>
  inUtc(watchedLines(watched)).map(({ mrkdwn }) => mrkdwn)

test('what is watched is said with what was seen last, and what could not be seen', () => {
  expect(inUtc(watchedLines('elsewhere'))[0]?.mrkdwn).toContain('another process of Backout looks')
  expect(said()).toEqual(['*Release watch:* nothing was deployed just now.'])
  const head = '*Release watch:* backend v2.0.0, deployed 03:02 UTC.'
  expect(said(release)).toEqual([
    `${head} At 03:12 UTC no rule called for anything. 9 looks since 03:03 UTC, all of them taken.`,
  ])
  expect(said({ ...release, looks: 4, missed: 4, last: null })).toEqual([
    `${head} *Nothing is known of it yet.* 4 looks since 03:03 UTC, *4* of them could not be taken.`,
  ])
  expect(said({ ...release, isTold: true })).toEqual([`${head} An incident was opened for it.`])
  expect(said(...Array.from({ length: 8 }, () => release)).at(-1)).toBe('and 3 more releases')
})

test('what was deployed together is told together', () => {
  const { deployedAt } = release
  const of = (service: string, version: string, when = deployedAt) => {
    return { service, version, deployedAt: when }
  }
  const by = releaseWatchActor([of('backend', 'v2.0.0'), of('frontend', 'v3.1.0')])
  expect(mention(by).mrkdwn).toBe(
    'Backout’s release watch (backend v2.0.0, frontend v3.1.0, deployed 03:02 UTC)',
  )
  const apart = releaseWatchActor([
    of('frontend', 'v3.1.0', '2026-11-22T03:11:00Z'),
    of('backend', 'v2.0.0'),
  ])
  expect(mention(apart).mrkdwn).toContain(
    '(frontend v3.1.0, deployed 03:11 UTC; backend v2.0.0, deployed 03:02 UTC)',
  )
})

describe('whatever a version is called, the cards fit into Slack, and it is no markup', () => {
  const watched = fc.record({
    service: words,
    version: words,
    deployedAt: fc.constantFrom(at, 'no time'),
    since: fc.constant(at),
    looks: fc.nat(),
    missed: fc.nat(),
    last: fc.option(fc.record({ at: fc.constant(at), look: fc.constant('well' as const) })),
    isTold: fc.boolean(),
  })

  test('where it is watched', () => {
    fc.assert(
      fc.property(many(watched, 12), (all) => {
        assertWithinLimits(readinessView(null, 'production', atMs, { watched: all }))
      }),
    )
  })

  test('where it was told', () => {
    fc.assert(
      fc.property(many(watched, 12), (all) => {
        const incident = incidentAfter(
          { ...opened, by: releaseWatchActor(all) } as typeof opened,
          requested,
          taken,
          declared,
        )
        assertWithinLimits(assessmentCard(incident, 'production', []))
        assertWithinLimits(threadCard(incident, approval))
      }),
    )
  })
})

test('each thing that a look may find has words of its own', () => {
  const found = RELEASE_LOOKS.filter((look) => look !== 'no-answer').map((look) => {
    return said({ ...release, last: { at, look } })[0]
  })
  expect(new Set(found).size).toBe(found.length)
})
