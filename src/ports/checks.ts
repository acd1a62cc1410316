import type { ItemResult } from '../domain/verification/item.ts'

/** What is verified after a rollback, where a plan asks for it on its way. */
export type Checks = {
  /**
   * Items of the verification, tried until all of them pass, a few times and with pauses: services that have just
   * started may need a moment. Never throws. `tried`: what was found, when it is tried once more.
   */
  prove(
    ids: readonly string[],
    tried: (results: readonly ItemResult[]) => void,
    signal: AbortSignal,
  ): Promise<readonly ItemResult[]>
}
