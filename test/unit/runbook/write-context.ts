import type { WriteContext } from '../../../src/engine/run/step.ts'
import type { World } from '../../../src/ports/world.ts'
import { patience } from '../../support/contracts/outside.ts'

/** What a step is tried with where no engine carries it out. */
export function writeContextOn(world: World, key: string): WriteContext {
  return {
    world,
    signal: patience(),
    key,
    cause: 'a test',
    sendBeforeMs: Infinity,
    report: () => undefined,
    interrupted: new AbortController().signal,
  }
}
