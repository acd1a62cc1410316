import { expect, test } from 'vitest'
import { watchGoesOn } from '../../../src/domain/plan/watch-goes-on.ts'
import { HALF_HOUR, lastsMs, scheduleFrom } from '../../../src/domain/watch/schedule.ts'
import { newWatch, type Watch } from '../../../src/domain/watch/watch.ts'
import { at, atMs } from '../../support/builders.ts'
import { after, iso, proposed } from '../../support/plan-story.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY = scheduleFrom(atMs, 24)

const stoppedAfter = (ms: number, because: 'stopped' | 'over' = 'stopped') => ({
  because,
  at: iso(atMs + ms),
})

/** What follows when the run began and its watch ended so long after the watch had begun. */
function afterRun(
  { schedule = DAY, ended }: Partial<Pick<Watch, 'schedule' | 'ended'>>,
  times: { readonly begunMs?: number; readonly nowMs?: number } = {},
) {
  const { begunMs = HOUR_MS } = times
  const { nowMs = begunMs + MINUTE_MS } = times
  const watch = { ...newWatch(3, 1, at, { schedule }), ended: ended ?? null }
  const run = { startedAt: iso(atMs + begunMs) }
  return watchGoesOn({ ...after(proposed), watch }, run, atMs + nowMs)
}

test.each<[string, ReturnType<typeof afterRun>]>([
  ['is under way', afterRun({})],
  ['was over before', afterRun({ ended: stoppedAfter(HOUR_MS, 'over') })],
  ['was stopped by a person before the run', afterRun({ ended: stoppedAfter(HOUR_MS - 1) })],
  ['was stopped by a person during the run', afterRun({ ended: stoppedAfter(HOUR_MS + 1) })],
  [
    'would be over by now',
    afterRun({ ended: stoppedAfter(HOUR_MS) }, { nowMs: lastsMs(DAY) + MINUTE_MS }),
  ],
])('a watch that %s does not go on', (_, events) => {
  expect(events).toEqual([])
})

test('there is none to go on with, or the incident is closed', () => {
  const run = { startedAt: at }
  expect(watchGoesOn(after(proposed), run, atMs)).toEqual([])
  const watch = { ...newWatch(1, 1, at, { schedule: DAY }), ended: stoppedAfter(0) }
  expect(watchGoesOn({ watch, closed: null }, run, atMs)).toHaveLength(1)
  const closed = { by: 'U0ANA', at } as ReturnType<typeof after>['closed']
  expect(watchGoesOn({ watch, closed }, run, atMs)).toEqual([])
})

test('a watch that the run stopped goes on under the next number, for the plan it was for', () => {
  const nowMs = HOUR_MS + MINUTE_MS
  const [event] = afterRun({ ended: stoppedAfter(HOUR_MS) })
  const leftHours = (lastsMs(DAY) - nowMs) / HOUR_MS
  const schedule = scheduleFrom(atMs + nowMs, leftHours)
  expect(event).toEqual({ type: 'watch-started', watch: 4, plan: 1, schedule })
  expect(nowMs + lastsMs(schedule)).toBeLessThanOrEqual(lastsMs(DAY))
  expect(nowMs + lastsMs(schedule)).toBeGreaterThan(lastsMs(DAY) - 6 * MINUTE_MS)
})

test('a half hour that was cut off begins anew', () => {
  const begunMs = 20 * MINUTE_MS
  const events = afterRun({ schedule: HALF_HOUR, ended: stoppedAfter(begunMs) }, { begunMs })
  expect(events).toEqual([{ type: 'watch-started', watch: 4, plan: 1, schedule: HALF_HOUR }])
})
