import type { Owned } from './ownership.ts'
import type { Condition, ContainerStatus, Deployment, Pod } from './schema.ts'
import { shortLine } from './short-line.ts'

/** Something one pod waits for. */
export type PodTrouble = {
  /** What is the same trouble in another pod; messages differ by the names of pods. */
  readonly key: string
  readonly reason: string
  readonly text: string
  /** Of the container it concerns. */
  readonly restarts: number
}

/** Why a workload is not what it should be, in the cluster's own words, each reason once. */
export function troublesOf({ deployment, pods }: Pick<Owned, 'deployment' | 'pods'>): string[] {
  const { conditions } = deployment.status
  const ofDeployment = conditions
    .filter((one) => isReplicaFailure(one) || isOverdue(one))
    .map(textOf)
  return [...ofDeployment, ...unobserved(deployment), ...podLines(pods)]
}

export function isReplicaFailure({ type, status }: Condition): boolean {
  return type === 'ReplicaFailure' && status === 'True'
}

export function isOverdue({ type, status, reason }: Condition): boolean {
  return type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded'
}

export function unobserved({ metadata, status }: Deployment): string[] {
  const { observedGeneration: seen } = status
  if (seen >= metadata.generation) return []
  return [`observedGeneration is ${seen}, generation is ${metadata.generation}`]
}

/** The troubles of these pods, each once. */
export function podLines(pods: readonly Pod[]): string[] {
  const seen = new Map<string, { readonly first: string; pods: number }>()
  for (const pod of pods) {
    for (const { key, text } of podTroubles(pod)) {
      const same = seen.get(key) ?? { first: text, pods: 0 }
      same.pods += 1
      seen.set(key, same)
    }
  }
  return [...seen.values()].map(
    ({ first, pods: affected }) => first + (affected === 1 ? '' : ` (${affected} pods)`),
  )
}

/** A pod that ended or is on its way out says nothing about the one that takes its place. */
export function podTroubles(pod: Pod): PodTrouble[] {
  if (hasEnded(pod) || isEnding(pod)) return []
  const { conditions, containerStatuses, initContainerStatuses } = pod.status
  const troubles: PodTrouble[] = []
  const notYet = (condition: Condition | undefined): void => {
    if (!condition) return
    const { reason } = condition
    troubles.push({ key: reason, reason, text: textOf(condition), restarts: 0 })
  }
  notYet(conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False'))
  for (const container of [...initContainerStatuses, ...containerStatuses]) {
    const { waiting } = container.state
    if (!waiting || waiting.reason === 'PodInitializing') continue
    const { name, restartCount: restarts } = container
    const reason = waiting.reason || 'waiting'
    const text = shortLine(`${name}: ${said(reason, waiting.message + lastEnd(container))}`)
    troubles.push({ key: `${name} ${reason}`, reason, text, restarts })
  }
  if (troubles.length === 0) {
    notYet(conditions.find(({ type, status }) => type === 'Ready' && status === 'False'))
  }
  return troubles
}

/** Nothing of it runs any more, though the object may stay for long. */
export function hasEnded({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

export function isEnding({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}

function lastEnd({ lastState: { terminated } }: ContainerStatus): string {
  if (!terminated) return ''
  return ` (last: ${terminated.reason || 'ended'}, exit code ${terminated.exitCode})`
}

export function textOf({ type, status, reason, message }: Condition): string {
  return shortLine(said(reason, message) || `${type} is ${status}`)
}

function said(reason: string, message: string): string {
  return [reason, message.trim()].filter((part) => part !== '').join(': ')
}
