import type { Check } from '../domain/base/doctor-check.ts'
import type { StatusPost, StatusReceipt } from '../domain/outbox/status-post.ts'

/** One stage of one incident, as it is to stand on the page. */
export type StatusUpdate = StatusPost & {
  readonly incident: string
  /** What tells this update from every other one of the incident. */
  readonly key: string
  /** What the page calls the incident, where it has taken a stage before. */
  readonly page: string | null
}

/** The page that tells the public how things are. Throws a `Fault`. */
export type StatusPages = {
  /**
   * Publishes this update: the first one opens an incident on the page, the next ones go there. Where the
   * page can be asked, one that is there already is not published again.
   */
  publish(update: StatusUpdate, signal: AbortSignal): Promise<StatusReceipt>
  /** Whether it is there; left out where the page cannot be asked. */
  find?(update: StatusUpdate, signal: AbortSignal): Promise<StatusReceipt | null>
  /** Whether publishing would work, as far as can be seen without publishing anything. */
  check(signal: AbortSignal): Promise<readonly Check[]>
}
