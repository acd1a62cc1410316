import { describe, expect, test } from 'vitest'
import { actorParts, releaseWatchActor } from '../../../src/domain/base/actor.ts'
import { decide } from '../../../src/domain/incident/decide.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { newIncident } from '../../../src/domain/incident/incident.ts'
import { Intent } from '../../../src/domain/incident/intent.ts'
import { newReleases } from '../../../src/domain/watch/new-releases.ts'
import {
  holdsReleases,
  judgedLook,
  NOTHING_SEEN,
  releaseMove,
  type ReleaseTurn,
} from '../../../src/domain/watch/release-watch.ts'
import { ReleaseWatchSettings } from '../../../src/domain/watch/settings.ts'
import type { RolloutSeen } from '../../../src/domain/assessment/rollout-seen.ts'
import type { Measurement } from '../../../src/domain/assessment/measurement.ts'
import type { NewestChange } from '../../../src/domain/workload/newest-change.ts'
import type { Workload } from '../../../src/domain/workload/workload.ts'
import {
  assessment,
  assessmentDecidedBy,
  atMs,
  blind,
  closed,
  declared,
  health,
  incidentAfter,
  maintenance,
  newestChange,
  opened,
  percent,
  proposed,
  received,
  requested,
  revision,
  rollouts,
  rulesOver,
  runStarted,
  stepDone,
  taken,
  wellBut,
  workload,
} from '../../support/builders.ts'
import { runEnded } from '../../support/plan-story.ts'

const MINUTE = 60_000
const iso = (ms: number) => new Date(ms).toISOString()

describe('which releases are watched', () => {
  const since = (minutesAgo: number, exact = true): NewestChange['since'] => {
    return { time: iso(atMs - minutesAgo * MINUTE), exact }
  }
  const seen = (change: Partial<NewestChange>, more: Partial<Workload> = {}) => {
    const running = workload('backend', { changed: newestChange('backend', change), ...more })
    return newReleases([running], atMs, 30).map(({ version }) => version)
  }

  test.each([
    ['another version, just now', { since: since(0) }, {}, ['v2.0.0']],
    ['another version, 29 minutes ago', { since: since(29) }, {}, ['v2.0.0']],
    ['another version, 30 minutes ago', { since: since(30) }, {}, []],
    ['by a clock that is ahead', { since: since(-2) }, {}, ['v2.0.0']],
    ['other settings', { kind: 'settings', since: since(3) }, {}, ['v2.0.0 with other settings']],
    [
      'a restart of a new version',
      { kind: 'restart', since: since(1), versionSince: since(9) },
      {},
      ['v2.0.0'],
    ],
    [
      'a restart of an old version',
      { kind: 'restart', since: since(1), versionSince: since(900) },
      {},
      [],
    ],
    ['nobody knows since when', { since: null }, {}, []],
    ['what is seen for the first time', { since: since(1, false), imagesBefore: null }, {}, []],
    [
      'the first of all, which was made then',
      { since: since(1), imagesBefore: null },
      {},
      ['v2.0.0'],
    ],
    ['what Backout has written', { since: since(1) }, { templateIsOurs: true }, []],
    ['nothing that runs', { since: since(1) }, { current: null }, []],
  ] as const)('%s', (_what, change, more, watched) => {
    expect(seen(change, more)).toEqual(watched)
  })

  test('the oldest first, each by a name of its own', () => {
    const frontend = workload('frontend', {
      changed: newestChange('frontend', { since: since(20) }),
    })
    const backend = workload('backend')
    const keys = newReleases([backend, frontend], atMs, 30).map(({ key }) => key)
    expect(keys.map((key) => key.split(':')[0])).toEqual(['frontend', 'backend'])
    const again = { ...backend, current: revision(44, 'pipeshub/backend:v2.0.0') }
    expect(newReleases([again], atMs, 30)[0]?.key).not.toBe(keys[1])
  })
})

