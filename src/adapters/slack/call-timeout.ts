/** Shorter than the publisher waits for a post that may still be on its way. */
export const CALL_TIMEOUT_MS = 5_000
