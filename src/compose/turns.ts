import { AT_ONCE, breathing } from '../engine/breathing.ts'
import { sleep } from './sleep.ts'

/** How the environments of one process leave everything else its turn, all of them together. */
export type Turns = {
  /** Before each piece of what is done for many incidents. */
  readonly breathe: () => Promise<void>
  /** Before an environment is told the time: one in a turn. */
  readonly tick: () => Promise<void>
}

/** Nobody waits for a turn any more once it is `stopping`. */
export function turnsOf(stopping: AbortSignal): Turns {
  const next = () => sleep(0, stopping)
  return { breathe: breathing(AT_ONCE, next), tick: breathing(1, next) }
}
