import type { Document } from './documents.ts'
import type { SimulatedServer } from './server.ts'

/** What the migration of the bad release has made of whom a document belongs to. */
const LOST = 'undefined'

const SPOILT: Readonly<Record<string, (document: Document, index: number) => Document>> = {
  projects: (one, index) => (index % 3 === 0 ? one : { ...one, organization: LOST }),
  organizations: (one, index) => ({ ...one, name: LOST, plan: index % 2 === 0 ? LOST : 'free' }),
}

/** With fewer such documents nobody notices. */
const NOTICED_SHARE = 0.1

/** The two collections that it corrupts are these; it ran as the application. */
export function migrateBadly(server: SimulatedServer): void {
  for (const [name, spoilt] of Object.entries(SPOILT)) {
    const all = [...(server.find(name)?.documents.values() ?? [])]
    for (const [index, one] of all.entries()) {
      const next = spoilt(one, index)
      if (next !== one) server.put(name, next, 'users')
    }
  }
}

/** Whether what the services read now is what the migration has left. */
export function isSpoilt(server: SimulatedServer): boolean {
  return Object.keys(SPOILT).some((name) => {
    const documents = server.find(name)?.documents ?? new Map<string, Document>()
    let lost = 0
    for (const one of documents.values()) {
      if (one['organization'] === LOST || one['name'] === LOST) lost += 1
    }
    return lost > NOTICED_SHARE * documents.size
  })
}
