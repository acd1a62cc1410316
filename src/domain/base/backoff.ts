export type Backoff = { readonly firstMs: number; readonly lastMs: number }

/** How long to wait after so many failures in a row: doubled each time, up to the last. */
export function backoffMs(failures: number, { firstMs, lastMs }: Backoff): number {
  return Math.min(firstMs * 2 ** Math.max(0, failures - 1), lastMs)
}
