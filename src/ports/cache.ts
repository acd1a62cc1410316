export type CacheStatus = {
  readonly version: string
  readonly role: 'master' | 'replica' | 'unknown'
  readonly loading: boolean
  readonly usedMemoryBytes: number | null
  readonly maxMemoryBytes: number | null
}

export type StoredNumber =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'not-a-number'; readonly because: string }

/** Which keys. A key that begins with a protected prefix is never touched, whatever else it begins with. */
export type KeyScope = {
  readonly prefixes: readonly string[]
  readonly protectedPrefixes: readonly string[]
}

/** One key of a text. `null`: it is not there. */
export type TextChange = {
  readonly key: string
  readonly from: string | null
  readonly to: string | null
}

/** Whether its user may clear. Only its own yes is `granted`; `not-known`: it does not tell, and why. */
export type ClearingRight =
  | { readonly kind: 'granted' }
  | { readonly kind: 'refused' | 'not-known'; readonly because: string }

/** Redis, or what stands in for it. Throws a `Fault` when it could not be asked. */
export type Cache = {
  /** The address and the number of the database, as configured, without credentials. */
  readonly name: string
  /** Milliseconds it took to answer. */
  ping(signal: AbortSignal): Promise<number>
  status(signal: AbortSignal): Promise<CacheStatus>
  readNumber(key: string, signal: AbortSignal): Promise<StoredNumber>
  /** Its `name`, once it has answered as one whole server. */
  identity(signal: AbortSignal): Promise<string>
  /** Counts without changing anything. `examples`: a few of the keys. */
  count(
    scope: KeyScope,
    signal: AbortSignal,
  ): Promise<{ readonly keys: number; readonly examples: readonly string[] }>
  /**
   * Removes the keys of the scope that are there when it is called, of every type, in bounded
   * batches, so that nobody else has to wait. An empty list of prefixes removes nothing; an empty
   * prefix is refused. A `Fault` of kind `unknown-outcome` may leave some removed and some not:
   * asking again is harmless.
   */
  clear(scope: KeyScope, signal: AbortSignal): Promise<{ readonly removed: number }>
  /**
   * Asks for the rights to everything that `clear` would do with this scope, and does none of it.
   * What stands in the way besides rights is thrown, as `clear` throws it.
   */
  rightToClear(scope: KeyScope, signal: AbortSignal): Promise<ClearingRight>
  /** `null`: it is not there. Throws a `Fault` when it holds something that is no text. */
  readText(key: string, signal: AbortSignal): Promise<string | null>
  /**
   * Makes all changes if every key still holds its `from`, and otherwise none (J5). A changed key has
   * no time to live. After a `Fault` of kind `unknown-outcome`: look before changing again (J4).
   */
  changeTexts(
    changes: readonly TextChange[],
    signal: AbortSignal,
  ): Promise<'changed' | 'changed-meanwhile'>
  /** What explains a failure later: the server's own report, redacted. */
  report(signal: AbortSignal): Promise<string>
}
