import { fraction, suffix } from '../metrics/noise.ts'
import { idOf } from './first-data.ts'
import { keyOf } from './documents.ts'
import type { Document } from './documents.ts'
import type { UsersRecord } from './recorder.ts'
import type { SimulatedServer } from './server.ts'

/** What users do: how often which collection, of a hundred. */
const WRITTEN: readonly (readonly [collection: string, upTo: number])[] = [
  ['projects', 0.45],
  ['documents', 0.8],
  ['users', 0.9],
  ['organizations', 1],
]
const CREATED_UP_TO = 0.5
const CHANGED_UP_TO = 0.88

/** The users of the services: what they write at a moment is always the same. */
export function simulatedUsers(seed: number, server: SimulatedServer, record: UsersRecord) {
  const writesTo = (service: string, atMs: number): string => {
    const where = fraction(seed, `${service} ${atMs} collection`)
    const [collection] = WRITTEN.find(([, upTo]) => where < upTo) ?? ['projects']
    return collection
  }
  /** One write, as the application does it; said to have been done only when it was. */
  const put = (collection: string, document: Document, by: string, atMs: number): boolean => {
    const written = server.put(collection, document, 'users')
    if (written.kind !== 'done') {
      record.wasRefused()
      return false
    }
    const { uuid = '' } = server.find(collection) ?? {}
    record.add({ atMs, by, collection, uuid, key: keyOf(document), document })
    return true
  }
  const remove = (collection: string, key: string, by: string, atMs: number): void => {
    const { uuid = '' } = server.find(collection) ?? {}
    const written = server.remove(collection, key, 'users')
    if (written.kind === 'done') {
      record.add({ atMs, by, collection, uuid, key, document: null })
    } else if (written.kind === 'refused') record.wasRefused()
  }

  return {
    put,
    remove,
    writesTo,
    /** What they do through this service at this moment. */
    write(service: string, atMs: number): void {
      const chance = (what: string): number => fraction(seed, `${service} ${atMs} ${what}`)
      const collection = writesTo(service, atMs)
      const documents = server.find(collection)?.documents
      const what = chance('what')
      if (what < CREATED_UP_TO || !documents || documents.size === 0) {
        put(collection, made(seed, collection, `${service} ${atMs}`, atMs), service, atMs)
        return
      }
      const at = Math.floor(documents.size * chance('which'))
      const found = [...documents.values()][at]
      if (!found) return
      const updatedAt = { $date: new Date(atMs).toISOString() }
      if (what < CHANGED_UP_TO) put(collection, { ...found, updatedAt }, service, atMs)
      else remove(collection, keyOf(found), service, atMs)
    },
  }
}

function made(seed: number, collection: string, what: string, atMs: number): Document {
  const name = suffix(seed, what, 12)
  const at = { $date: new Date(atMs).toISOString() }
  const organization = `org-${atMs % 40}`
  const fields: Readonly<Record<string, object>> = {
    projects: { name, organization, status: 'active', updatedAt: at },
    documents: { title: name, project: idOf(seed, 'projects 1'), bytes: 4_096 },
    users: { email: `${name}@example.com`, organization, createdAt: at },
    organizations: { slug: `org-${name}`, name, plan: 'free', createdAt: at },
  }
  return { _id: idOf(seed, `${collection} by ${what}`), ...fields[collection] }
}
