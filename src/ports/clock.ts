/** Time is an input. Milliseconds since the epoch. */
export type Clock = { now(): number }

/** Resolves after `ms`, or at once when the signal aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>
