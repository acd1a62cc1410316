import type { Ways } from '../support/engine-story.ts'
import { outward, type Call } from './outward.ts'

/** Holds a process at one of its calls, from `arm` until `letGo`. */
export type Hold = {
  readonly ways: Ways
  readonly arm: () => void
  /** Resolves when it has come to that call. */
  readonly reached: Promise<void>
  /** It goes on, and is held no more. */
  readonly letGo: () => void
}

export function heldAt(name: Call['name']): Hold {
  const { promise: goOn, resolve } = Promise.withResolvers<void>()
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  let armed = false
  const ways = outward(async (call, make) => {
    if (armed && call.name === name) {
      reach()
      await goOn
    }
    return make()
  })
  return {
    ways,
    arm() {
      armed = true
    },
    reached,
    letGo() {
      armed = false
      resolve()
    },
  }
}

/** Enough for what was said to be taken up, while something else is held. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((next) => setImmediate(next))
}
