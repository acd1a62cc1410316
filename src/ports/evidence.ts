/** One file of evidence, as it was kept or why it was not. */
export type EvidenceFile = {
  /** Within the folder, as it is called there: `backend/backend-7d9f-x2/backend.log`. */
  readonly name: string
  readonly bytes: number
  /** Of what was kept, in hex; `null` when nothing was. */
  readonly sha256: string | null
  /** Why it is missing, ends early or has gaps; `null` when it is whole. */
  readonly skipped: string | null
  /** Of bytes that were kept as they are. A text, in which what looks like a credential is hidden, has none. */
  readonly kind?: BytesKind
}

type BytesKind = 'image/png' | 'text/html'

/** Where evidence is kept, a folder for each collection. */
export type EvidenceStore = {
  /**
   * A new folder for this incident; what an earlier collection kept stays beside it. Throws a `Fault`
   * when there is no place for one.
   */
  open(incident: string): Promise<EvidenceFolder>
}

export type EvidenceFolder = {
  /** Where people find it. */
  readonly place: string
  /**
   * Streams to the store, never holding more than a piece in memory. What looks like a credential is
   * hidden first, also one that came in two pieces. Ends early at `maxBytes` of what is kept, at the
   * signal, when the text fails, when the store does and when the room for all evidence is used up: what
   * was kept until then stays, and `skipped` says why it is not more. Two names that cannot stand beside each other become
   * different ones. Never throws.
   *
   * `alreadyRedacted`: a text of our own making, in which each of anybody's words was redacted before it was put
   * there. It is kept as it is: a second look takes its markup for a part of a secret.
   */
  keep(
    name: string,
    text: AsyncIterable<string>,
    options: {
      readonly maxBytes: number
      readonly signal: AbortSignal
      readonly alreadyRedacted?: true
    },
  ): Promise<EvidenceFile>
  /**
   * Bytes of our own making, as they are: nothing is hidden in them. Whole, or not at all, and then `skipped`
   * says why; under the same limits and names as a text. Never throws.
   */
  keepBytes(
    name: string,
    bytes: Uint8Array,
    options: {
      readonly kind: BytesKind
      readonly maxBytes: number
      readonly signal: AbortSignal
    },
  ): Promise<EvidenceFile>
  /** Closed incidents whose evidence was removed to make room for this, since this was last asked. */
  givenUp(): readonly string[]
  /**
   * Writes the list of everything, kept and skipped, with its sha256: whole, or not at all. A folder
   * without one was not finished. Throws a `Fault`.
   */
  finish(files: readonly EvidenceFile[]): Promise<void>
}
