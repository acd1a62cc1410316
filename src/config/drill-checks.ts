import type { Problem } from './problem.ts'
import type { Read } from './cross-checks.ts'

/** A drill and the real thing never meet in a channel. */
export function drillChecks({ settings, environment, at }: Read): readonly Problem[] {
  const channel = settings?.drills?.channel
  if (channel === undefined) return []
  const where = at(['drills', 'channel'])
  const elsewhere = 'drill on one of its own, as npm run demo does'
  const own = 'drills need a channel of their own, a private one'
  // Slack hands each press to any of the processes on one journal, and a drill is in one of them.
  const several = environment?.BACKOUT_DATABASE_URL !== undefined
  return [
    ...(several
      ? [
          {
            where,
            what: `drills: with BACKOUT_DATABASE_URL there may be several Backouts, and a drill is played by one; ${elsewhere}`,
          },
        ]
      : []),
    ...((settings?.slack?.channels ?? []).includes(channel)
      ? [{ where, what: `drills.channel: ${channel} is among slack.channels too; ${own}` }]
      : []),
    ...(settings?.readiness?.channel === channel
      ? [{ where, what: `drills.channel: ${channel} is readiness.channel too; ${own}` }]
      : []),
  ]
}
