import type { Log } from '../ports/log.ts'

/**
 * A look that is repeated for as long as the process lasts: one at a time, as the one before may still go on. Trouble
 * is told once, and tried again.
 */
export function steadyLook(
  look: () => Promise<void>,
  {
    stopped,
    log,
    cannot,
    again,
  }: {
    readonly stopped: AbortSignal
    readonly log: Log
    readonly cannot: string
    readonly again: string
  },
): { readonly once: () => Promise<void>; readonly underWay: () => Promise<void> | null } {
  let trouble: string | null = null
  let looking: Promise<void> | null = null

  async function tried(): Promise<void> {
    try {
      await look()
      if (trouble !== null) log.info(again)
      trouble = null
    } catch (error) {
      if (stopped.aborted) return
      const found = error instanceof Error ? error.message : String(error)
      if (found !== trouble) log.warn(cannot, { found })
      trouble = found
    }
  }

  return {
    once: () => (looking ??= tried().finally(() => (looking = null))),
    underWay: () => looking,
  }
}
