import type { StepContext } from '../../engine/run/step.ts'
import type { World } from '../../ports/world.ts'

/** A context for looking only: no run, so no key that anything could have been written under. */
export function lookOnly(world: World, signal: AbortSignal): StepContext {
  return { world, signal, key: '', cause: '', sendBeforeMs: 0 }
}
