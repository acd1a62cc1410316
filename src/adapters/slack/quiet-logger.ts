import { LogLevel, type Logger } from '@slack/bolt'
import type { Log } from '../../ports/log.ts'

/** Bolt's own lines, at the level where an operator wants them. Bodies and tokens never reach `info`. */
export function quietLogger(log: Log): Logger {
  return {
    debug() {},
    info() {},
    warn: (...parts) => log.warn(words(parts), { from: 'bolt' }),
    error: (...parts) => log.warn(words(parts), { from: 'bolt' }),
    setLevel() {},
    getLevel: () => LogLevel.WARN,
    setName() {},
  }
}

function words(parts: readonly unknown[]): string {
  return parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ')
}
