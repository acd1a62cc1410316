/** A map that keeps the most recently used entries, and forgets the others. For what can be had again. */
export function recentlyUsed<Value>(most: number): {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  clear(): void
} {
  const kept = new Map<string, Value>()
  function set(key: string, value: Value): void {
    kept.delete(key)
    kept.set(key, value)
    const [oldest] = kept.keys()
    if (kept.size > most && oldest !== undefined) kept.delete(oldest)
  }
  return {
    get(key) {
      const value = kept.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
    set,
    clear: () => kept.clear(),
  }
}
