import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import type { Rollout } from '../../../ports/deployment-state.ts'

/** The pods that Services send to. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices */
export const EndpointSlice = z.object({
  endpoints: z
    .array(
      z.object({
        targetRef: z.object({ uid: z.string().default('') }).optional(),
        // Left out, it is to be taken for ready.
        conditions: z.object({ ready: z.boolean().nullish() }).prefault({}),
      }),
    )
    .nullish(),
})
export type EndpointSlice = z.infer<typeof EndpointSlice>

/** Pods by their uid: whether a Service sends to them. One that no Service knows is not in it. */
export type Served = ReadonlyMap<string, boolean>

export function servedPods(slices: readonly EndpointSlice[]): Served {
  const served = new Map<string, boolean>()
  for (const { endpoints } of slices) {
    for (const { targetRef, conditions } of endpoints ?? []) {
      const uid = targetRef?.uid ?? ''
      const ready = conditions.ready ?? true
      if (uid !== '') served.set(uid, (served.get(uid) ?? false) || ready)
    }
  }
  return served
}

type Pods = { readonly ours: readonly Named[]; readonly others: readonly Named[] }
type Named = { readonly metadata: { readonly name: string; readonly uid: string } }

/** What requests go to, of the pods of a rollout. */
export function requestsOf(
  { ours, others }: Pods,
  served: Served,
): NonNullable<Rollout['requests']> {
  const known = [...ours, ...others].some(({ metadata }) => served.has(metadata.uid))
  return {
    toOthers: namesOf(others.filter(({ metadata }) => served.get(metadata.uid) === true)),
    // No Service knows any of them: then nobody sends there, before and after.
    without: known ? namesOf(ours.filter(({ metadata }) => served.get(metadata.uid) !== true)) : [],
  }
}

function namesOf(pods: readonly Named[]): readonly string[] {
  return pods.map(({ metadata }) => metadata.name)
}

/** `null`: it may not be looked at. */
export function unlessForbidden(error: unknown): null {
  if (error instanceof Fault && error.code === '403') return null
  throw error
}
