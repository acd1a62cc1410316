import { BSON } from 'mongodb'
import { z } from 'zod'
import type { CollectionContents } from '../../domain/data/backup.ts'
import { entryNamespace, type ArchiveHeader, type NamespaceEntry } from './archive-format.ts'
import { archiveReader, type ArchiveListener, type ArchiveReader } from './archive-reader.ts'
import { Damage } from './damage.ts'
import { documentsTally, type DocumentsTally } from './documents-tally.ts'
import { quoted } from './quoted.ts'

export type ArchiveContents = {
  readonly header: ArchiveHeader
  readonly collections: readonly CollectionContents[]
  readonly views: readonly string[]
  readonly otherDatabases: readonly string[]
  /** A log of what was written while it was made lies beside the documents, which do not show it. */
  readonly hasLog: boolean
}

export type ContentsReader = ArchiveReader & {
  /** After its end. */
  contents(): ArchiveContents
}

/** One for whom nothing is passed on. */
const NOBODY: Pick<ArchiveListener, 'prelude' | 'piece'> = { prelude: () => {}, piece: () => {} }

/** Proves an archive, and tells what lies in it of this database; the documents of others are only proved. */
export function contentsReader(database: string, also = NOBODY): ContentsReader {
  let header: ArchiveHeader | null = null
  let entries: readonly NamespaceEntry[] = []
  const tallies = new Map<string, DocumentsTally>()

  const reader = archiveReader({
    prelude(prelude) {
      ;({ header, entries } = prelude)
      for (const entry of entries) {
        if (entry.db === database) tallies.set(entryNamespace(entry), documentsTally())
      }
      also.prelude(prelude)
    },
    piece: also.piece,
    document: (namespace, bytes) => tallies.get(namespace)?.add(bytes),
  })

  return {
    ...reader,
    contents() {
      if (!header) throw new Damage('it is not an archive of mongodump')
      const ours = entries.filter(({ db }) => db === database)
      const databases = new Set(entries.map(({ db }) => db))
      databases.delete(database)
      databases.delete('')
      return {
        header,
        collections: ours
          .filter((entry) => !isView(entry))
          .map((entry) => contentsOf(entry, tallies.get(entryNamespace(entry))))
          .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        views: ours.filter(isView).map(({ collection }) => collection),
        otherDatabases: [...databases].toSorted(),
        hasLog: entries.some(({ db, collection }) => db === '' && collection === 'oplog'),
      }
    },
  }
}

const Described = z.record(z.string(), z.json())
const Description = z.object({
  options: Described.default({}),
  indexes: z.array(Described).default([]),
  collectionName: z.string().optional(),
  type: z.string().optional(),
})
export type Description = z.infer<typeof Description>

/** What mongodump writes of a collection beside its documents. */
export function describedIn(metadata: string, name: string): Description {
  if (metadata === '') return { options: {}, indexes: [] }
  try {
    // Numbers as JSON has them, so that it can be compared with what a server says.
    const relaxed: unknown = BSON.EJSON.serialize(BSON.EJSON.parse(metadata, { relaxed: false }), {
      relaxed: true,
    })
    return Description.parse(relaxed)
  } catch {
    throw new Damage(`the description of ${quoted(name)} cannot be read`)
  }
}

function isView(entry: Pick<NamespaceEntry, 'type' | 'metadata' | 'collection'>): boolean {
  if (entry.type !== '') return entry.type === 'view'
  return 'viewOn' in describedIn(entry.metadata, entry.collection).options
}

function contentsOf(entry: NamespaceEntry, tally = documentsTally()): CollectionContents {
  const { options, indexes } = describedIn(entry.metadata, entry.collection)
  return {
    name: entry.collection,
    ...tally.read(),
    indexes: indexes.filter(({ name }) => name !== '_id_').map(withoutNamespace),
    options,
  }
}

function withoutNamespace({ ns: _ns, ...index }: Description['indexes'][number]) {
  return index
}
