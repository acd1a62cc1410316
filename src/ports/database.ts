export type DatabaseStatus = {
  readonly ok: boolean
  /** `null`: not reported by this server, which is not the same as none. */
  readonly connections: { readonly current: number; readonly available: number } | null
  readonly writablePrimary: boolean
}

/** How hard it is for it. `null`: this server does not tell, or not yet; that is not the same as none. */
export type DatabaseLoad = {
  /** What a read and a write took on average since the last time that was asked. */
  readonly readMs: number | null
  readonly writeMs: number | null
  /** Operations of others that have been running for 5 seconds and longer. */
  readonly slowOperations: number | null
  /** How far the slowest of its copies is behind. */
  readonly lagSeconds: number | null
  /** How far back its log of writes goes: a copy that was away for longer has to begin anew. */
  readonly logHours: number | null
}

/** Which documents are counted. */
export type Counted = {
  readonly database: string
  readonly collection: string
  /** In the database's own language; empty: all of them. */
  readonly filter: Readonly<Record<string, unknown>>
}

/** MongoDB, or what stands in for it. Throws a `Fault` when it could not be asked. */
export type Database = {
  /** Milliseconds it took to answer. */
  ping(signal: AbortSignal): Promise<number>
  status(signal: AbortSignal): Promise<DatabaseStatus>
  /** Left out: it cannot be asked. */
  load?(signal: AbortSignal): Promise<DatabaseLoad>
  /** How many documents match; a collection that is not there has none. */
  count(counted: Counted, signal: AbortSignal): Promise<number>
  /**
   * What explains a failure later: how large the databases and their collections are, as JSON, and
   * none of what they hold. What could not be asked of one of them stands there in words.
   */
  report(signal: AbortSignal): Promise<string>
}
