import { z } from 'zod'
import type { Pace } from '../../../ports/deployment-state.ts'
import type { Owned } from './ownership.ts'
import { currentOf } from './revisions.ts'

const Probed = z.looseObject({
  readinessProbe: z.looseObject({ initialDelaySeconds: z.number().default(0) }).optional(),
})

/** What a batch of pods takes beside its own delays: to be scheduled, pulled and started. */
const STARTS_SECONDS = 60

/** How a Deployment replaces its pods, by its own settings. */
export function paceOf(owned: Owned): Pace {
  const { spec } = owned.deployment
  const { replicas, strategy, minReadySeconds, progressDeadlineSeconds } = spec
  const { maxSurge, maxUnavailable } = strategy.rollingUpdate
  const surge = podsOf(maxSurge, replicas, Math.ceil)
  // Both cannot be 0: then the controller takes one pod away.
  const unavailable = Math.max(podsOf(maxUnavailable, replicas, Math.floor), surge === 0 ? 1 : 0)
  const atOnce = strategy.type === 'Recreate' || unavailable >= replicas
  const batches = atOnce ? 1 : Math.ceil(replicas / Math.max(1, surge + unavailable))
  const each = STARTS_SECONDS + minReadySeconds + readinessDelay(spec.template.spec.containers)
  return {
    servesMeanwhile: replicas === 0 || !atOnce,
    lastTookMs: lastTookMs(owned),
    allowedMs: 1000 * Math.max(progressDeadlineSeconds, batches * each),
  }
}

/**
 * From when the controller made the ReplicaSet until it called its rollout complete, which it writes once. One
 * that was used again is older than its rollout. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment
 */
function lastTookMs(owned: Owned): number | null {
  const set = currentOf(owned)
  const history = set?.metadata.annotations['deployment.kubernetes.io/revision-history'] ?? ''
  const done = owned.deployment.status.conditions.find(({ type, status, reason, message }) => {
    const isComplete = status === 'True' && reason === 'NewReplicaSetAvailable'
    return type === 'Progressing' && isComplete && message.includes(`"${set?.metadata.name}"`)
  })
  if (!set || history !== '') return null
  const ms = Date.parse(done?.lastUpdateTime ?? '') - Date.parse(set.metadata.creationTimestamp)
  return ms >= 1000 ? ms : null
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable */
function podsOf(share: number | string, replicas: number, rounded: (n: number) => number): number {
  if (typeof share === 'number') return share
  const percent = Number(share.replace(/%$/, ''))
  return Number.isFinite(percent) ? rounded((percent / 100) * replicas) : 0
}

function readinessDelay(containers: readonly unknown[]): number {
  const delays = containers.map((one) => {
    const parsed = Probed.safeParse(one)
    return parsed.success ? (parsed.data.readinessProbe?.initialDelaySeconds ?? 0) : 0
  })
  return Math.max(0, ...delays)
}
