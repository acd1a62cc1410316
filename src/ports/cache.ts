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

/** Redis, or what stands in for it. Throws a `Fault` when it could not be asked. */
export type Cache = {
  /** Milliseconds it took to answer. */
  ping(signal: AbortSignal): Promise<number>
  status(signal: AbortSignal): Promise<CacheStatus>
  readNumber(key: string, signal: AbortSignal): Promise<StoredNumber>
}
