import { z } from 'zod'
import { ProcedureName } from '../plan/requests.ts'

/** Unknown is not ready, and not lost either (J10). */
export const ReadinessState = z.enum(['ready', 'unknown', 'not-ready'])
export type ReadinessState = z.infer<typeof ReadinessState>

/** What is looked at, for one way back or beside all of them. */
export const CheckName = z.enum([
  'plan',
  'rehearsal',
  'images',
  'backups',
  'signers',
  'paging',
  'status-page',
])
export type CheckName = z.infer<typeof CheckName>

export const ReadinessCheck = z.object({
  name: CheckName,
  state: ReadinessState,
  because: z.string(),
})
export type ReadinessCheck = z.infer<typeof ReadinessCheck>

/** Where a way back leads for one service: the images that it runs, and those that it would run. */
export const Leg = z.object({
  service: z.string(),
  from: z.array(z.string()),
  to: z.array(z.string()),
  version: z.string(),
})
export type Leg = z.infer<typeof Leg>

/** Whether one way back would work, as it was when it was checked. */
export const WayBackReadiness = z.object({
  procedure: ProcedureName,
  /** Those that go back together; none: it is not a way back of single services. */
  services: z.array(z.string()),
  /** What its plan would do, "backend back to v1.9.0"; `null`: there is no plan. */
  does: z.string().nullable(),
  legs: z.array(Leg),
  state: ReadinessState,
  because: z.string(),
  checks: z.array(ReadinessCheck),
  checkedAt: z.iso.datetime(),
})
export type WayBackReadiness = z.infer<typeof WayBackReadiness>

/** All that one look has found. */
export const Reading = z.object({
  at: z.iso.datetime(),
  waysBack: z.array(WayBackReadiness),
  /** What a rollback goes on without, and people would miss. */
  beside: z.array(ReadinessCheck),
})
export type Reading = z.infer<typeof Reading>

const WORST_FIRST: readonly ReadinessState[] = ['not-ready', 'unknown', 'ready']

/** `null`: there are none. */
export function worstOf(states: readonly ReadinessState[]): ReadinessState | null {
  return WORST_FIRST.find((one) => states.includes(one)) ?? null
}

/** The worst of them, and why. Nothing that was looked at is not known. */
export function inSum(
  checks: readonly ReadinessCheck[],
): Pick<WayBackReadiness, 'state' | 'because'> {
  const state = worstOf(checks.map((check) => check.state)) ?? 'unknown'
  const said = checks.filter((check) => check.state === state)
  // Of one that is ready the plan says where it leads; that the rest is well says nothing more.
  const shown = state === 'ready' ? said.slice(0, 1) : said
  const reasons = [...new Set(shown.map((check) => check.because))]
  // What is tried may say the same, with what else it found.
  const whole = reasons.filter(
    (one) => !reasons.some((other) => other !== one && other.includes(one)),
  )
  return { state, because: whole.join('; ') || 'nothing was looked at' }
}
