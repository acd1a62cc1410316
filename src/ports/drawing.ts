/** Makes pictures out of drawings. Throws a `Fault`. */
export type Drawing = {
  png(svg: string, signal: AbortSignal): Promise<Uint8Array>
}
