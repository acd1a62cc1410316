import { versionOf } from '../../domain/workload/workload.ts'
import type { Deployments, WorkloadWrite, Written } from '../../ports/deployments.ts'
import { answering } from '../simulated-availability.ts'
import type { Cluster } from './cluster.ts'
import type { Desired, SimulatedDeployment } from './deployments.ts'
import { evidenceOf } from '../evidence/evidence.ts'
import { linesSince, logLines } from '../logs.ts'
import type { Stage } from '../production.ts'
import type { SimulatedOwners } from './owners.ts'
import { newestChange } from './newest-change.ts'
import { restarted, withVariable } from './templates.ts'
import { workloadViews } from './workload-views.ts'

/** The port over the simulated cluster. */
export function sandboxWorkloads(
  stage: Stage,
  cluster: Cluster,
  owners: SimulatedOwners,
): Deployments {
  const answer = answering('kubernetes', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().kubernetes, signal, () => {
      owners.heal()
      return what()
    })
  const views = () => workloadViews(cluster, stage.now())
  const each = <T>(services: readonly string[], view: (of: SimulatedDeployment) => T): T[] =>
    services.flatMap((service) => {
      const found = cluster.find(service)
      return found ? [view(found)] : []
    })

  return {
    list: (services, signal) => ask(signal, () => each(services, views().workload)),
    releases: (services, signal) =>
      ask(signal, () => {
        const { sighting } = views()
        return each(services, (of) => {
          const changed = newestChange(of)
          return { ...sighting(of), servedBy: null, managedBy: of.managedBy, changed }
        })
      }),
    needs: (needs, signal) =>
      ask(signal, () => {
        const missing = stage.production().missingNeeds
        return needs.map((need) => {
          const state = missing.includes(need.name) ? ('missing' as const) : ('there' as const)
          return { ...need, state, changedAt: null }
        })
      }),
    sightings: (services, signal) => ask(signal, () => each(services, views().sighting)),
    rollouts: (services, signal) => ask(signal, () => each(services, views().rollout)),

    logs: (service, { tail, sinceSeconds, signal }) =>
      ask(signal, () =>
        each([service], views().existing)
          .flat()
          .map((pod) => ({
            source: `${pod.name}/${service}`,
            lines: linesSince(stage, logLines(stage, service, pod), sinceSeconds).slice(-tail),
          })),
      ),

    write: ({ seen, change }, { key, cause, dryRun, signal }) =>
      ask(signal, (): Written => {
        const found = cluster.find(seen.name)
        const stands = found?.uid === seen.uid && found.generation === seen.generation
        if (!found || !stands) return { kind: 'changed-meanwhile' }
        if (!dryRun) {
          const wish = wishOf(change, found, stage.now())
          cluster.change(seen.name, { ...wish, lastWrite: key, by: 'backout', cause })
        }
        if (!dryRun || change.kind !== 'template') return { kind: 'written' }
        return { kind: 'written', admitted: cluster.admitted(change.to.template) }
      }),

    async *evidence(service, signal) {
      const found = await ask(signal, () => cluster.find(service))
      if (found) yield* evidenceOf(stage, found, views())
    },
  }
}

function wishOf(
  change: WorkloadWrite['change'],
  { revisions }: SimulatedDeployment,
  nowMs: number,
): Desired {
  switch (change.kind) {
    case 'template': {
      const version = versionOf(change.to.images[0] ?? '')
      const lock = change.lock ? { lockedImages: change.lock.images } : {}
      return { template: { version, template: change.to.template }, ...lock }
    }
    case 'replicas':
      return { replicas: change.to }
    case 'variable': {
      const [newest] = revisions
      if (!newest) return {}
      const { version, template } = newest
      return { template: { version, template: withVariable(template, change.of, change.to) } }
    }
    case 'restart': {
      const [newest] = revisions
      if (!newest) return {}
      const { version, template } = newest
      return { template: { version, template: restarted(template, nowMs) } }
    }
    default:
      return change satisfies never
  }
}
