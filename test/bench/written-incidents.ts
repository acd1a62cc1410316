import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { assess } from '../../src/assess/assess.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { incidentId } from '../../src/domain/incident/incident-id.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { closed } from '../support/builders.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'
import { declaredEvents } from './open-incidents.ts'

export type Amounts = {
  readonly closed: number
  readonly open: number
  /** One in so many of the open ones is watched. */
  readonly watchedOneIn: number
}

const DAY_MS = 24 * 60 * 60_000

/** A journal with so many declared incidents; the closed ones long ago. Their messages are not posted yet. */
export const writeIncidents = async (file: string, amounts: Amounts): Promise<void> => {
  const newestMs = Date.now()
  let nowMs = newestMs
  const clock = { now: () => nowMs }
  const { world } = sandboxWorld({ scenario: 'errors-62', clock, settings })
  const assessment = await assess(world, settings, [], async () => [])
  const journal = sqliteJournal({ file, clock })
  for (let index = 0; index < amounts.closed + amounts.open; index += 1) {
    const daysAgo =
      index < amounts.closed ? 2 + (300 * (amounts.closed - index)) / amounts.closed : 0
    nowMs = newestMs - daysAgo * DAY_MS
    const random = new Uint8Array([1, index >> 8, index & 255])
    const id = incidentId(new Date(nowMs).toISOString(), random)
    const since = daysAgo > 0 ? [closed] : watchedSince(index % amounts.watchedOneIn === 0)
    const events = [...declaredEvents(id, assessment), ...since]
    const appended = journal.append({ incident: id, seen: 0, events })
    // What is asked for in one turn is one transaction.
    if (index % 250 === 0) await appended
  }
  await journal.append({ incident: 'last', seen: 'any', events: [] })
  journal.close()
}

const watchedSince = (isWatched: boolean): readonly Event[] =>
  isWatched ? [{ type: 'watch-started', watch: 1, plan: null }] : []
