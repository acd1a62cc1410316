/** What was made of a code. Only `counts` lets anything happen; it was written down before that is said. */
export type CodeVerdict =
  | { readonly kind: 'counts' }
  /** Not theirs now. `left`: so many more, and they are locked. */
  | { readonly kind: 'wrong'; readonly left: number }
  /** It was right, and has counted already: each code counts once, wherever it is shown. */
  | { readonly kind: 'used'; readonly left: number }
  | { readonly kind: 'locked'; readonly untilMs: number }
  /** Right, of an enrolment that does not count yet. `fromMs`: `null` until somebody has confirmed it. */
  | { readonly kind: 'too-early'; readonly fromMs: number | null }

const MINUTE_MS = 60_000

/** So many wrong codes of one person in so long lock that person, and nobody else, for so long. */
export const LOCKOUT = { wrong: 5, withinMs: 15 * MINUTE_MS, lockedMs: 15 * MINUTE_MS } as const

/** How long a code is of use: its half minute, and the one before and after it for clocks that differ. */
export const STEP_SECONDS = 30

/** Until when this person is locked; `null`: not now. `wrongMs`: when each wrong code came, the oldest first. */
export function lockedUntilMs(wrongMs: readonly number[], nowMs: number): number | null {
  const last = wrongMs.slice(-LOCKOUT.wrong)
  const [first = 0] = last
  const end = last.at(-1) ?? 0
  if (last.length < LOCKOUT.wrong || end - first > LOCKOUT.withinMs) return null
  const untilMs = end + LOCKOUT.lockedMs
  return nowMs < untilMs ? untilMs : null
}

/** How many more wrong codes would lock them. */
function wrongLeft(wrongMs: readonly number[], nowMs: number): number {
  const recent = wrongMs.filter((atMs) => nowMs - atMs <= LOCKOUT.withinMs)
  return Math.max(0, LOCKOUT.wrong - recent.length)
}

/**
 * What a code comes to. `step`: the half minute that it is the code of, `null`: of none near now;
 * `lastStep`: of the newest that has counted. Pure: what `counts` has to be written down first.
 */
export function judgeCode(given: {
  readonly step: number | null
  readonly lastStep: number
  readonly wrongMs: readonly number[]
  /** From when on the enrolment counts; `null`: nobody has confirmed it. */
  readonly validFromMs: number | null
  readonly nowMs: number
}): CodeVerdict {
  const { step, lastStep, wrongMs, validFromMs, nowMs } = given
  const untilMs = lockedUntilMs(wrongMs, nowMs)
  if (untilMs !== null) return { kind: 'locked', untilMs }
  const left = wrongLeft([...wrongMs, nowMs], nowMs)
  if (step === null) return { kind: 'wrong', left }
  // Not only the same one: an older one may have been seen by somebody before it was of use.
  if (step <= lastStep) return { kind: 'used', left }
  const counts = validFromMs !== null && nowMs >= validFromMs
  return counts ? { kind: 'counts' } : { kind: 'too-early', fromMs: validFromMs }
}

/** Whether it is one more towards the lock. */
export function isWrong({ kind }: CodeVerdict): boolean {
  return kind === 'wrong' || kind === 'used'
}
