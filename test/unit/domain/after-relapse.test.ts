import { describe, expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import { draftAfterRelapse } from '../../../src/domain/plan/after-relapse.ts'
import {
  assessment,
  assessmentDecidedBy,
  declared,
  feasible,
  opened,
} from '../../support/builders.ts'
import {
  after,
  finished,
  planOf,
  planProposed,
  planRequested,
  runEnded,
  running,
  secondWatch,
  stepStarted,
  stepSucceeded,
  watchEnded,
  watchStarted,
  watchTurned,
} from '../../support/plan-story.ts'

const bad = assessment({
  decision: 'roll-back',
  recommended: 'kubernetes',
  procedures: [feasible('kubernetes')],
})

const stopping = planOf({
  steps: planOf().steps.map((step, at) => ({
    ...step,
    ...(at === 0 && { meanwhile: 'it stands' }),
  })),
})

const relapsed: readonly Event[] = [...finished, watchStarted, watchTurned]

test('once production is bad again, the way back is planned at once, by nobody who could sign it', () => {
  expect(draftAfterRelapse(after(relapsed), bad)).toEqual([
    {
      type: 'plan-requested',
      plan: 2,
      by: 'clock',
      human: 'clock',
      request: { kind: 'kubernetes', toVersion: null },
    },
  ])
})

test('it follows when the trouble of the newest assessment began', () => {
  const began = { after: bad.at, by: bad.at }
  const { rules, reasons } = assessmentDecidedBy('errors-critical')
  const onset = { of: 'errors' as const, ...began, overSince: null }
  const assessed = { ...bad, rules, reasons, onset }
  expect(draftAfterRelapse(after(relapsed), assessed)).toMatchObject([{ began }])
})

/** The plan's first step has stopped something for the others, which were not begun. */
const leftOnTheWay = [
  ...running.map((event) => (event.type === 'plan-proposed' ? planProposed(stopping) : event)),
  stepStarted(),
  stepSucceeded(),
  runEnded('aborted'),
  watchStarted,
  watchTurned,
]

test.each<[string, readonly Event[], typeof bad]>([
  ['production is not bad again', [...finished, watchStarted], bad],
  ['nobody watches', finished, bad],
  ['the watch was stopped', [...relapsed, watchEnded], bad],
  ['another watch has begun', [...relapsed, watchEnded, secondWatch], bad],
  ['somebody has asked for a plan since', [...relapsed, planRequested(undefined, 2)], bad],
  ['the incident is closed', [...relapsed, { type: 'incident-closed', by: 'U0ANA' }], bad],
  ['the assessment says not to', relapsed, { ...bad, decision: 'do-not' }],
  ['nothing is recommended', relapsed, { ...bad, recommended: null }],
  [
    'the way back is not possible',
    relapsed,
    { ...bad, procedures: [feasible('kubernetes', false)] },
  ],
  ['a plan has stopped on its way, and people decide whether it goes on', leftOnTheWay, bad],
])('nothing is planned where %s', (_, history, assessed) => {
  expect(draftAfterRelapse(after(history), assessed)).toEqual([])
})

const leaking = {
  ...assessmentDecidedBy('cross-organisation-leak'),
  recommended: 'kubernetes' as const,
  procedures: [feasible('kubernetes')],
}

const asUndo = [{ type: 'plan-requested', plan: 2, request: { kind: 'undo', plan: 1 } }]

describe('data of one organisation is shown to another', () => {
  test('since the plan that is watched: its undo is planned', () => {
    expect(draftAfterRelapse(after(relapsed), leaking)).toMatchObject(asUndo)
  })

  test('and no other way back is possible: its undo is planned all the same', () => {
    const alone = { ...leaking, recommended: null, procedures: [] }
    expect(draftAfterRelapse(after(relapsed), alone)).toMatchObject(asUndo)
  })

  test.each<[string, readonly Event[]]>([
    [
      'an assessment had found it before the plan',
      [
        opened,
        declared,
        { type: 'assessment-requested', by: 'U0ANA' },
        { type: 'assessment-taken', assessment: leaking },
        ...relapsed.slice(2),
      ],
    ],
    [
      'somebody has reported it',
      [...relapsed, { type: 'symptom-reported', by: 'U0ANA', symptom: 'cross-organisation-leak' }],
    ],
    [
      'a person has asked for the watch',
      [...finished, { type: 'watch-started', watch: 1, plan: null }, watchTurned],
    ],
  ])('and %s: what the assessment recommends is planned', (_, history) => {
    const request = { kind: 'kubernetes', toVersion: null }
    expect(draftAfterRelapse(after(history), leaking)).toMatchObject([{ request }])
  })
})
