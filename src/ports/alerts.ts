/** An alert that fires now, and that nobody has silenced. */
export type OpenAlert = {
  readonly name: string
  readonly startsAt: string
  /** Its own one-line summary; `null`: it has none. */
  readonly summary: string | null
}

/** What tells people of trouble. Throws a `Fault` when it could not be asked. */
export type Alerts = {
  /** Those that fire and fit all of the matchers, which are of the form `label="value"`. */
  open(matchers: readonly string[], signal: AbortSignal): Promise<readonly OpenAlert[]>
}
