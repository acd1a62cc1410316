import type { DataWritten } from '../../ports/collections.ts'
import { keyOf } from './documents.ts'
import type { Document } from './documents.ts'
import type { Hand } from './server.ts'
import { expiredIn, expiryOf, ruleBroken } from './simulated-collection.ts'
import type { NewCollection, SimulatedCollection } from './simulated-collection.ts'
import { changed, done, refused } from './written.ts'

type Server = {
  readonly find: (name: string) => SimulatedCollection | undefined
  readonly all: () => readonly SimulatedCollection[]
  readonly create: (collection: NewCollection) => SimulatedCollection
  readonly mayWrite: (by: Hand) => boolean
  readonly logged: (name: string, by: Hand) => void
}

/** What becomes of a write to a document. */
export function documentWrites({ find, all, create, mayWrite, logged }: Server) {
  return {
    /** Makes the collection where there is none, as a server does for whoever writes. */
    put(name: string, document: Document, by: Hand): DataWritten {
      if (!mayWrite(by)) return refused('writes are blocked')
      const target = find(name) ?? create({ name })
      if (target.kind === 'view') return refused('it is a view')
      const broken = ruleBroken(target, document)
      if (broken !== null) return refused(broken)
      target.documents.set(keyOf(document), document)
      logged(name, by)
      return done
    },
    /** As the programs for it do that copy: past the rules for documents. */
    copyIn(into: Pick<NewCollection, 'name' | 'options'>, documents: Iterable<Document>): void {
      const target = find(into.name) ?? create(into)
      for (const one of documents) target.documents.set(keyOf(one), one)
      logged(into.name, 'us')
    },
    remove(name: string, key: string, by: Hand): DataWritten {
      if (!mayWrite(by)) return refused('writes are blocked')
      if (find(name)?.documents.delete(key) !== true) {
        return changed('there is no such document')
      }
      logged(name, by)
      return done
    },
    /** What its indexes say has ended. */
    expire(nowMs: number): void {
      if (!mayWrite('server')) return
      for (const { name, indexes, documents } of all()) {
        for (const expiry of indexes.flatMap((one) => expiryOf(one) ?? [])) {
          for (const one of expiredIn(documents.values(), expiry, nowMs)) {
            documents.delete(keyOf(one))
            logged(name, 'server')
          }
        }
      }
    },
  }
}
