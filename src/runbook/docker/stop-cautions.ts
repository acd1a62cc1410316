import type { Container } from '../../ports/containers.ts'
import { startsAgain } from './by-hand.ts'
import { slowStops } from './slow-stop.ts'

/** What people should know before containers are stopped, and stay so until a plan starts them. */
export function stopCautions(stopped: readonly Container[]): readonly string[] {
  return [...startsAgain(stopped, { meanwhile: '' }), ...slowStops(stopped)]
}
