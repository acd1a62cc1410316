import type { Event } from '../incident/event.ts'
import type { Incident } from '../incident/incident.ts'
import { toMs } from '../base/instant.ts'
import { lastsMs, scheduleFrom } from '../watch/schedule.ts'
import { watchStarted } from './decide-plan.ts'
import type { Run } from './run.ts'

const HOUR_MS = 60 * 60_000

/**
 * The watch that this run stopped when it began, for the time it had left: the run has written nothing, so no
 * other takes its place. It begins with the close looks again, since nobody has looked meanwhile.
 */
export function watchGoesOn(
  { watch, closed }: Pick<Incident, 'watch' | 'closed'>,
  run: Pick<Run, 'startedAt'>,
  nowMs: number,
): readonly Event[] {
  if (!watch?.ended || closed) return []
  // Both are written at once; what was stopped at another time, a person has stopped.
  const byRun = watch.ended.because === 'stopped' && watch.ended.at === run.startedAt
  const leftMs = toMs(watch.startedAt) + lastsMs(watch.schedule) - nowMs
  if (!byRun || leftMs <= 0) return []
  return [watchStarted(watch.number + 1, watch.plan, scheduleFrom(nowMs, leftMs / HOUR_MS))]
}
