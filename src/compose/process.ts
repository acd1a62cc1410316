import type { Log } from '../ports/log.ts'

/** Resolves on the first SIGTERM or SIGINT. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}

/**
 * @slack/socket-mode 3.1.0 throws inside its own handlers: on `app_rate_limited`, and when a
 * disconnect meets a reconnect. Neither may end a bot in the middle of an incident. Any other
 * rejection that nobody handled does end it: what went wrong there is not known.
 */
export function surviveKnownSlackDefects(log: Log): void {
  process.on('unhandledRejection', (reason) => {
    const stack = reason instanceof Error ? (reason.stack ?? '') : ''
    if (reason === undefined || stack.includes('@slack/socket-mode')) {
      log.warn('a known defect of the Slack client was survived', { error: reason })
      return
    }
    log.error('something failed that nobody handled; ending', { error: reason })
    process.exit(1)
  })
}
