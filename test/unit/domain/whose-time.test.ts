import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toMs } from '../../../src/domain/base/instant.ts'
import { coveredMs, merged, without, type Span } from '../../../src/domain/base/spans.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { rollbackTimes } from '../../../src/domain/incident/rollback-times.ts'
import { PHASES, whoseTime } from '../../../src/domain/incident/whose-time.ts'
import { assessment, at, closed, declared, opened, requested } from '../../support/builders.ts'
import { livedIncident } from '../../support/lived-incident.ts'
import {
  iso,
  later,
  peopleAsked,
  peoplesTurn,
  planApproved,
  planProposed,
  planRequested,
  runEnded,
  runStarted,
  stepStarted,
  stepSucceeded,
  watchStarted,
} from '../../support/plan-story.ts'

const taken: Event = { type: 'assessment-taken', assessment: assessment({ tookMs: 2_000 }) }
const stable: Event = { type: 'watch-turned', watch: 1, to: 'stable' }

/** Each at so many seconds after the first moment. */
function lived(...events: readonly (readonly [number, Event])[]) {
  return foldIncident(
    'i-1',
    events.map(([seconds, event], index) => {
      return { incident: 'i-1', sequence: index + 1, at: iso(later(seconds)), event }
    }),
  )
}

const rolledBack = [
  [10, opened],
  [10, requested],
  [12, taken],
  [40, declared],
  [60, planRequested()],
  [63, planProposed()],
  [100, planApproved('U0BO', 'bo')],
  [163, planApproved('U0CY', 'cy')],
  [164, runStarted],
  [164, stepStarted()],
  [170, stepSucceeded()],
  [173, stepSucceeded(1, false)],
  [174, runEnded()],
  [174, watchStarted],
  [364, stable],
  [400, closed],
] as const

const inSeconds = (phases: ReturnType<typeof whoseTime>) =>
  phases.map(({ until, peopleMs, machineMs }) => [until, peopleMs / 1000, machineMs / 1000])

describe('whose time an incident took', () => {
  test('Backout’s while it measured, planned, carried out and watched; else people’s', () => {
    expect(inSeconds(whoseTime(lived(...rolledBack)))).toEqual([
      ['declared', 28, 2],
      ['planned', 20, 3],
      ['signed', 100, 0],
      ['run-ended', 0, 11],
      ['stable', 0, 190],
      ['closed', 36, 0],
    ])
  })

  test('of a rollback it is summed until that had ended, the newest first', () => {
    const first = lived(...rolledBack)
    const second = lived(...rolledBack.map(([seconds, event]) => [seconds + 900, event] as const))
    const untouched = lived([10, opened], [10, requested], [12, taken], [40, declared])
    expect(rollbackTimes([first, untouched, second])).toEqual([
      { incident: 'i-1', endedAt: iso(later(1_074)), peopleMs: 148_000, machineMs: 16_000 },
      { incident: 'i-1', endedAt: iso(later(174)), peopleMs: 148_000, machineMs: 16_000 },
    ])
  })

  test('one that was given up is none', () => {
    const failed = rolledBack.map(([seconds, event]) =>
      event.type === 'run-ended'
        ? ([seconds, { ...event, outcome: 'aborted' }] as const)
        : ([seconds, event] as const),
    )
    expect(rollbackTimes([lived(...failed)])).toEqual([])
  })

  test('counts from when people could begin', () => {
    const [first] = inSeconds(whoseTime(lived(...rolledBack), at))
    expect(first).toEqual(['declared', 38, 2])
  })

  test('what it has not come to is no phase, and what was reached earlier ends nothing', () => {
    expect(whoseTime(lived())).toEqual([])
    expect(inSeconds(whoseTime(lived([0, opened], [0, requested], [2, taken])))).toEqual([])
    const signedOnly = whoseTime(lived(...rolledBack.slice(0, 8)))
    expect(signedOnly.map(({ until }) => until)).toEqual(['declared', 'planned'])
  })

  test('a step that people do is theirs, in the middle of a run', () => {
    const events = [...peoplesTurn, peopleAsked].map((event) => [20, event] as const)
    const incident = lived(
      ...events,
      [80, { ...stepSucceeded(1, false), by: 'U0BO' } as Event],
      [81, runEnded()],
    )
    expect(inSeconds(whoseTime(incident)).at(-1)).toEqual(['run-ended', 60, 1])
  })

  test('of any incident people and Backout have all of it between them', () => {
    fc.assert(
      fc.property(livedIncident, (incident) => {
        const phases = whoseTime(incident)
        expect(phases.map(({ until }) => until)).toEqual(
          PHASES.filter((one) => phases.some(({ until }) => until === one)),
        )
        const all = phases.reduce((sum, { peopleMs, machineMs }) => sum + peopleMs + machineMs, 0)
        for (const { peopleMs, machineMs } of phases) {
          expect(Math.min(peopleMs, machineMs)).toBeGreaterThanOrEqual(0)
        }
        expect(all).toBeLessThanOrEqual(
          toMs(incident.changedAt) - toMs(incident.opened?.at ?? incident.declared?.at ?? at),
        )
      }),
    )
  })
})

describe('spans', () => {
  const span = fc
    .tuple(fc.nat(60), fc.integer({ min: -5, max: 30 }))
    .map(([fromMs, lasts]): Span => ({ fromMs, toMs: fromMs + lasts }))
  const spans = fc.array(span, { maxLength: 6 })
  const isIn = (found: readonly Span[], ms: number) =>
    found.some(({ fromMs, toMs: to }) => ms >= fromMs && ms < to)

  test('merged, covered and left out, moment by moment', () => {
    fc.assert(
      fc.property(spans, spans, (some, others) => {
        const left = without(some, others)
        for (let ms = -10; ms < 110; ms += 1) {
          expect(isIn(merged(some), ms)).toBe(isIn(some, ms))
          expect(isIn(left, ms)).toBe(isIn(some, ms) && !isIn(others, ms))
          expect(coveredMs(some, { fromMs: ms, toMs: ms + 1 })).toBe(isIn(some, ms) ? 1 : 0)
        }
      }),
    )
  })
})
