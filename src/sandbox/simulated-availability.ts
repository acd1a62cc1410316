import { Fault } from '../domain/base/fault.ts'
import type { Availability, Stage } from './production.ts'
import { fraction } from './metrics/noise.ts'

/**
 * Answers as a server would that is near: after a few milliseconds, not at all, or with a refusal;
 * and ends with the signal, whichever it is.
 */
export function answering(dependency: string, { seed, slowestMs }: Stage) {
  let asked = 0
  return async <T>(
    availability: Availability,
    signal: AbortSignal,
    answer: () => T,
  ): Promise<T> => {
    asked += 1
    const ms = slowestMs * fraction(seed, `${dependency}#${asked}`)
    await passed(availability === 'silent' ? null : ms, signal, dependency)
    if (availability === 'refusing') {
      throw fault(dependency, 'connection refused', 'ECONNREFUSED')
    }
    return answer()
  }
}

/** `null`: until the signal. */
function passed(ms: number | null, signal: AbortSignal, dependency: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (ms === 0 && !signal.aborted) {
      resolve()
      return
    }
    const timer = ms === null ? undefined : setTimeout(ended, ms)
    function ended(): void {
      signal.removeEventListener('abort', aborted)
      resolve()
    }
    function aborted(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      reject(fault(dependency, 'did not answer in time', 'ETIMEDOUT'))
    }
    if (signal.aborted) aborted()
    else signal.addEventListener('abort', aborted)
  })
}

const fault = (dependency: string, detail: string, code: string): Fault =>
  new Fault({ kind: 'retryable', dependency, detail, code })
