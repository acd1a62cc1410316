import type { ImageId, ImageLabels } from './containers.ts'

/** One state that a service was seen in on one host, over all times it ran there. */
export type LedgerEntry = {
  readonly service: string
  readonly host: string
  readonly image: ImageId
  readonly labels: ImageLabels
  /** {@link Container.sha256} of the container that was seen with it. */
  readonly sha256: string
  readonly firstSeenAt: string
  /** When it last began to run there. */
  readonly startedAt: string
  readonly lastSeenAt: string
  /** How long it ran, over all times. Milliseconds. */
  readonly ranMs: number
  /** How long of that its own health check said that it was healthy. */
  readonly healthyMs: number
  readonly lastHealthyAt: string | null
}

/** The history that hosts of containers do not keep. Throws a `Fault` when it cannot be read or written. */
export type ReleaseLedger = {
  /** The newest first. */
  entries(services: readonly string[]): Promise<readonly LedgerEntry[]>
  /** Puts each of them in place of the one of the same service, host, image and hash. */
  put(entries: readonly LedgerEntry[]): Promise<void>
}
