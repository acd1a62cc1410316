import { z } from 'zod'
import { toMs } from '../base/instant.ts'
import type { Incident } from '../incident/incident.ts'
import { rollsBackBy, undonePlan } from '../plan/about-request.ts'
import type { PlanState } from '../plan/plan-state.ts'
import { hasDone, type Run } from '../plan/run.ts'
import type { RehearsalSettings } from './settings.ts'

/** One of the two ways of a rehearsal: how long its signatures and its run took, in milliseconds. */
const Way = z.object({ plan: z.int(), signedMs: z.number(), ranMs: z.number() })
export type Way = z.infer<typeof Way>

/** A real rollback that was undone again: both signed, carried out and proved like any other. */
export const Rehearsal = z.object({
  incident: z.string(),
  there: Way,
  back: Way,
  endedAt: z.iso.datetime(),
})
export type Rehearsal = z.infer<typeof Rehearsal>

/** Those of these incidents, the newest first. */
export function rehearsalsIn(incidents: readonly Incident[]): readonly Rehearsal[] {
  return incidents
    .flatMap(({ id, plans }) =>
      plans.flatMap((state): readonly Rehearsal[] => {
        const undo = plans.find(({ request, run }) => {
          return undonePlan(request) === state.number && hasDone(run)
        })
        const there = rollsBackBy(state.request) ? wayOf(state) : null
        const back = undo ? wayOf(undo) : null
        const endedAt = undo?.run?.ended?.at
        return there && back && endedAt ? [{ incident: id, there, back, endedAt }] : []
      }),
    )
    .toSorted((a, b) => toMs(b.endedAt) - toMs(a.endedAt))
}

/** `null`: it was not carried out. */
function wayOf({ number, proposedAt, run }: PlanState): Way | null {
  if (!hasDone(run) || !proposedAt) return null
  const signedMs = toMs(run.startedAt) - toMs(proposedAt)
  return { plan: number, signedMs, ranMs: ranMs(run) }
}

function ranMs({ startedAt, ended }: Run): number {
  return ended ? toMs(ended.at) - toMs(startedAt) : 0
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
/** The first day of 1970 was a Thursday; Sunday is 0. */
const EPOCHS_WEEKDAY = 4
const HOURS_OF_A_DAY = 8
/** Nobody reads what is said every day. */
const REMIND_AGAIN_MS = 7 * DAY_MS

/** Whether people are to be reminded now. */
export function isReminderDue(
  { everyDays, hourUtc }: RehearsalSettings,
  {
    lastAt,
    remindedAt,
    nowMs,
  }: {
    /** `null`: never, as far as it is known. */
    readonly lastAt: string | null
    readonly remindedAt: string | null
    readonly nowMs: number
  },
): boolean {
  const weekday = (Math.floor(nowMs / DAY_MS) + EPOCHS_WEEKDAY) % 7
  const hour = Math.floor((nowMs % DAY_MS) / HOUR_MS)
  const isWeekend = weekday === 0 || weekday === 6
  if (isWeekend || hour < hourUtc || hour >= hourUtc + HOURS_OF_A_DAY) return false
  const isOver = (at: string | null, ms: number) => at === null || nowMs - toMs(at) >= ms
  return isOver(lastAt, everyDays * DAY_MS) && isOver(remindedAt, REMIND_AGAIN_MS)
}
