import type { JournaledEvent } from '../../domain/incident/event.ts'
import type { Journal } from '../../ports/journal.ts'
import { asksForSomething } from './asks-for-something.ts'

/** Of which incidents other processes have written. */
export type News = {
  readonly incidents: readonly string[]
  /** Those of them that cannot be read. */
  readonly unreadable: readonly string[]
}

/** Takes up what other processes have appended since the time before; answers of which incidents. */
export function followOthers(deps: {
  readonly journal: Journal
  readonly isInMemory: (id: string) => boolean
  readonly unreadable: ReadonlyMap<string, unknown>
  readonly take: (id: string, events: readonly JournaledEvent[]) => Promise<unknown>
  readonly readOn: (id: string) => Promise<unknown>
  /** Whoever asks for it then is told why it cannot be read; the news of others are not lost with it (J3). */
  readonly letGo: (id: string) => void
  /** Between one page and the next. */
  readonly pause: () => Promise<void>
}): () => Promise<News> {
  const { journal, unreadable, letGo } = deps
  let position: number | null = null

  return async () => {
    position ??= (await journal.head()).position
    const changed = new Set<string>()
    for (;;) {
      const page = await journal.follow(position)
      if (page.position === position) return newsOf([...changed], unreadable)
      position = page.position
      for (const id of page.unreadable) {
        changed.add(id)
        if (!unreadable.has(id)) await deps.readOn(id).catch(() => letGo(id))
      }
      for (const [id, theirs] of Map.groupBy(page.events, ({ incident }) => incident)) {
        if (!deps.isInMemory(id) && !asksForSomething(theirs)) continue
        await deps.take(id, theirs).catch(() => letGo(id))
        changed.add(id)
      }
      await deps.pause()
    }
  }
}

function newsOf(ids: readonly string[], unreadable: ReadonlyMap<string, unknown>): News {
  return {
    incidents: ids.filter((id) => !unreadable.has(id)),
    unreadable: ids.filter((id) => unreadable.has(id)),
  }
}
