import { DatabaseSync } from 'node:sqlite'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { lookAt } from '../../src/assess/look.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { incidentId } from '../../src/domain/incident/incident-id.ts'
import { LIMITS, WATCH } from '../../src/domain/watch/watch.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { declared, opened } from '../support/builders.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'

/** Stable already, and every due time so far was looked at. */
const LOOKS = LIMITS.good + 2

/**
 * A journal with this many incidents that are watched, since not quite the same moment. Their
 * messages are not posted yet: the bot will.
 */
export const writeWatchedIncidents = async (file: string, count: number): Promise<void> => {
  let nowMs = Date.now()
  const clock = { now: () => nowMs }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings })
  const look = await lookAt(world, settings, new AbortController().signal)
  const journal = sqliteJournal({ file, clock })
  // Ticks come at whole tens of seconds, and late on a busy machine: never near a due time.
  const beganMs = Math.floor(nowMs / WATCH.everyMs - LOOKS - 2) * WATCH.everyMs
  const watched = Array.from({ length: count }, (_, index) => {
    const startedMs = beganMs + Math.floor(WATCH.everyMs * (0.3 + (0.6 * index) / count))
    return { id: incidentId(new Date(startedMs).toISOString(), numbered(index)), startedMs }
  })
  const asked = watched.flatMap(({ id, startedMs }) => {
    nowMs = startedMs
    const first: Event[] = [opened, declared, { type: 'watch-started', watch: 1, plan: null }]
    return [
      append(id, first),
      ...Array.from({ length: LOOKS }, (_, index) => {
        const due = index + 1
        nowMs = startedMs + due * WATCH.everyMs
        return append(id, [{ type: 'watch-looked', watch: 1, look: { ...look, due } }])
      }),
    ]
  })
  await Promise.all(asked)
  journal.close()

  async function append(incident: string, events: readonly Event[]): Promise<void> {
    const written = await journal.append({ incident, seen: 'any', events })
    if (written.kind !== 'appended') throw new Error(`${incident}: ${written.kind}`)
  }
}

const numbered = (index: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array([1, index >> 8, index & 255])

/** Read beside the bot. */
export const looksTaken = (file: string): number => {
  using journal = new DatabaseSync(file, { readOnly: true })
  const [row] = journal.prepare("SELECT count(*) n FROM events WHERE type = 'watch-looked'").all()
  return Number(row?.['n'])
}
