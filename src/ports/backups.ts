import type { Backup, BackupManifest, CollectionContents } from '../domain/data/backup.ts'
import type { Report } from './collections.ts'

/** The programs that copy a database, as they were found. */
export type CopyTool = {
  readonly name: string
  /** `null`: it is not there, or does not say. */
  readonly version: string | null
  /** Why it cannot be used; `null`: it can. */
  readonly problem: string | null
}

/** The backup catalogue, and the copying into and out of it. Throws a `Fault` when it could not be asked. */
export type Backups = {
  /** Newest first. Names, sizes, times and manifests: no contents are read. */
  list(signal: AbortSignal): Promise<readonly Backup[]>
  /** Reads all of its bytes, and keeps what it found, good or bad, for {@link list}. Progress in bytes. */
  verify(
    id: string,
    report: Report,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: 'verified'; readonly manifest: BackupManifest }
    | { readonly kind: 'damaged'; readonly because: string }
  >
  /**
   * Copies the whole database into the catalogue, and verifies the copy while it is written. What was cut off
   * never appears in the catalogue. Progress in bytes, of as many as the database told. `id` is free, or was
   * written by an earlier attempt of the same, and then is what is given back.
   */
  make(
    wanted: {
      readonly id: string
      readonly purpose: 'safety' | 'asked'
      readonly incident: string | null
    },
    report: Report,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: 'made'; readonly manifest: BackupManifest }
    | { readonly kind: 'refused'; readonly because: string }
  >
  /**
   * Copies these collections into the database under other, free names, with options and without indexes beside
   * that of `_id`. Every byte is proved on the way. When it is refused or ends early, what it has copied is still
   * there, and the caller's to drop. Progress in bytes.
   */
  restore(
    wanted: {
      readonly id: string
      /** Of the artefact as it was signed. Other bytes are refused. */
      readonly sha256: string | null
      readonly bytes: number
      readonly collections: readonly { readonly name: string; readonly as: string }[]
    },
    report: Report,
    signal: AbortSignal,
  ): Promise<
    /** What the bytes of these collections said, each under the name it has in the backup. */
    | { readonly kind: 'restored'; readonly collections: readonly CollectionContents[] }
    | { readonly kind: 'refused'; readonly because: string }
  >
  /**
   * Keeps why it must not be restored, although it was read whole: as its `problem` in {@link list}, as long as it
   * is of that size and time.
   */
  markUnusable(
    backup: { readonly id: string; readonly bytes: number; readonly changedAt: string },
    because: string,
    signal: AbortSignal,
  ): Promise<void>
  /** Only one that Backout made, unchanged. */
  remove(
    backup: { readonly id: string; readonly sha256: string },
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'done' } | { readonly kind: 'refused'; readonly because: string }>
  /** Free space where the catalogue is. Bytes; `null`: it does not tell. */
  freeBytes(signal: AbortSignal): Promise<number | null>
  tools(signal: AbortSignal): Promise<readonly CopyTool[]>
}
