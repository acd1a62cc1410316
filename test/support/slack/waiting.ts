import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 15

/** Waits for a condition instead of for a time. `what` is what the failure says was awaited. */
export const until = async <T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  timeoutMs = 20_000,
): Promise<T> => {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`)
    await pause(POLL_MS)
  }
}
