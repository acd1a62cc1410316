export type DatabaseStatus = {
  readonly ok: boolean
  /** `null`: not reported by this server, which is not the same as none. */
  readonly connections: { readonly current: number; readonly available: number } | null
  readonly writablePrimary: boolean
}

/** MongoDB, or what stands in for it. Throws a `Fault` when it could not be asked. */
export type Database = {
  /** Milliseconds it took to answer. */
  ping(signal: AbortSignal): Promise<number>
  status(signal: AbortSignal): Promise<DatabaseStatus>
  /**
   * What explains a failure later: how large the databases and their collections are, as JSON, and
   * none of what they hold. What could not be asked of one of them stands there in words.
   */
  report(signal: AbortSignal): Promise<string>
}
