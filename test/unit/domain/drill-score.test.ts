import { describe, expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { begun, ended, KeptDrills, NO_DRILLS } from '../../../src/domain/drill/kept.ts'
import { lastTime, Score, scoreOf, type Drill } from '../../../src/domain/drill/score.ts'
import { assessment, at, closed, declared, opened, requested } from '../../support/builders.ts'
import {
  iso,
  later,
  planApproved,
  planProposed,
  planRequested,
  runEnded,
  runStarted,
  stepFailed,
  stepStarted,
  stepSucceeded,
  watchStarted,
} from '../../support/plan-story.ts'

const drill: Drill = {
  id: 'drill-1',
  scenario: 'errors-62',
  wanted: 'roll-back',
  fault: null,
  secret: false,
  by: 'U0ANA',
  startedAt: at,
}
const taken = (changes = {}): Event => ({
  type: 'assessment-taken',
  assessment: assessment({ tookMs: 2_000, decision: 'roll-back', ...changes }),
})
const pageTold: Event = {
  type: 'status-decided',
  stage: 'rolling-back',
  by: 'U0ANA',
  decision: 'published',
}
const monitored: Event = { ...pageTold, stage: 'monitoring' }
const stable: Event = { type: 'watch-turned', watch: 1, to: 'stable' }

type Lived = readonly (readonly [number, Event])[]

function lived(...events: Lived) {
  return foldIncident(
    'i-1',
    events.map(([seconds, event], index) => {
      return { incident: 'i-1', sequence: index + 1, at: iso(later(seconds)), event }
    }),
  )
}

const looked = [
  [10, opened],
  [10, requested],
  [12, taken()],
] as const
const signed = [
  ...looked,
  [20, declared],
  [30, planRequested()],
  [31, planProposed()],
  [60, planApproved('U0BO', 'bo')],
  [161, planApproved('U0CY', 'cy')],
  [162, runStarted],
] as const
const done = [
  ...signed,
  [162, stepStarted()],
  [170, stepSucceeded()],
  [171, stepSucceeded(1, false)],
  [172, runEnded()],
] as const
const failed = [
  ...signed,
  [162, stepStarted()],
  [170, stepFailed()],
  [171, runEnded('failed')],
] as const

const scored = (events: Lived, end: Score['end'] = 'closed', changes: Partial<Drill> = {}) => {
  const incidents = events.length === 0 ? [] : [lived(...events)]
  return scoreOf({ ...drill, ...changes }, incidents, { end, endedAt: iso(later(900)) })
}

describe('whether the decision was right', () => {
  type Row = [Drill['wanted'], string, Lived, Score['end'], Score['decision']]
  const closing = [900, closed] as const
  test.each<Row>([
    ['roll-back', 'rolled back', [...done, closing], 'closed', 'right'],
    ['roll-back', 'rolled back, and ended there', [...done], 'stopped', 'right'],
    ['roll-back', 'closed without', [...looked, [20, declared], closing], 'closed', 'wrong'],
    ['roll-back', 'tried and closed', [...failed, closing], 'closed', 'wrong'],
    ['roll-back', 'given up', [...looked], 'stopped', 'undecided'],
    ['roll-back', 'never begun', [], 'forgotten', 'undecided'],
    ['do-not', 'rolled back', [...done, closing], 'closed', 'wrong'],
    ['do-not', 'tried', [...failed], 'stopped', 'wrong'],
    ['do-not', 'left alone', [...looked, [20, declared], closing], 'closed', 'right'],
    ['do-not', 'looked at and ended', [...looked], 'stopped', 'right'],
    ['do-not', 'not looked at', [], 'stopped', 'undecided'],
    ['do-not', 'cut off', [...looked], 'restarted', 'undecided'],
    ['person-decides', 'rolled back', [...done], 'stopped', 'right'],
    ['person-decides', 'closed without', [...looked, [20, declared], closing], 'closed', 'right'],
    ['person-decides', 'given up', [...looked], 'stopped', 'undecided'],
  ])('%s: %s', (wanted, _what, events, end, decision) => {
    expect(scored(events, end, { wanted }).decision).toBe(decision)
  })
})

describe('what was overlooked', () => {
  const overlooked = (...events: Lived) =>
    scored([...events, [890, pageTold], [900, closed]]).overlooked
  const what = (...events: Lived) => overlooked(...events).map((one) => one.what)

  test('nothing, where everything was done and read', () => {
    const seen = [172, watchStarted] as const
    expect(what(...done, seen, [362, stable], [370, monitored])).toEqual([])
  })

  test('that it was closed before production was stable', () => {
    expect(what(...done, [172, watchStarted], [180, monitored])).toEqual(['not-stable'])
  })

  test('what the status page was never told since it was told something last', () => {
    const stages = ['investigating', 'identified', 'rolling-back']
    expect(scored([...done, [900, closed]]).overlooked).toEqual([{ what: 'status-page', stages }])
    const early: Event = { ...pageTold, stage: 'identified' }
    expect(scored([...done, [800, early], [900, closed]]).overlooked).toEqual([
      { what: 'status-page', stages: ['rolling-back'] },
    ])
  })

  test('what is not verified', () => {
    const items = [{ id: 'users', title: 'Users can log in', by: 'person' as const }]
    const asked: Event = {
      type: 'verification-requested',
      by: 'U0ANA',
      cause: 'asked',
      items,
      measured: [],
    }
    const found = overlooked(...done, [200, asked])
    expect(found).toContainEqual({ what: 'verification', titles: ['Users can log in'] })
  })

  test('what spoke against it, and that the answer was not to', () => {
    const against = [{ kind: 'dependency-down' as const, says: 'Redis is down.' }]
    const [first, second, , ...rest] = done
    const answer = [12, taken({ decision: 'do-not', against })] as const
    expect(overlooked(first, second, answer, ...rest)).toEqual([
      { what: 'said-do-not' },
      { what: 'spoke-against', says: 'Redis is down.' },
    ])
    // What is found after it was begun was on no card then.
    expect(overlooked(...done, [300, requested], [302, taken({ against })])).toEqual([])
  })

  test('who signed sooner than it can be skimmed', () => {
    const words = 'word '.repeat(400)
    const long = signed.map((row): readonly [number, Event] =>
      row[1].type === 'plan-proposed' ? [31, planProposed({ because: words })] : row,
    )
    const found = scored([...long], 'stopped')
    expect(found.overlooked).toMatchObject([
      { what: 'signed-unread', plan: 1, by: 'U0BO', afterMs: 29_000 },
    ])
    expect(found.signatures).toEqual([
      { by: 'U0BO', afterMs: 29_000 },
      { by: 'U0CY', afterMs: 130_000 },
    ])
  })
})

describe('a score', () => {
  test('counts from the begin of the drill, and is what is kept', () => {
    const score = scored([...done, [900, closed]])
    expect(score.phases.slice(0, 3)).toEqual([
      { until: 'declared', peopleMs: 18_000, machineMs: 2_000 },
      { until: 'planned', peopleMs: 10_000, machineMs: 1_000 },
      { until: 'signed', peopleMs: 130_000, machineMs: 0 },
    ])
    expect(Score.parse(JSON.parse(JSON.stringify(score)))).toEqual(score)
  })

  test('is compared with the newest of its scenario that came to its end', () => {
    const of = (id: string, changes: Partial<Score> = {}, about: Partial<Drill> = {}) => {
      return { ...scored([...done]), ...changes, drill: { ...drill, id, ...about } }
    }
    const earlier = [
      of('drill-a', { end: 'closed' }),
      of('drill-b', { end: 'closed' }),
      of('drill-c', { end: 'stopped' }),
      of('drill-d', { end: 'closed' }, { scenario: 'healthy' }),
    ]
    expect(lastTime(of('drill-e'), earlier)?.drill.id).toBe('drill-b')
    expect(lastTime(of('drill-b'), earlier.slice(1))).toBeNull()
  })

  test('is kept, bounded, with what nobody was told yet', () => {
    let kept = begun(NO_DRILLS, drill)
    expect(kept.running).toEqual(drill)
    const score = scored([...done])
    for (let left = 250; left > 0; left -= 1) kept = ended(kept, score, null)
    expect(kept.running).toBeNull()
    expect(kept.scores).toHaveLength(200)
    expect(kept.untold).toHaveLength(20)
    expect(KeptDrills.parse(JSON.parse(JSON.stringify(kept)))).toEqual(kept)
  })
})
