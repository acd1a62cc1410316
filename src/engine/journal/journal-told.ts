import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'

/** What a process says of its journal, once, however many engines it has one after the other. */
export type JournalTold = {
  /** An incident cannot be read, and why. */
  unreadable(incident: string, error: unknown): void
  /** What others have written was read. */
  followed(): void
  notFollowed(error: unknown): void
  /** How long ago what others have written was read last; `null`: it was not yet. */
  followedAgoMs(): number | null
}

export function journalTold({
  log,
  clock,
}: {
  readonly log: Log
  readonly clock: Clock
}): JournalTold {
  const unreadable = new Set<string>()
  let atMs: number | null = null
  let isTrouble = false

  return {
    unreadable(incident, error) {
      if (unreadable.has(incident)) return
      unreadable.add(incident)
      log.error('an incident cannot be read; a person has to look', { incident, error })
    },
    followed() {
      if (isTrouble) log.info('the journal can be followed again')
      isTrouble = false
      atMs = clock.now()
    },
    notFollowed(error) {
      if (!isTrouble) log.error('the journal cannot be followed; it is tried again', { error })
      isTrouble = true
    },
    followedAgoMs: () => (atMs === null ? null : clock.now() - atMs),
  }
}
