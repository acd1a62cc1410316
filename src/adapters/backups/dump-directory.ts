import { z } from 'zod'
import {
  END_OF_BLOCK,
  LONGEST,
  dataName,
  writtenAs,
  type ArchiveHeader,
  type NamespaceEntry,
} from './archive-format.ts'
import type { ReadFile } from './artefact.ts'
import { describedIn } from './contents-reader.ts'
import { crc64 } from './crc64.ts'
import { Damage } from './damage.ts'
import { quoted } from './quoted.ts'
import { beginning } from './wanted-only.ts'
import type { StoredFile } from './storage.ts'

type DumpedCollection = {
  readonly entry: NamespaceEntry
  /** `null`: a view has no documents. */
  readonly documents: StoredFile | null
}

const PreludeFile = z.object({
  ServerVersion: z.string().max(200).default(''),
  ToolVersion: z.string().max(200).default(''),
})

/** All descriptions together: they are kept while the documents are read. */
const LONGEST_DESCRIPTIONS = 64 * 1024 * 1024

/** The archive that mongodump would have written in place of this folder. `read` gives what was compressed. */
export async function* archiveOfDirectory(
  files: readonly StoredFile[],
  read: ReadFile,
): AsyncGenerator<Buffer> {
  const prelude = await preludeIn(files, read)
  const collections = await collectionsIn(files, read)
  for (const { entry, documents } of collections) {
    if (!prelude && documents && !documents.path.endsWith('.gz')) {
      throw new Damage(
        `nothing proves that ${quoted(entry.collection)} is whole: it is not compressed, and the folder has no prelude.json, which mongodump writes last since 100.12`,
      )
    }
  }
  const kept = collections.filter(({ documents }) => documents !== null)
  yield beginning(
    headerOf(prelude),
    kept.map(({ entry }) => entry),
  )
  for (const { entry, documents } of kept) {
    if (documents) yield* blocksOf(entry, read(documents.path))
  }
}

function headerOf(prelude: z.infer<typeof PreludeFile> | null): ArchiveHeader {
  return {
    concurrent_collections: 1,
    version: '0.1',
    server_version: prelude?.ServerVersion ?? '',
    tool_version: prelude?.ToolVersion ?? '',
  }
}

async function* blocksOf(
  { db, collection, type }: NamespaceEntry,
  documents: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const crc = crc64()
  const header = { db, collection: dataName({ collection, type }) }
  yield Buffer.from(writtenAs({ ...header, EOF: false, CRC: 0n }))
  for await (const piece of documents) {
    crc.update(piece, 0, piece.length)
    yield piece
  }
  yield END_OF_BLOCK
  yield Buffer.from(writtenAs({ ...header, EOF: true, CRC: crc.value() }))
  yield END_OF_BLOCK
}

async function preludeIn(files: readonly StoredFile[], read: ReadFile) {
  const file = files.find(({ path }) => /^([^/]+\/)?prelude\.json(\.gz)?$/.test(path))
  if (!file) return null
  const text = await textOf(read(file.path), 64 * 1024)
  try {
    return PreludeFile.parse(JSON.parse(text))
  } catch {
    throw new Damage('its prelude.json cannot be read')
  }
}

async function collectionsIn(
  files: readonly StoredFile[],
  read: ReadFile,
): Promise<readonly DumpedCollection[]> {
  const inside = files.flatMap((file) => {
    const [, db, stem, ending] =
      /^([^/]+)\/([^/]+?)\.(bson|metadata\.json)(?:\.gz)?$/.exec(file.path) ?? []
    return db === undefined || stem === undefined ? [] : [{ file, db, stem, ending }]
  })
  if (inside.length === 0) {
    throw new Damage(
      'it does not say of which database it is: the folder of the database is missing',
    )
  }
  const empty = inside.find(({ file }) => file.bytes === 0 && file.path.endsWith('.gz'))
  if (empty) throw new Damage(`it was cut off: the file of ${quoted(empty.stem)} is empty`)
  const documents = inside.filter(({ ending }) => ending === 'bson')
  const taken = new Set<StoredFile>()
  const found: DumpedCollection[] = []
  let room = LONGEST_DESCRIPTIONS
  for (const { file, db, stem } of inside.filter(({ ending }) => ending !== 'bson')) {
    const metadata = await textOf(read(file.path), Math.min(room, LONGEST))
    room -= metadata.length
    const entry = entryOf(db, stem, metadata)
    const stems = [stem, `system.buckets.${stem}`]
    const own = documents.find((one) => one.db === db && stems.includes(one.stem))
    if (own) taken.add(own.file)
    else if (entry.type !== 'view') {
      throw new Damage(`it was cut off: the documents of ${quoted(entry.collection)} are missing`)
    }
    found.push({ entry, documents: own?.file ?? null })
  }
  const alone = documents.find(({ file }) => !taken.has(file))
  if (alone) throw new Damage(`the description of ${quoted(alone.stem)} is missing`)
  return found
}

function entryOf(db: string, stem: string, metadata: string): NamespaceEntry {
  const { collectionName, type, options } = describedIn(metadata, stem)
  return {
    db,
    // File names of long ones are cut.
    collection: collectionName ?? unescaped(stem),
    metadata,
    type: type ?? ('viewOn' in options ? 'view' : 'timeseries' in options ? 'timeseries' : ''),
  }
}

/** As Go escapes what stands after the `?` of an address. */
function unescaped(stem: string): string {
  try {
    return decodeURIComponent(stem.replaceAll('+', ' '))
  } catch {
    throw new Damage(`${quoted(stem)} is not the name of a file of mongodump`)
  }
}

async function textOf(pieces: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const kept: Buffer[] = []
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (bytes > maxBytes) throw new Damage('a description in it is longer than Backout reads')
    kept.push(piece)
  }
  return Buffer.concat(kept).toString('utf8')
}
