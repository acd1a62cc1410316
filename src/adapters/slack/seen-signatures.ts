/** A signature stays valid for five minutes on either side; afterwards it need not be remembered. */
const REMEMBERED_MS = 10 * 60_000

/** Sixteen a second for ten minutes, in two megabytes. */
const MOST = 10_000

/**
 * Which signatures were used. Only those that were verified may be given to it: nobody but Slack
 * fills this memory. The oldest are forgotten when there are too many; what they asked for is still
 * known to the journal, by its delivery.
 */
export function seenSignatures(now: () => number, most = MOST) {
  const untilMs = new Map<string, number>()
  return {
    /** Says of each once that it is new. */
    isNew(signature: string): boolean {
      for (const [old, oldUntilMs] of untilMs) {
        if (oldUntilMs > now() && untilMs.size < most) break
        untilMs.delete(old)
      }
      if (untilMs.has(signature)) return false
      untilMs.set(signature, now() + REMEMBERED_MS)
      return true
    },
    size: () => untilMs.size,
  }
}
