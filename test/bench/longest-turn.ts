/** The longest time for which nothing else had a turn: in all, and of that on the processor. */
export type Turn = { blockedMs: number; processorMs: number }

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Looks every millisecond, and tells for how long it could not. */
export const longestTurn = (): (() => Turn) => {
  const longest: Turn = { blockedMs: 0, processorMs: 0 }
  const now = (): Turn => ({ blockedMs: performance.now(), processorMs: threadMs() })
  let last = now()
  const timer = setInterval(() => {
    const next = now()
    longest.blockedMs = Math.max(longest.blockedMs, next.blockedMs - last.blockedMs)
    longest.processorMs = Math.max(longest.processorMs, next.processorMs - last.processorMs)
    last = next
  }, 1)
  return () => {
    clearInterval(timer)
    return longest
  }
}
