import cron from 'node-cron'
import type { Log } from '../../ports/log.ts'

export type Recurring = { stop(): Promise<void> }

/** Says "it is now" every `seconds` (a divisor of 60). What is due then is state, not the timer's business. */
export function every(
  seconds: number,
  name: string,
  run: () => void | Promise<void>,
  log: Log,
): Recurring {
  const note = (message: string | Error) => log.warn(String(message), { from: 'cron' })
  const task = cron.schedule(`*/${seconds} * * * * *`, run, {
    name,
    timezone: 'UTC',
    noOverlap: true,
    logger: { info() {}, debug() {}, warn: note, error: note },
  })
  return {
    async stop() {
      await task.destroy()
    },
  }
}
