import cron from 'node-cron'
import type { Log } from '../../ports/log.ts'

export type Recurring = { stop(): Promise<void> }

/** So many times its own length after the last run, a schedule is taken to wait for a time that has been. */
const STALE = 1.5

/**
 * Says "it is now" every `seconds` (a divisor of 60), so many after each whole one of them. What is due then is state,
 * not the timer's business.
 * The schedule goes by the wall clock: when that is set back, it is begun anew.
 */
export function every(
  seconds: number,
  name: string,
  run: () => void | Promise<void>,
  log: Log,
  afterSeconds = 0,
): Recurring {
  const note = (message: string | Error) => log.warn(String(message), { from: 'cron' })
  const everyMs = seconds * 1000
  let ranAtMs = performance.now()
  const task = cron.schedule(`${afterSeconds % seconds}-59/${seconds} * * * * *`, runNow, {
    name,
    timezone: 'UTC',
    noOverlap: true,
    logger: { info() {}, debug() {}, warn: note, error: note },
  })
  const behind = setInterval(() => {
    if (performance.now() - ranAtMs < STALE * everyMs) return
    log.warn('the clock was set back: a schedule is begun anew', { schedule: name })
    void task.stop()
    void task.start()
    void runNow()
  }, everyMs)

  function runNow(): void | Promise<void> {
    ranAtMs = performance.now()
    return run()
  }

  return {
    async stop() {
      clearInterval(behind)
      await task.destroy()
    },
  }
}
