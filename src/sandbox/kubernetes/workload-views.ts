import type { KeptRevision, Rollout, Sighting } from '../../ports/deployment-state.ts'
import type { Workload } from '../../domain/workload/workload.ts'
import type { Cluster } from './cluster.ts'
import type { SimulatedDeployment, SimulatedRevision } from './deployments.ts'
import { newestChange } from './newest-change.ts'
import { existsAt, isEndingAt, isReadyAt } from './rolling.ts'
import type { SimulatedPod } from './rolling.ts'
import { imageOf } from '../release.ts'

/** How a cluster tells of its Deployments at a moment. */
export function workloadViews(cluster: Pick<Cluster, 'isCrashing'>, atMs: number) {
  const { isCrashing } = cluster
  const isReady = (pod: SimulatedPod): boolean => isReadyAt(pod, atMs) && !isCrashing(pod.version)
  const restartsOf = (pod: SimulatedPod): number =>
    isCrashing(pod.version) ? restartsSince(pod.bornAtMs, atMs) : 0

  /** What it waits for, and whether that will end by itself. */
  const troubleOf = (service: string, pod: SimulatedPod): Trouble | null => {
    if (isReady(pod) || isEndingAt(pod, atMs)) return null
    if (isCrashing(pod.version)) {
      const text =
        'CrashLoopBackOff: back-off 5m0s restarting failed container (last: Error, exit code 1)'
      return { text: `${service}: ${text}`, final: restartsOf(pod) >= 3 }
    }
    if (pod.readyAtMs < Infinity) return { text: `${service}: ContainerCreating`, final: false }
    const image = imageOf(service, pod.version)
    const text = `${service}: ImagePullBackOff: Back-off pulling image "${image}": ErrImagePull: not found`
    return { text, final: true }
  }

  const look = ({ service, pods, revisions, replicas }: SimulatedDeployment) => {
    const asked = revisions[0]?.uid
    const existing = pods.filter((pod) => existsAt(pod, atMs))
    const updated = existing.filter((pod) => pod.revision === asked)
    const working = updated.filter((pod) => isReady(pod)).length
    const troubles = (of: readonly SimulatedPod[]): Trouble[] =>
      of.flatMap((pod) => troubleOf(service, pod) ?? [])
    return {
      existing,
      updated,
      working,
      troubles,
      complete: working === replicas && updated.length === replicas,
    }
  }

  return {
    existing: (of: SimulatedDeployment): readonly SimulatedPod[] => look(of).existing,
    restartsOf,
    isReady,

    workload(of: SimulatedDeployment): Workload {
      const { existing, updated, troubles } = look(of)
      const [current = null, ...previous] = of.revisions.map(plain)
      const stuck = troubles(updated).find(({ final }) => final)?.text
      return {
        service: of.service,
        name: `deployment/${of.service}`,
        desired: of.replicas,
        ready: existing.filter((pod) => isReady(pod)).length,
        updated: updated.length,
        restarts: existing.map(restartsOf).reduce((sum, one) => sum + one, 0),
        troubles: eachOnce(troubles(existing)),
        ...(stuck === undefined ? {} : { stuck }),
        paused: of.paused,
        ownedBy: of.ownedBy,
        servedBy: null,
        templateIsOurs: isOurs(of),
        managedBy: of.managedBy.map(({ says }) => says),
        current,
        previous,
        changed: newestChange(of),
      }
    },

    sighting(of: SimulatedDeployment): Sighting {
      const { service, uid, generation, replicas, paused, ownedBy, lastWrite, lockedImages } = of
      const [current = null, ...previous] = of.revisions.map((one) => {
        return { ...plain(one), template: one.template, sha256: one.sha256 }
      })
      const pace = { servesMeanwhile: true, lastTookMs: null, allowedMs: 10 * 60_000 }
      const what = { service, name: service, uid, generation, replicas, pace, paused }
      return {
        ...what,
        ownedBy,
        lastWrite,
        templateIsOurs: isOurs(of),
        lockedImages,
        current,
        previous,
      }
    },

    rollout(of: SimulatedDeployment): Rollout {
      const { existing, updated, working, troubles, complete } = look(of)
      const ending = existing.filter((pod) => isEndingAt(pod, atMs))
      const others = existing.filter(
        (pod) => !updated.includes(pod) && !ending.includes(pod),
      ).length
      const ours = troubles(updated)
      const left = of.replicas === 0 ? existing.length : others
      return {
        service: of.service,
        name: of.service,
        uid: of.uid,
        templateHash: of.revisions[0]?.templateHash ?? null,
        lastWrite: of.lastWrite,
        templateIsOurs: isOurs(of),
        desired: of.replicas,
        ready: working,
        others,
        ending: ending.map(({ name }) => name),
        requests: null,
        complete: complete && left === 0,
        failed: ours.find(({ final }) => final)?.text ?? null,
        troubles: [
          ...(of.paused ? ['DeploymentPaused: Deployment is paused'] : []),
          ...eachOnce(ours),
        ],
      }
    },
  }
}

function isOurs({ revisions }: SimulatedDeployment): boolean {
  return revisions[0]?.askedBy === 'backout'
}

function plain(of: SimulatedRevision): Omit<KeptRevision, 'template' | 'sha256'> {
  const { number, uid, templateHash, images, content, needs, createdAt } = of
  return { number, uid, templateHash, images, content, needs, createdAt }
}

type Trouble = { readonly text: string; readonly final: boolean }

function eachOnce(troubles: readonly Trouble[]): string[] {
  const texts = troubles.map(({ text }) => text)
  return [...new Set(texts)].map((text) => {
    const pods = texts.filter((one) => one === text).length
    return pods === 1 ? text : `${text} (${pods} pods)`
  })
}

/** The waiting doubles from ten seconds to five minutes. */
function restartsSince(bornAtMs: number, atMs: number): number {
  const seconds = Math.max(0, (atMs - bornAtMs) / 1000)
  return seconds < 310
    ? Math.floor(Math.log2(1 + seconds / 10))
    : 5 + Math.floor((seconds - 310) / 300)
}
