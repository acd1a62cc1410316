import type { Log } from '../ports/log.ts'

/** How long an orderly end may take. A person who presses Ctrl-C again after a second wants it now. */
const PATIENCE_MS = 10_000
const IMPATIENT_AFTER_MS = 1_000

/**
 * Resolves on the first SIGTERM, SIGINT or SIGHUP (a terminal that is closed). A terminal and npm may each send one for the same
 * Ctrl-C: what follows at once is the same wish.
 */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAtMs: number | null = null
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (firstAtMs === null) {
          firstAtMs = Date.now()
          setTimeout(() => process.exit(1), PATIENCE_MS).unref()
          resolve(signal)
        } else if (Date.now() - firstAtMs > IMPATIENT_AFTER_MS) {
          process.exit(1)
        }
      })
    }
  })
}

/** The files of these, and the one in which both are when they are built in (`rolldown.config.ts`). */
const SLACK_RECEIVERS = /@slack\/socket-mode|@slack\/bolt\/.*HTTPReceiver|\/slack-receivers-/

/**
 * @slack/socket-mode 3.1.0 throws inside its own handlers: on `app_rate_limited`, and when a
 * disconnect meets a reconnect; Bolt's HTTP receiver throws on a signed body that is JSON `null`. None
 * of these may end a bot in the middle of an incident. Any other
 * rejection that nobody handled does end it: what went wrong there is not known. So does a refused
 * reconnection: the client gives up then for good, and only a new process hears Slack again.
 */
export function surviveKnownSlackDefects(log: Log): void {
  process.on('unhandledRejection', (reason) => {
    const stack = reason instanceof Error ? (reason.stack ?? '') : ''
    const gaveUp = isWebApiError(reason)
    const known = SLACK_RECEIVERS.test(stack)
    if (reason === undefined || (known && !gaveUp)) {
      log.warn('a known defect of the Slack client was survived', { error: reason })
      return
    }
    const what = gaveUp
      ? 'Slack refused to connect again; ending, so that a new process can try'
      : 'something failed that nobody handled; ending'
    log.error(what, { error: reason })
    process.exit(1)
  })
}

/** By its code and not its class: loading the client only to ask would make every start slower. */
function isWebApiError(reason: unknown): boolean {
  return (
    reason instanceof Error && 'code' in reason && String(reason.code).startsWith('slack_webapi_')
  )
}
