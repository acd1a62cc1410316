import { Fault } from '../../domain/base/fault.ts'

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>

export type Pace = {
  /** Resolves when it is this caller's turn. Throws a `Fault` where that does not come in time. */
  turn(signal: AbortSignal): Promise<void>
  /** Nobody has a turn for so long. */
  hold(ms: number): void
}

/** One request in so many milliseconds, whoever asks. */
export function pace(options: {
  readonly everyMs: number
  readonly dependency: string
  readonly now: () => number
  readonly sleep: Sleep
}): Pace {
  const { everyMs, dependency, now, sleep } = options
  let freeAtMs = 0
  return {
    async turn(signal) {
      const atMs = Math.max(now(), freeAtMs)
      freeAtMs = atMs + everyMs
      const waitMs = atMs - now()
      if (waitMs > 0) await sleep(waitMs, signal)
      if (!signal.aborted) return
      const detail = 'it takes one request a second, and others came first'
      throw new Fault({ kind: 'retryable', dependency, detail })
    },
    hold(ms) {
      freeAtMs = Math.max(freeAtMs, now() + ms)
    },
  }
}
