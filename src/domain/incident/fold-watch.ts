import { rollsBackBy, watchedHow } from '../plan/about-request.ts'
import type { Versions } from '../plan/plan.ts'
import { hasDone } from '../plan/run.ts'
import { isWatching, newWatch, turned, watched } from '../watch/watch.ts'
import type { Event } from './event.ts'
import type { Illegal } from './illegal-event.ts'
import { planOf, type Incident } from './incident.ts'
import type { StatusStage } from './status-page.ts'

type WatchEvent = Extract<Event, { type: `watch-${string}` }>

/** What a watch has seen, and what the status page is to be told because of it. */
export function foldWatch(
  incident: Incident,
  event: WatchEvent,
  at: string,
  illegal: Illegal,
): Incident {
  const { watch } = incident
  if (event.type === 'watch-started') {
    if (watch && !watch.ended) throw illegal('a watch is under way')
    if (event.watch !== (watch?.number ?? 0) + 1) throw illegal('it is not the next one')
    const next = {
      ...incident,
      watch: newWatch(event.watch, event.plan, at, {
        versions: plannedVersions(incident, event.plan),
        ...(event.schedule && { schedule: event.schedule }),
      }),
    }
    return hasRolledBack(incident, event.plan) ? prompted(next, 'monitoring', at) : next
  }
  if (!isWatching(watch) || watch.number !== event.watch) throw illegal('nobody watches that')
  switch (event.type) {
    case 'watch-looked':
      return { ...incident, watch: watched(watch, event.look, at) }
    case 'watch-turned': {
      const next = { ...incident, watch: turned(watch, event.to, at) }
      const over = event.to === 'stable' && isAfterRollback(incident, watch.plan)
      return over ? prompted(next, 'resolved', at) : next
    }
    case 'watch-ended':
      return { ...incident, watch: { ...watch, ended: { because: event.because, at } } }
    default:
      return event satisfies never
  }
}

/** What a plan has brought may run, and nothing else; one that came to no end has brought nothing whole. */
function plannedVersions(incident: Incident, plan: number | null): Versions {
  const state = planOf(incident, plan)
  const goesOn = state !== null && watchedHow(state.request, incident.plans) === 'however-it-ends'
  return state && (goesOn || hasDone(state.run)) ? (state.plan?.versions ?? {}) : {}
}

/** Also what lets something write again, once the world was told of a rollback: it is what ends it. */
function isAfterRollback(incident: Incident, plan: number | null): boolean {
  const state = planOf(incident, plan)
  if (!state) return false
  const ends = watchedHow(state.request, incident.plans) === 'however-it-ends'
  return rollsBackBy(state.request) || (ends && incident.statusPage.monitoring !== undefined)
}

/** Only a rollback is told to the world; a restart is not. */
export function isRollback(incident: Incident, plan: number | null): boolean {
  const state = planOf(incident, plan)
  return state !== null && rollsBackBy(state.request)
}

/** One that failed or was stopped is watched too, and is nothing to tell the world of. */
function hasRolledBack(incident: Incident, plan: number | null): boolean {
  return isRollback(incident, plan) && hasDone(planOf(incident, plan)?.run ?? null)
}

/** The status page is to be told something, from now on. Asked once. */
export function prompted(incident: Incident, stage: StatusStage, at: string): Incident {
  const { statusPage } = incident
  if (statusPage[stage]) return incident
  return {
    ...incident,
    statusPage: { ...statusPage, [stage]: { dueSince: at, text: null, decided: null } },
  }
}