describe('what a look has found', () => {
  const rollout = (state: RolloutSeen['state']): Measurement =>
    rollouts({
      service: 'backend',
      version: 'v2.0.0',
      state,
      done: 1,
      of: 3,
      unit: 'pod',
      because: 'ContainersNotReady',
    })

  test.each([
    ['all is well', [], [], 'well'],
    ['62 % fail', [percent('error-ratio-low', 62)], [], 'bad'],
    ['8 % fail', [percent('error-ratio-low', 8)], [], 'bad'],
    ['a rule that says do not', [percent('latency-near-baseline', 7)], [], 'well'],
    [
      'no service can be reached',
      ['backend', 'frontend'].map((one) => health(one, 'unreachable')),
      [],
      'not-judged',
    ],
    ['there is no number', [blind('error-ratio-low')], [], 'not-judged'],
    ['whoever tells numbers does not answer', [blind('error-ratio-low', 'error')], [], 'no-answer'],
    [
      'nobody answers, and yet something is bad',
      [
        blind('error-ratio-low', 'error'),
        health('backend', 'failing'),
        health('frontend', 'passing'),
      ],
      [],
      'bad',
    ],
    ['it is being rolled out', [rollout('unfinished')], [], 'rolling-out'],
    ['it is in trouble, and may pass', [rollout('in-trouble')], [], 'rolling-out'],
    ['it is stuck', [rollout('unfinished')], ['backend'], 'bad'],
    ['half of it fell over later', [rollout('not-ready')], [], 'bad'],
    [
      'it is being rolled out, and 8 % fail',
      [rollout('unfinished'), percent('error-ratio-low', 8)],
      [],
      'bad',
    ],
    [
      'it is being rolled out, and there is no number',
      [rollout('unfinished'), blind('error-ratio-low')],
      [],
      'not-judged',
    ],
    [
      'maintenance is on',
      [maintenance(true, 0), percent('error-ratio-low', 90)],
      [],
      'maintenance',
    ],
  ] as const)('%s', (_what, measured, stuck, look) => {
    const measurements = wellBut(...measured)
    const rules = [...rulesOver(measurements)]
    expect(judgedLook({ rules, measurements }, stuck)).toBe(look)
  })
})

describe('what follows', () => {
  const after = (...turns: readonly ReleaseTurn[]) => {
    let memory = NOTHING_SEEN
    return turns.map((turn) => {
      const move = releaseMove(memory, ['a'], turn)
      memory = move.memory
      return move.opens
    })
  }

  test.each<readonly [readonly ReleaseTurn[], readonly boolean[]]>([
    [
      ['well', 'well', 'well'],
      [false, false, false],
    ],
    [
      ['bad', 'well', 'bad', 'well'],
      [false, false, false, false],
    ],
    [
      ['bad', 'bad'],
      [false, true],
    ],
    [
      ['bad', 'not-judged'],
      [false, true],
    ],
    [
      ['well', 'not-judged', 'not-judged'],
      [false, false, true],
    ],
    [
      ['well', 'not-judged', 'bad'],
      [false, false, true],
    ],
    [
      ['rolling-out', 'not-judged', 'not-judged'],
      [false, false, true],
    ],
    // What never could be judged is no news of the release.
    [
      ['not-judged', 'not-judged', 'not-judged'],
      [false, false, false],
    ],
    [
      ['not-judged', 'bad', 'bad'],
      [false, false, true],
    ],
    [
      ['maintenance', 'not-judged', 'not-judged'],
      [false, false, false],
    ],
    // What could not be seen says nothing, neither way.
    [
      ['no-answer', 'no-answer', 'no-answer'],
      [false, false, false],
    ],
    [
      ['bad', 'no-answer', 'no-answer', 'bad'],
      [false, false, false, true],
    ],
    [
      ['bad', 'no-answer', 'well', 'bad'],
      [false, false, false, false],
    ],
    [
      ['bad', 'rolling-out', 'bad'],
      [false, false, false],
    ],
    [
      ['bad', 'maintenance', 'bad'],
      [false, false, false],
    ],
    [
      ['bad', 'held', 'bad'],
      [false, false, false],
    ],
  ])('%j: %j', (turns, opens) => {
    expect(after(...turns)).toEqual(opens)
  })

  test('what was found bad of another release counts for nothing', () => {
    const of = (...doubted: readonly string[]) => ({ doubted, judged: doubted })
    expect(releaseMove(of('a'), ['b'], 'bad')).toEqual({ memory: of('b'), opens: false })
    expect(releaseMove(of('a', 'b'), ['b', 'c'], 'bad').opens).toBe(true)
    expect(releaseMove(of('a'), ['b'], 'no-answer')).toEqual({ memory: of(), opens: false })
    expect(releaseMove(of('a'), ['b'], 'not-judged').memory.doubted).toEqual([])
  })
})

