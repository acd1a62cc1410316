import { redact } from '../../domain/redact.ts'
import type { Owned } from './ownership.ts'
import type { ContainerStatus, Deployment, Pod } from './schema.ts'

const longest = 200

/** Why a workload is not what it should be, in the cluster's own words, each reason once. */
export function troublesOf({ deployment, pods }: Owned): string[] {
  const ofPods = new Map<string, { readonly first: string; pods: number }>()
  for (const pod of pods.filter(isWanted)) {
    for (const [key, text] of podTroubles(pod)) {
      const seen = ofPods.get(key) ?? { first: text, pods: 0 }
      seen.pods += 1
      ofPods.set(key, seen)
    }
  }
  const podLines = [...ofPods.values()].map(
    ({ first, pods: affected }) => short(first) + (affected === 1 ? '' : ` (${affected} pods)`),
  )
  return [...deploymentTroubles(deployment).map(short), ...podLines]
}

function deploymentTroubles({ metadata, status }: Deployment): string[] {
  const lines = status.conditions
    .filter(
      ({ type, status: is, reason }) =>
        (type === 'ReplicaFailure' && is === 'True') ||
        (type === 'Progressing' && is === 'False' && reason === 'ProgressDeadlineExceeded'),
    )
    .map(({ reason, message }) => said(reason, message))
  if (status.observedGeneration < metadata.generation) {
    const { observedGeneration: seen } = status
    lines.push(`observedGeneration is ${seen}, generation is ${metadata.generation}`)
  }
  return lines
}

/** A pod that ended or is on its way out says nothing about the one that takes its place. */
function isWanted({ metadata, status }: Pod): boolean {
  const ended = status.phase === 'Succeeded' || status.phase === 'Failed'
  return !ended && metadata.deletionTimestamp === undefined
}

/** What is the same trouble, and its text; messages differ by the names of pods. */
function podTroubles(pod: Pod): Map<string, string> {
  const { conditions, containerStatuses, initContainerStatuses } = pod.status
  const troubles = new Map<string, string>()
  for (const { type, status, reason, message } of conditions) {
    if (type === 'PodScheduled' && status === 'False') troubles.set(reason, said(reason, message))
  }
  for (const container of [...initContainerStatuses, ...containerStatuses]) {
    const { waiting } = container.state
    if (!waiting || waiting.reason === 'PodInitializing') continue
    const text = said(waiting.reason || 'waiting', waiting.message + lastEnd(container))
    troubles.set(`${container.name} ${waiting.reason}`, `${container.name}: ${text}`)
  }
  if (troubles.size > 0) return troubles
  const unready = conditions.find(({ type, status }) => type === 'Ready' && status === 'False')
  if (unready) troubles.set(unready.reason, said(unready.reason, unready.message))
  return troubles
}

function lastEnd({ lastState: { terminated } }: ContainerStatus): string {
  if (!terminated) return ''
  return ` (last: ${terminated.reason || 'ended'}, exit code ${terminated.exitCode})`
}

function said(reason: string, message: string): string {
  return [reason, message.trim()].filter((part) => part !== '').join(': ')
}

function short(line: string): string {
  const flat = redact(line).replaceAll(/\s+/g, ' ').trim()
  return flat.length <= longest ? flat : `${flat.slice(0, longest - 1)}…`
}
