import { z } from 'zod'

/**
 * The sum of the first 128 bits of SHA-256 over each document's bytes, modulo 2^128, in hexadecimal:
 * equal for equal documents in any order.
 */
const DocumentsHash = z.string().regex(/^[0-9a-f]{32}$/)

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Count = z.int().min(0)

/** Everything that has to be the same after a restore, of one collection. */
export const CollectionContents = z.object({
  name: z.string(),
  documents: Count,
  bytes: Count,
  hash: DocumentsHash,
  /** As the server lists them, without what only names the collection; the one of `_id` is left out. */
  indexes: z.array(z.record(z.string(), z.json())),
  /** Validator, collation and the like. */
  options: z.record(z.string(), z.json()),
})
export type CollectionContents = z.infer<typeof CollectionContents>

/**
 * What is known of a backup since all of its bytes were read: kept beside it. Backout writes it when
 * it makes one, and when it first verifies one of others.
 */
export const BackupManifest = z.object({
  schema: z.literal(1),
  id: z.string(),
  /** `safety`: of the state before a restore, made by that plan. `asked`: by a person. `found`: made by others. */
  purpose: z.enum(['safety', 'asked', 'found']),
  /** The incident it was made in; `null`: in none, or it was found. */
  incident: z.string().nullable(),
  database: z.string(),
  /** Other databases that lie in it: they are never restored. */
  otherDatabases: z.array(z.string()),
  collections: z.array(CollectionContents),
  /**
   * The moment that its data shows. `exact: false`: not later than this; a copy of a server that was behind is
   * older than its file.
   */
  dataAt: z.object({ at: z.iso.datetime(), exact: z.boolean() }),
  /** Whether it shows one moment. Without a log of writes or a fence, what was written while it was made may be half in it. */
  oneMoment: z.enum(['yes', 'no', 'not-known']),
  /** Where it was copied from, and how far that was behind, where it tells. */
  node: z.string().nullable(),
  lagSeconds: z.number().min(0).nullable(),
  /** As it tells it; `null`: it does not. */
  serverVersion: z.string().nullable(),
  toolVersion: z.string().nullable(),
  artefact: z.object({
    kind: z.enum(['archive', 'directory']),
    gzip: z.boolean(),
    bytes: Count,
    /** Of the archive's bytes; of a directory, over the names and hashes of its files in order of names. */
    sha256: Sha256,
    /** Of the newest of its files: another time is another artefact. */
    changedAt: z.iso.datetime(),
  }),
  /** When all of its bytes were last read and held against each other. */
  verifiedAt: z.iso.datetime(),
  /** Why it must not be restored all the same, found out while it was; left out: nothing of the kind. */
  unusable: z.string().optional(),
})
export type BackupManifest = z.infer<typeof BackupManifest>

/** One entry of the catalogue. */
export type Backup = {
  /** The name of its file or folder: unique, and never `latest`. */
  readonly id: string
  readonly kind: 'archive' | 'directory'
  readonly bytes: number
  readonly changedAt: string
  /** `null`: nobody has read it whole, or it has changed since. */
  readonly manifest: BackupManifest | null
  /** Why it cannot be used, found by looking or by reading it: it is a link, it is empty, it was cut off. */
  readonly problem: string | null
}

/** The database with the accounts of a server: what holds it is never restored with data. */
export const ACCOUNTS_DATABASE = 'admin'
export const HOLDS_ACCOUNTS =
  'it holds the database admin too, with the accounts of the server, which are never restored with data: make one of this database alone'

/** What is said of a backup in one word. */
export type BackupStanding = 'verified' | 'not-verified' | 'damaged'

export function standingOf({ manifest, problem }: Backup): BackupStanding {
  if (problem !== null) return 'damaged'
  return manifest ? 'verified' : 'not-verified'
}

/** Its data is not newer than this. */
export function dataAtLatest({ manifest, changedAt }: Backup): string {
  return manifest?.dataAt.at ?? changedAt
}

/** What its collections take once they are restored; of one that nobody has read, what it takes itself. */
export function bytesInside({ manifest, bytes }: Backup): number {
  return manifest ? manifest.collections.reduce((sum, one) => sum + one.bytes, 0) : bytes
}

export function documentsInside({ collections }: Pick<BackupManifest, 'collections'>): number {
  return collections.reduce((sum, { documents }) => sum + documents, 0)
}

/** An index that expires documents after so many seconds expires none: the longest that a server takes. */
export const NEVER_SECONDS = 2_147_483_647
