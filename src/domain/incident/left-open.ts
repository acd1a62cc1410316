import { touchedBy } from '../plan/about-request.ts'
import { deployLocks } from '../plan/deploy-locks.ts'
import { leftMeanwhile, MAINTAINED } from '../plan/left-meanwhile.ts'
import { ownerInWords } from '../plan/owner.ts'
import { isWaiting } from '../plan/plan-state.ts'
import { hasDone } from '../plan/run.ts'
import { stillKept } from '../plan/still-kept.ts'
import { stillSuspended } from '../plan/suspension.ts'
import { openVerification } from '../verification/verification.ts'
import type { WatchState } from '../watch/watch.ts'
import { isWatching } from '../watch/watch.ts'
import { ChecklistItem } from './checklist.ts'
import { severityOf } from './declaration.ts'
import type { Incident } from './incident.ts'
import type { StatusStage } from './status-page.ts'
import { stageNow } from './surfaces.ts'

/** What is not as it was before, or not done yet: whoever ends the incident should know. */
export type LeftOpen =
  /** People see the maintenance page. */
  | { readonly what: 'maintenance'; readonly plan: number }
  | { readonly what: 'suspended'; readonly owner: string; readonly plan: number }
  /** A plan that closing withdraws. */
  | { readonly what: 'plan'; readonly plan: number }
  | { readonly what: 'watch'; readonly state: WatchState; readonly goesOn: boolean }
  /** Items that neither Backout nor a person has found well. */
  | { readonly what: 'verification'; readonly titles: readonly string[] }
  | { readonly what: 'status-page'; readonly stage: StatusStage }
  | { readonly what: 'checklist'; readonly item: ChecklistItem }
  /** The version that was rolled back from is not to be deployed again, until a fixed one is. */
  | { readonly what: 'deploy-lock'; readonly plan: number }
  /** What a plan has kept for a way back: "the containers that were replaced". */
  | { readonly what: 'kept'; readonly kept: string; readonly plan: number }

/** In the order in which it matters. */
export function leftOpen(incident: Incident): readonly LeftOpen[] {
  const { plans, watch, statusPage, ticked, closed } = incident
  const goesOn = isWatching(watch) && closed === null
  const maintenance = maintenanceOn(incident)
  const stage = stageNow(incident)
  const open = openVerification(incident).map(({ title }) => title)
  const critical = severityOf(incident) === 'critical'
  const wanted = ChecklistItem.options.filter((item) => critical || item !== 'customers-told')
  const [lock] = deployLocks([incident])
  return [
    ...(maintenance === null ? [] : [{ what: 'maintenance', plan: maintenance } as const]),
    ...stillSuspended(incident).map(({ owner, plan }) => {
      return { what: 'suspended', owner: ownerInWords(owner), plan } as const
    }),
    ...plans.filter(isWaiting).map(({ number }) => ({ what: 'plan', plan: number }) as const),
    ...(watch && (watch.state !== 'stable' || goesOn)
      ? [{ what: 'watch', state: watch.state, goesOn } as const]
      : []),
    ...(open.length > 0 ? [{ what: 'verification', titles: open } as const] : []),
    ...(stage && !statusPage[stage]?.decided ? [{ what: 'status-page', stage } as const] : []),
    ...wanted.filter((item) => !ticked[item]).map((item) => ({ what: 'checklist', item }) as const),
    ...(lock ? [{ what: 'deploy-lock', plan: lock.plan } as const] : []),
    ...stillKept(plans).map(({ what: kept, plan }) => ({ what: 'kept', kept, plan }) as const),
  ]
}

/** The plan that turned maintenance on, or was stopped while it was, where none has turned it off again. */
export function maintenanceOn({ plans }: Incident): number | null {
  let on: number | null = null
  for (const { number, plan, request, run } of plans) {
    if (!plan || !run?.ended) continue
    const { steps, changes } = plan
    const isLeft = leftMeanwhile(run, steps).some(({ what }) => what === MAINTAINED)
    const isOver = steps.some(({ endsMeanwhile }, at) => {
      return endsMeanwhile === MAINTAINED && run.steps[at]?.kind === 'succeeded'
    })
    const isTurned = hasDone(run) && touchedBy(request, plans).includes('maintenance')
    const isOn = changes.some(({ what, to }) => what === 'maintenance' && to === 'on')
    if (isLeft || (isTurned && isOn)) on = number
    else if (isOver || isTurned) on = null
  }
  return on
}
