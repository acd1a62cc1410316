import type { News } from './follow-others.ts'
import type { IncidentLog } from './incident-log.ts'
import type { JournalTold } from './journal-told.ts'

const NONE: News = { incidents: [], unreadable: [] }

/** What other processes have appended, as it is read. */
export type Following = {
  /** Of which incidents they have since anybody asked. What cannot be read is told to whoever asks for `news`. Never throws. */
  incidents(): Promise<readonly string[]>
  /** The same, and of which others what cannot be read. Never throws. */
  news(): Promise<News>
}

export function following({
  incidents,
  told,
}: {
  readonly incidents: IncidentLog
  readonly told: JournalTold
}): Following {
  let untold: readonly string[] = []

  async function read(): Promise<News> {
    try {
      const news = await incidents.follow()
      told.followed()
      return news
    } catch (error) {
      told.notFollowed(error)
      return NONE
    }
  }

  return {
    async incidents() {
      const news = await read()
      untold = [...untold, ...news.unreadable]
      return news.incidents
    },
    async news() {
      const news = await read()
      const unreadable = [...untold, ...news.unreadable]
      untold = []
      return { ...news, unreadable }
    },
  }
}
