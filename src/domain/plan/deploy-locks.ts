import type { Actor } from '../base/actor.ts'
import { toMs } from '../base/instant.ts'
import type { Incident } from '../incident/incident.ts'
import { versionOf } from '../workload/workload.ts'
import { rollsBackBy } from './about-request.ts'
import type { PlannedChange } from './plan.ts'
import { hasDone } from './run.ts'

/** A version that a service was rolled back from, and that no plan has brought back since. */
export type DeployLock = {
  readonly service: string
  readonly version: string
  readonly image: string
  /** When the rollback was proved. */
  readonly since: string
  readonly incident: string
  readonly plan: number
  /** Who signed it. */
  readonly by: readonly Actor[]
}

/**
 * Which versions are not to be deployed again, the newest lock first. What is rolled back from is locked
 * when that was carried out and proved, and until a plan that people signed brings it back: an undo, or
 * a rollback to it; or until somebody says that a fixed version is deployed. It makes no difference whether
 * the incident is closed.
 */
export function deployLocks(
  incidents: readonly (Pick<Incident, 'id' | 'plans'> & Partial<Pick<Incident, 'fixDeployed'>>)[],
): readonly DeployLock[] {
  const locks = new Map<string, DeployLock>()
  for (const { rollsBack, changes, ...deed } of deedsOf(incidents)) {
    for (const { what: service, images } of changes) {
      const { from, to } = images ?? { from: [], to: [] }
      for (const image of to) locks.delete(keyOf(service, image))
      if (!rollsBack) continue
      for (const image of from.filter((one) => !to.includes(one))) {
        const key = keyOf(service, image)
        // Put in anew, so that the newest one stands last.
        locks.delete(key)
        locks.set(key, { service, version: versionOf(image), image, ...deed })
      }
    }
  }
  const fixed = new Map(incidents.map(({ id, fixDeployed }) => [id, fixDeployed]))
  return [...locks.values()]
    .filter(({ incident, since }) => {
      const said = fixed.get(incident)
      // What was rolled back from after that was not the fixed one.
      return !said || toMs(said.at) < toMs(since)
    })
    .toReversed()
}

type Deed = Pick<DeployLock, 'since' | 'incident' | 'plan' | 'by'> & {
  readonly rollsBack: boolean
  readonly changes: readonly PlannedChange[]
}

/** What was carried out and proved, in the order in which it was. */
function deedsOf(incidents: readonly Pick<Incident, 'id' | 'plans'>[]): readonly Deed[] {
  return incidents
    .flatMap(({ id: incident, plans }) =>
      plans.flatMap(({ number, request, plan, run, approvals }): readonly Deed[] => {
        if (!plan || !hasDone(run) || !run.ended) return []
        const by = approvals.map((approval) => approval.by)
        const { changes } = plan
        const rollsBack = rollsBackBy(request)
        return [{ since: run.ended.at, incident, plan: number, by, rollsBack, changes }]
      }),
    )
    .toSorted((a, b) => toMs(a.since) - toMs(b.since))
}

/** A service's name has no space in it. */
function keyOf(service: string, image: string): string {
  return `${service} ${image}`
}
