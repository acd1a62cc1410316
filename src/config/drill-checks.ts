import type { Problem } from './problem.ts'
import type { Read } from './cross-checks.ts'

/** A drill and the real thing never meet in a channel. */
export function drillChecks({ settings, at }: Read): readonly Problem[] {
  const channel = settings?.drills?.channel
  if (channel === undefined) return []
  const where = at(['drills', 'channel'])
  const own = 'drills need a channel of their own, a private one'
  return [
    ...((settings?.slack?.channels ?? []).includes(channel)
      ? [{ where, what: `drills.channel: ${channel} is among slack.channels too; ${own}` }]
      : []),
    ...(settings?.readiness?.channel === channel
      ? [{ where, what: `drills.channel: ${channel} is readiness.channel too; ${own}` }]
      : []),
  ]
}
