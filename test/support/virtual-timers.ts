import { createHash } from 'node:crypto'
import { onTestFinished, vi } from 'vitest'

/**
 * Until the test is over, timers and the deadlines of signals go off only in `virtually`. Clocks show
 * the same time, and a busy machine changes nothing.
 */
export function virtualTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  // Node's own ends with the time of the machine.
  const deadlines = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const over = new AbortController()
    setTimeout(() => over.abort(new DOMException('The time is over', 'TimeoutError')), ms)
    return over.signal
  })
  // A thread would hash while the time goes on.
  const hashes = vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_, bytes) => {
    const view = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes)
    return new Uint8Array(createHash('sha256').update(view).digest()).buffer
  })
  onTestFinished(() => {
    hashes.mockRestore()
    deadlines.mockRestore()
    vi.useRealTimers()
  })
}

/** Lets the time pass from one timer to the next until the work is done, and says how long that took. */
export async function virtually<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly tookMs: number }> {
  const startedMs = performance.now()
  let tookMs: number | null = null
  const result = work().finally(() => {
    tookMs = performance.now() - startedMs
  })
  // Whoever awaits it hears of its failure; here it only ends the loop.
  result.catch(() => undefined)
  for (let idle = 0; idle < 1_000; idle += 1) {
    // oxlint-disable-next-line no-await-in-loop -- what needs no time comes first
    await new Promise((next) => setImmediate(next))
    if (tookMs !== null) return { result: await result, tookMs }
    if (vi.getTimerCount() > 0) idle = 0
    vi.advanceTimersToNextTimer()
  }
  throw new Error('it waits for something else than a timer')
}

/** One question in virtual time, for whoever does not care how long it took. */
export async function inVirtualTime<T>(work: () => Promise<T>): Promise<T> {
  virtualTimers()
  return (await virtually(work)).result
}
