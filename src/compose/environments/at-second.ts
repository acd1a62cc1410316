const MINUTE_SECONDS = 60

/**
 * When in the minute what an environment does by the clock begins, the environments of one process spread over it: what
 * all of them look at in one second is garbage of all of them at once.
 */
export function atSecondOf(index: number, environments: number): number {
  return Math.floor((MINUTE_SECONDS * index) / environments)
}
