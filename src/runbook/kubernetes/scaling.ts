import { z } from 'zod'
import type { Inspection } from '../../engine/run/step.ts'
import type { Sighting } from '../../ports/deployment-state.ts'

/** A Deployment that gets another number of replicas. */
export const Scaling = z.object({
  service: z.string(),
  name: z.string(),
  uid: z.string(),
  from: z.int().min(0),
  to: z.int().min(0),
})
export type Scaling = z.infer<typeof Scaling>

/** Where it stands, held against what was planned. `mark`: what this run's own write leaves there. */
export function standingOf(
  { service, uid, from, to }: Scaling,
  release: Sighting | undefined,
  mark: string,
): Inspection<Sighting> {
  if (release?.uid !== uid) {
    return { kind: 'blocked', begun: false, says: `${service}: it was deleted or made anew` }
  }
  const begun = release.lastWrite === mark
  if (release.replicas === to) return { kind: 'done', begun, says: `${service} asks for ${to}` }
  if (begun) {
    const says = `${service}: somebody scaled it to ${release.replicas} after this plan had scaled it to ${to}`
    return { kind: 'blocked', begun, says }
  }
  if (release.replicas === from) return { kind: 'needed', begun, seen: release }
  const says = `${service}: somebody scaled it to ${release.replicas} meanwhile`
  return { kind: 'blocked', begun, says }
}

/**
 * Which of a plan's writes to the same Deployment it is. `to stop`: others follow while nothing runs; `true`: it takes
 * back what another one has done; `the rest`: after one of each was started by that.
 */
export const Again = z.union([z.literal(true), z.literal('to stop'), z.literal('the rest')])
export type Again = z.infer<typeof Again>

/** Two writes of one plan to the same Deployment are told apart. */
export function markOf(key: string, again?: Again): string {
  if (again === undefined) return key
  return again === true ? `${key}/again` : `${key}/${again}`
}

export function podsOf(replicas: number): string {
  if (replicas === 0) return 'no pod at all'
  return replicas === 1 ? '1 pod' : `${replicas} pods`
}
