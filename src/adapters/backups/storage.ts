/** One file of a backup: of an archive the only one, with an empty path. */
export type StoredFile = {
  readonly path: string
  readonly bytes: number
  /** ISO. */
  readonly changedAt: string
}

/** What lies in the catalogue under one name. */
export type Stored = {
  readonly name: string
  readonly kind: 'archive' | 'directory'
  readonly files: readonly StoredFile[]
  /** Why nobody may use it, seen from outside: it is a link. */
  readonly problem: string | null
}

/**
 * Where backups lie. A folder is one; an object store can be another. Throws a `Fault`. What is being written
 * has no name that {@link list} gives.
 */
export type Storage = {
  /** What could be a backup; and whatever has a note beside it. */
  list(signal: AbortSignal): Promise<readonly Stored[]>
  find(name: string, signal: AbortSignal): Promise<Stored | null>
  /** Fresh bytes each time: whoever reads may keep them. */
  read(name: string, path: string, signal: AbortSignal): AsyncIterable<Buffer>
  /** Whole and durable under its name, or not there at all, whatever ends it. Never replaces anything. */
  write(name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<StoredFile>
  remove(name: string): Promise<void>
  /** The small text beside a backup; `null`: there is none, or none of such a size. */
  readNote(name: string, maxBytes: number): Promise<string | null>
  /** Replaces the one before, at once. */
  writeNote(name: string, text: string): Promise<void>
  removeNote(name: string): Promise<void>
  freeBytes(): Promise<number | null>
}

export function bytesOf({ files }: Pick<Stored, 'files'>): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Of the newest of its files. */
export function changedAtOf({ files }: Pick<Stored, 'files'>): string {
  return files.reduce(
    (newest, { changedAt }) => (changedAt > newest ? changedAt : newest),
    new Date(0).toISOString(),
  )
}
