import type { Container } from '../../ports/containers.ts'
import { startsAgain } from './by-hand.ts'
import { inMemory } from './in-memory.ts'
import { slowStops } from './slow-stop.ts'

/** What people should know before containers are stopped. `how`: how it is said who may start them again. */
export function stopCautions(
  stopped: readonly Container[],
  how: Parameters<typeof startsAgain>[1],
): readonly string[] {
  return [...startsAgain(stopped, how), ...slowStops(stopped), ...inMemory(stopped)]
}
