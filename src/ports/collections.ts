import type { CollectionContents } from '../domain/data/backup.ts'
import type { Progress } from '../domain/plan/run.ts'

/** How something long goes on. Called as often as it likes; whoever listens thins it out. */
export type Report = (progress: Progress) => void

export type DataServer = {
  readonly version: string
  /** The database whose collections these are. */
  readonly database: string
  /** Where it is, without a password: another one is another server. */
  readonly identity: string
  readonly topology: 'standalone' | 'replica-set' | 'sharded'
  /** Whether it can refuse the writes of others, as far as it says; only a refused write proves it. */
  readonly fence: 'offered' | 'none'
  /** Rights that a restore and a switch need and the account lacks, each by its name; `null`: it does not tell. */
  readonly lacks: readonly string[] | null
}

export type Collection = {
  readonly name: string
  /** Stays the same when it is renamed; `null`: the server gives none. */
  readonly uuid: string | null
  readonly kind: 'collection' | 'view' | 'time-series'
  /** Validator, collation and the like. */
  readonly options: CollectionContents['options']
  /** Why it cannot be renamed, each in a clause: `it is sharded`. */
  readonly obstacles: readonly string[]
}

export type CollectionMeasured = {
  readonly name: string
  /** By the server's own books, which may be off a little after it was killed. */
  readonly documents: number
  /** Of its documents; `null`: it does not tell. */
  readonly bytes: number | null
  readonly indexes: CollectionContents['indexes']
}

/** What stands in one of two collections and not in the other, by `_id`. */
export type Comparison = {
  /** Only in the live one: they were made since the backup. */
  readonly created: number
  /** In both, and not the same. */
  readonly changed: number
  /** Only in the backup: they were deleted since. */
  readonly deleted: number
  readonly same: number
}

/** What others have written since a moment. */
export type WrittenSince =
  | {
      readonly kind: 'counted'
      /** Of each collection in which there is any. */
      readonly writes: readonly { readonly name: string; readonly writes: number }[]
    }
  /** This server keeps no log that tells. */
  | { readonly kind: 'not-known'; readonly because: string }

export type DataWritten =
  | { readonly kind: 'done' }
  /** What was seen does not stand there any more, or the new name is taken. Nothing was written. */
  | { readonly kind: 'changed-meanwhile'; readonly because: string }
  /** The server refuses it; in its own words, without anybody's data. */
  | {
      readonly kind: 'refused'
      readonly because: string
      /** That is why: documents have the same key of a unique index. A few of them, by their ids. */
      readonly sameKey?: readonly string[]
    }

/** One that could not be copied back, and why: `{ $oid: … }`, `another one has its e-mail`. */
export type NotCopied = { readonly id: string; readonly because: string }

/**
 * The collections of the one database that a rollback may replace. Throws a `Fault` when it could not be asked,
 * and of kind `unknown-outcome` when a write was sent and no answer came: look before writing again (J4).
 */
export type Collections = {
  server(signal: AbortSignal): Promise<DataServer>
  /**
   * Free space on its disk. Bytes; `null`: it does not tell. A server may take the longer to say it, the more data it has:
   * asked only where something is about to be copied.
   */
  freeBytes(signal: AbortSignal): Promise<number | null>
  /** All of them, ours too, in one question. */
  list(signal: AbortSignal): Promise<readonly Collection[]>
  measure(names: readonly string[], signal: AbortSignal): Promise<readonly CollectionMeasured[]>
  /** Reads every document. Progress in documents. */
  contents(name: string, report: Report, signal: AbortSignal): Promise<CollectionContents>
  /** Merges both in order of `_id`, in bounded memory. Progress in documents. */
  compare(
    pair: { readonly live: string; readonly backup: string },
    report: Report,
    signal: AbortSignal,
  ): Promise<Comparison>
  /** How many documents match, in the database's own language; `null`: there is no such collection. */
  count(
    name: string,
    filter: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<number | null>
  /** How many documents the server would delete at once by such an index. */
  expired(
    name: string,
    index: { readonly field: string; readonly seconds: number },
    signal: AbortSignal,
  ): Promise<number>
  /**
   * Builds them. One that expires documents is built so that nothing expires by it; {@link setExpiry} lets it.
   * `refused`: two documents have the same key, say.
   */
  createIndexes(
    name: string,
    indexes: CollectionContents['indexes'],
    signal: AbortSignal,
  ): Promise<DataWritten>
  setExpiry(
    name: string,
    index: { readonly name: string; readonly seconds: number },
    signal: AbortSignal,
  ): Promise<DataWritten>
  /** Within the database, to a free name: nothing is ever replaced. */
  rename(
    write: { readonly uuid: string; readonly from: string; readonly to: string },
    signal: AbortSignal,
  ): Promise<DataWritten>
  /** An empty one, of a name of ours and with these options. `changed-meanwhile`: there is one already. */
  create(
    name: string,
    options: CollectionContents['options'],
    signal: AbortSignal,
  ): Promise<DataWritten>
  /** Refuses a name that is not of ours. */
  drop(
    write: { readonly uuid: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<DataWritten>
  /** Lets the server refuse the writes of others, or take them again. Harmless when it stands so already. */
  fence(state: 'up' | 'down', signal: AbortSignal): Promise<DataWritten>
  /** Tries a write as the application would, and takes it back: only a refused one proves a fence. */
  tryWrite(signal: AbortSignal): Promise<'refused' | 'accepted' | 'not-configured'>
  /** A mark from which {@link writtenSince} counts; `null`: this server keeps no log that tells. */
  moment(signal: AbortSignal): Promise<string | null>
  /** What others have written to these collections since then, renames of ours aside. */
  writtenSince(moment: string, names: readonly string[], signal: AbortSignal): Promise<WrittenSince>
  /** What others write to these collections within so long. */
  quiet(names: readonly string[], forMs: number, signal: AbortSignal): Promise<WrittenSince>
  /**
   * Copies the documents whose `_id` the other one does not have; what would break a rule of it is left. One of
   * ours takes what its validator would not.
   */
  copyMissing(
    pair: { readonly from: string; readonly to: string },
    report: Report,
    signal: AbortSignal,
  ): Promise<{
    readonly copied: number
    readonly left: readonly NotCopied[]
    readonly leftCount: number
  }>
}
