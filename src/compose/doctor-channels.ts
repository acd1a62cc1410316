import type { Config } from '../config/load-config.ts'

/** Where Backout has to be: where it is asked, where it tells a loss, and where people drill. Each once. */
export function channelsOf({ slack, readiness, drills }: Config['settings']): readonly string[] {
  const told = readiness.everyMinutes > 0 ? readiness.channel : null
  const found = [...slack.channels, told, drills?.channel ?? null]
  return [...new Set(found.filter((channel) => channel !== null))]
}
