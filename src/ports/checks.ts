import type { ItemResult } from '../domain/verification/item.ts'

/** Requests to what is outside, each with the answer that it has to get, where a plan sends them on its way. */
export type Checks = {
  /**
   * Items as the settings name them, tried until all of them pass, a few times and with pauses: services that have just
   * started may need a moment. What one organisation sees of another is believed at once. Never throws. `tried`: what
   * was found, when it is tried once more.
   */
  prove(
    ids: readonly string[],
    tried: (results: readonly ItemResult[]) => void,
    signal: AbortSignal,
  ): Promise<readonly ItemResult[]>
}
