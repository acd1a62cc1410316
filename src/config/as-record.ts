export type AnyRecord = { readonly [key: string]: unknown }

/** The value, when it is something with keys; else `null`. */
export function asRecord(value: unknown): AnyRecord | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
}
