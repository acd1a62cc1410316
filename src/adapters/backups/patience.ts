import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../domain/base/fault.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import { stoppedFault } from './faults.ts'

/** Waits for the next sign of life of a tool, and no longer than so long, or until the signal. */
export async function withPatience<T>(
  work: Promise<T>,
  {
    tool,
    patienceMs,
    signal,
  }: { readonly tool: string; readonly patienceMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const waited = new AbortController()
  const late = sleep(patienceMs, undefined, { signal: waited.signal }).then(
    () => {
      const seconds = Math.round(patienceMs / 1_000)
      const detail = `${tool} did nothing for ${seconds} s and was ended`
      throw new Fault({ kind: 'retryable', dependency: 'backups', detail, code: 'ETIMEDOUT' })
    },
    () => new Promise<never>(() => {}),
  )
  try {
    return await untilAborted(Promise.race([work, late]), signal)
  } catch (error) {
    throw signal.aborted ? stoppedFault(signal) : error
  } finally {
    waited.abort()
  }
}
