import { describe, expect, test } from 'vitest'
import { standingOf } from '../../../src/domain/incident/standing.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import { newWatch, type Watch } from '../../../src/domain/watch/watch.ts'
import { assessment, at } from '../../support/builders.ts'
import {
  failed,
  iso,
  later,
  openGate,
  pending,
  runOf,
  succeeded,
} from '../../support/plan-story.ts'
import { incidentAfter, opened, declared } from '../../support/builders.ts'

const open = incidentAfter(opened, declared)
const ended = (seconds: number, outcome: 'succeeded' | 'aborted' = 'succeeded') => ({
  outcome,
  says: '',
  at: iso(later(seconds)),
})
const ran = (seconds: number, number = 1) =>
  openGate({ number, run: runOf([succeeded()], { ended: ended(seconds) }) })
const looked = (seconds: number, changes: Partial<Watch> = {}): Watch => ({
  ...newWatch(1, 1, iso(later(seconds - 200))),
  state: 'stable',
  lookedAt: iso(later(seconds)),
  ...changes,
})
const measured = (seconds: number) => assessment({ at: iso(later(seconds)) })

function kindOf(changes: Partial<Incident>): string {
  return standingOf({ ...open, ...changes }).kind
}

describe('how production stands is said by the newest that was seen', () => {
  test.each<[string, Partial<Incident>, string]>([
    ['nothing was asked', {}, 'unmeasured'],
    ['somebody is looking', { assessmentDueSince: at }, 'looking'],
    ['it was measured', { assessment: measured(0) }, 'assessed'],
    [
      'it is closed',
      { closed: { by: 'U0ANA', at, closing: null }, assessment: measured(0) },
      'closed',
    ],
    [
      'a plan is being carried out, whatever was seen before',
      { plans: [openGate({ run: runOf([pending]) })], assessment: measured(0), watch: looked(300) },
      'running',
    ],
    [
      'a plan has written since it was measured',
      { assessment: measured(0), plans: [ran(60)] },
      'changed',
    ],
    [
      'it was measured after what a plan wrote',
      { assessment: measured(90), plans: [ran(60)] },
      'assessed',
    ],
    [
      'a watch has begun after the run, and has not looked yet',
      { assessment: measured(0), plans: [ran(60)], watch: newWatch(1, 1, iso(later(60))) },
      'watched',
    ],
    ['a watch has looked since', { plans: [ran(60)], watch: looked(300) }, 'watched'],
    [
      'a later run has written after the last look of a watch that is over',
      {
        plans: [ran(60), ran(900, 2)],
        watch: looked(300, { ended: { because: 'stopped', at: iso(later(310)) } }),
      },
      'changed',
    ],
    [
      'a later run has failed half way after the last look of a watch that is over',
      {
        plans: [
          ran(60),
          openGate({
            number: 2,
            run: runOf([failed('unknown')], { ended: ended(900, 'aborted') }),
          }),
        ],
        watch: looked(300, { ended: { because: 'stopped', at: iso(later(310)) } }),
      },
      'changed',
    ],
    [
      'a later run wrote nothing: the watch goes on standing',
      {
        plans: [
          ran(60),
          openGate({ number: 2, run: runOf([failed('no')], { ended: ended(900, 'aborted') }) }),
        ],
        watch: looked(300),
      },
      'watched',
    ],
    [
      'it was measured after the last look',
      { plans: [ran(60)], watch: looked(300), assessment: measured(305) },
      'assessed',
    ],
    [
      'a look is newer than what was measured',
      { plans: [ran(60)], watch: looked(300), assessment: measured(200) },
      'watched',
    ],
  ])('%s', (_what, changes, kind) => {
    expect(kindOf(changes)).toBe(kind)
  })
})
