/**
 * Which of several processes acts. It saves work and no more: what makes two of them harmless is the guard at the
 * target (J5). Every call throws a `Fault` when it could not be answered.
 */
export type Lease = {
  /**
   * Takes it where nobody has it, or keeps it for another while. The number of this term: it changes when
   * somebody else has had it in between. `null`: another process has it.
   */
  hold(): Promise<number | null>
  /** Gives it back, so that the next process need not wait for its end. */
  release(): Promise<void>
  close(): Promise<void>
}
