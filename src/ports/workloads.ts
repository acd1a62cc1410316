import type { Workload } from '../domain/workload.ts'

export type LogTail = {
  /** Which pod and container, or which container. */
  readonly source: string
  readonly lines: readonly string[]
}

/** What runs the team's services. Throws a `Fault` when it could not be asked. */
export type Workloads = {
  /** One entry for each of the services, absent ones left out. */
  list(services: readonly string[], signal: AbortSignal): Promise<readonly Workload[]>
  /** The last lines of every container of the service, secrets redacted. */
  logs(
    service: string,
    options: { readonly tail: number; readonly signal: AbortSignal },
  ): Promise<readonly LogTail[]>
}
