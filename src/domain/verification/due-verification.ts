import { toMs } from '../base/instant.ts'
import type { Event } from '../incident/event.ts'
import type { Incident } from '../incident/incident.ts'
import { rollsBackBy } from '../plan/about-request.ts'
import type { PlanState } from '../plan/plan-state.ts'
import { hasDone, isRunning, mayHaveWritten, type Run } from '../plan/run.ts'
import { WATCH } from '../watch/watch.ts'
import type { VerificationCause, VerificationItem } from './item.ts'
import { tasksOf } from './tasks.ts'
import { unmeasuredItems } from './verification.ts'

/** What is counted over five minutes, and comes from a scrape, speaks of the time after a run alone. */
const WINDOW_OVER_MS = 5 * 60_000 + 30_000

/**
 * What the clock or the watch has made due to be verified, with no person asking: all of it once a rollback has
 * ended, and what was not well then, once production is stable and once five minutes do not hold the time
 * before any more. A run that ended before we came back is not verified by itself.
 */
export function dueVerification(
  incident: Incident,
  nowMs: number,
  configured: readonly VerificationItem[],
): Event[] {
  const items = [...configured, ...tasksOf(incident.plans)]
  const { declared, verification, watch } = incident
  const newest = incident.plans.findLast(({ run }) => run !== null && leftSomething(run))
  const endedMs = newest ? rolledBackMs(newest) : null
  if (!declared || !newest || endedMs === null || items.length === 0) return []
  if (isBusy(incident) || nowMs >= endedMs + WATCH.forMs) return []
  const asked = verification?.askedFor ?? []
  const due = (cause: VerificationCause, number: number): Event[] => {
    const askedFor = `${cause}/${number}`
    const now = cause === 'rolled-back' ? null : verification
    const measured = now ? unmeasuredItems(now) : items.filter(({ by }) => by === 'backout')
    if (asked.includes(askedFor) || (now && measured.length === 0)) return []
    const ids = measured.map(({ id }) => id)
    const by = newest.requestedBy
    const type = 'verification-requested'
    return [{ type, by, cause, items: [...(now?.items ?? items)], measured: ids, askedFor }]
  }
  if (!asked.includes(`rolled-back/${newest.number}`)) return due('rolled-back', newest.number)
  const isStable = watch?.plan === newest.number && watch.state === 'stable'
  const stable = isStable ? due('stable', watch.number) : []
  if (stable.length > 0) return stable
  return nowMs >= endedMs + WINDOW_OVER_MS ? due('window-over', newest.number) : []
}

/** Being measured, or changed: what is due comes after it. */
function isBusy({ plans, verification }: Incident): boolean {
  return plans.some(({ run }) => isRunning(run)) || (verification?.due ?? null) !== null
}

/** A run that ended before it wrote anything leaves standing what the one before it has done. */
function leftSomething(run: Run): boolean {
  return isRunning(run) || hasDone(run) || mayHaveWritten(run)
}

/** When it had rolled back; `null`: it did something else, or came to no end. */
function rolledBackMs({ request, run }: PlanState): number | null {
  return rollsBackBy(request) && hasDone(run) && run.ended ? toMs(run.ended.at) : null
}
