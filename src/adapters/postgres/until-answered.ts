import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../domain/base/fault.ts'

const PAUSE_MS = 50

/** Asks again as long as nothing was carried out and time is left. What is not known is never asked again (J4). */
export async function untilAnswered<Result>(
  withinMs: number,
  ask: (withinMs: number) => Promise<Result>,
): Promise<Result> {
  const until = performance.now() + withinMs
  let first: Fault | null = null
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      return await ask(until - performance.now())
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'retryable') throw error
      // The last one had the least time, and says the least.
      first ??= error
      if (performance.now() + PAUSE_MS >= until) throw first
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await sleep(PAUSE_MS)
    }
  }
}
