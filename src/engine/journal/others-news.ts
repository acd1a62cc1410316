import type { JournaledEvent } from '../../domain/incident/event.ts'
import type { Journal } from '../../ports/journal.ts'

/**
 * The same journal, of which only what others have appended is followed. That it was read meanwhile, by whoever asked for
 * its incident, does not mean that anything was done about it.
 */
export function othersNews(journal: Journal): Journal {
  const own = new Set<string>()
  return {
    ...journal,
    async append(append) {
      const appended = await journal.append(append)
      if (appended.kind === 'appended') for (const one of appended.events) own.add(nameOf(one))
      return appended
    },
    async follow(position) {
      const followed = await journal.follow(position)
      // A mark may be gone too early with it: then something is looked at once more than is needed.
      if (followed.position === position) own.clear()
      return { ...followed, events: followed.events.filter((one) => !own.delete(nameOf(one))) }
    },
  }
}

function nameOf({ incident, sequence }: JournaledEvent): string {
  return `${incident}:${sequence}`
}
