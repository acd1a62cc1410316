import { obeyedWaitMs } from './retry-after.ts'

/** What is known about a call that did not succeed. */
export type FaultKind =
  /** Certainly not carried out; asking again later may work. */
  | 'retryable'
  /** Certainly not carried out; asking again changes nothing until a person acts. */
  | 'terminal'
  /** Sent, and no answer came: it may or may not have been carried out. Look before sending again (J4). */
  | 'unknown-outcome'

/**
 * A call to the outside world that failed. Adapters throw it and nothing else; `detail` is written
 * for a person and never holds a secret.
 */
export class Fault extends Error {
  readonly kind: FaultKind
  /** Which part of the world, as the settings call it: `slack`. */
  readonly dependency: string
  /** What went wrong, in a clause: "connection refused at 127.0.0.1:9090". */
  readonly detail: string
  /** The machine's own word where there is one: `ECONNREFUSED`, `429`, `not_in_channel`. */
  readonly code: string | null
  /** How long the dependency asked us to wait, in milliseconds, and never longer than is obeyed. */
  readonly retryAfterMs: number | null

  constructor(fault: {
    kind: FaultKind
    dependency: string
    detail: string
    code?: string | null
    retryAfterMs?: number | null
    cause?: unknown
  }) {
    super(`${fault.dependency}: ${fault.detail}`, { cause: fault.cause })
    this.name = 'Fault'
    this.kind = fault.kind
    this.dependency = fault.dependency
    this.detail = fault.detail
    this.code = fault.code ?? null
    this.retryAfterMs = obeyedWaitMs(fault.retryAfterMs ?? null)
  }
}
