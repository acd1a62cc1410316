import type { Pace } from '../../ports/deployment-state.ts'

/**
 * What a rollout may take, in steps: one more pod must not make another plan of it. The first is what
 * most take, and is left out of a plan.
 */
const MINUTES = [10, 20, 30, 60, 120, 240] as const

/** For a step's input: empty for what most take. */
export function within(paces: readonly Pace[]): { readonly withinMinutes?: number } {
  const slowestMs = Math.max(0, ...paces.map(({ allowedMs }) => allowedMs))
  const minutes = MINUTES.find((one) => one * 60_000 >= slowestMs) ?? MINUTES.at(-1)
  return minutes === undefined || minutes === MINUTES[0] ? {} : { withinMinutes: minutes }
}

export function withinMs(withinMinutes: number | undefined): number {
  return (withinMinutes ?? MINUTES[0]) * 60_000
}
