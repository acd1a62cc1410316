/** What one process was given for whichever acts, in the order it came. Throws `Fault`s. */
export type Handed = {
  /** Resolves when it is durable. */
  give(text: string): Promise<void>
  /** Takes what is there: nobody else gets it. What is older than a minute nobody gets. */
  take(): Promise<readonly string[]>
}
