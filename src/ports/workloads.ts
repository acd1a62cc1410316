import type { Workload } from '../domain/workload/workload.ts'

export type LogTail = {
  /** Which pod and container, or which container. */
  readonly source: string
  readonly lines: readonly string[]
  /** Its lines are none of the log: they say why there is none. */
  readonly isNote?: true
}

/** What runs the team's services, whatever that is. Throws a `Fault` when it could not be asked. */
export type Workloads = {
  /** One entry for each of the services, absent ones left out. */
  list(services: readonly string[], signal: AbortSignal): Promise<readonly Workload[]>
  /** The last lines of every container of the service, secrets redacted. */
  logs(
    service: string,
    options: {
      readonly tail: number
      /** Only what was written within so many seconds. */
      readonly sinceSeconds?: number
      readonly signal: AbortSignal
    },
  ): Promise<readonly LogTail[]>
  /** Everything about the service that explains a failure later. Streams are read once, in order. */
  evidence(service: string, signal: AbortSignal): AsyncIterable<EvidencePiece>
}

/** One file of evidence. Its text is redacted already. */
export type EvidencePiece =
  | { readonly name: string; readonly text: AsyncIterable<string> }
  /** It could not be had, and why. */
  | { readonly name: string; readonly skipped: string }