describe('whether people see to it already', () => {
  const release = (deployedMinutesAgo: number) => {
    return [{ service: 'backend', deployedAt: iso(atMs - deployedMinutesAgo * MINUTE) }]
  }
  const bad: Event = {
    type: 'assessment-taken',
    assessment: assessmentDecidedBy('errors-critical'),
  }
  const about = (...services: string[]): Event => ({ ...declared, services }) as Event
  const other = about('frontend')
  const before = release(-10)
  const since = release(10)

  test.each([
    [
      'asked for, and not opened yet',
      [{ type: 'intent-received', received: received({ kind: 'assess', symptoms: [] }) }],
      before,
      true,
    ],
    ['opened since, and being looked at', [opened, requested], since, true],
    ['opened since, and bad', [opened, requested, bad], since, true],
    ['opened since, and nothing was found', [opened, requested, taken], since, false],
    ['opened before, and bad', [opened, requested, bad], before, false],
    ['declared since, of another service', [opened, other], since, true],
    ['declared before, of another service', [opened, other], before, false],
    ['declared before, of this one', [opened, declared], before, true],
    ['declared before, of nothing in particular', [opened, about()], before, true],
    ['closed', [opened, declared, closed], since, false],
    ['a plan of another service is being signed', [opened, other, ...proposed()], before, true],
    ['it is carried out', [opened, other, ...proposed(), runStarted], before, true],
  ] as const satisfies readonly (readonly [string, readonly Event[], typeof before, boolean])[])(
    '%s',
    (_what, events, releases, held) => {
      expect(holdsReleases(incidentAfter(...events), releases)).toBe(held)
    },
  )

  test('a plan of another service that was carried out is over', () => {
    const done = [0, 1].flatMap((step) => stepDone(step, 'done'))
    const events = [opened, other, ...proposed(), runStarted, ...done, runEnded()]
    expect(holdsReleases(incidentAfter(...events), before)).toBe(false)
    expect(holdsReleases(newIncident('i-2'), since)).toBe(false)
  })
})

describe('the release watch as somebody who acts', () => {
  const releases = [
    { service: 'backend', version: 'v2.0.0 with other settings', deployedAt: iso(atMs) },
    { service: 'frontend', version: 'v3@9f86d081884c', deployedAt: iso(atMs - MINUTE) },
  ]

  test('is told apart from everybody else, with what it watches', () => {
    const by = releaseWatchActor(releases)
    expect(actorParts(by)).toEqual({ kind: 'release-watch', releases })
  })

  test('may ask for an assessment, and for nothing that writes or decides', () => {
    const by = releaseWatchActor(releases)
    const kinds = Intent.options.map(({ shape }) => shape.kind.value)
    const granted = kinds.filter((kind) => {
      // What else belongs to a wish is not looked at before who has it.
      const intent = { kind, symptoms: [], request: { kind: 'kubernetes' } } as unknown as Intent
      const person = {
        id: by,
        kind: 'unknown',
        human: by,
        roles: { approvers: 'unknown', 'data-owners': 'unknown' },
      } as const
      const context = {
        person,
        environment: 'production',
        headlineChannel: 'C0',
        impossible: null,
        drafted: null,
        letter: null,
        nowMs: atMs,
      }
      try {
        const decision = decide(newIncident('i-1'), received(intent, { by }), context as never)
        return decision.kind === 'accepted' || decision.reason !== 'not-by-machine'
      } catch {
        return true
      }
    })
    expect(granted).toEqual(['assess', 'check-again'])
  })
})

test.each([
  [{}, { minutes: 30, everySeconds: 60 }],
  [
    { minutes: 5, everySeconds: 15 },
    { minutes: 5, everySeconds: 15 },
  ],
  [{ minutes: 240 }, { minutes: 240, everySeconds: 60 }],
])('settings %j', (written, read) => {
  expect(ReleaseWatchSettings.parse(written)).toEqual(read)
})

test.each([
  [{ minutes: 4 }, 'must be at least 5 minutes'],
  [{ minutes: 241 }, 'must be at most 240 minutes'],
  [{ minutes: 7.5 }, 'must be a whole number of minutes'],
  [{ everySeconds: 5 }, 'must be at least 15 seconds'],
  [{ everySeconds: 90 }, 'must be at most 60 seconds: trouble is to be told within two minutes'],
  [
    null,
    'switched on by "releaseWatch: {}", or by the keys below it; leave it out to switch it off',
  ],
])('settings %j are refused', (written, words) => {
  const [issue] = ReleaseWatchSettings.safeParse(written).error?.issues ?? []
  expect(issue?.message).toBe(words)
})

test('an assessment that decides nothing is well', () => {
  expect(judgedLook(assessment(), [])).toBe('well')
})
