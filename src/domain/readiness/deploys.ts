import type { Workload } from '../workload/workload.ts'

/** What each service ran when it was last seen. */
type Seen = ReadonlyMap<string, string>

/**
 * Whether something else runs than when it was last seen. What is still being rolled out is not told by its list: it is
 * seen when it is. Who sees a service for the first time has seen no deploy.
 */
export function deploySeen(
  before: Seen,
  workloads: readonly Pick<Workload, 'service' | 'current'>[],
): { readonly seen: Seen; readonly isDeploy: boolean } {
  const now = workloads.flatMap(({ service, current }) => {
    return current ? [[service, current.content] as const] : []
  })
  const isDeploy = now.some(([service, content]) => {
    const last = before.get(service)
    return last !== undefined && last !== content
  })
  return { seen: new Map([...before, ...now]), isDeploy }
}
