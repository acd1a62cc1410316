import { z } from 'zod'
import { isSigned } from '../plan/gate.ts'
import { isGateOpen, type PlanState } from '../plan/plan-state.ts'
import type { Incident } from './incident.ts'

/** When the journal's state is told to the thread: from then on it cannot be rewritten unseen. */
export const CheckpointMoment = z.enum(['signed', 'first-write', 'closed'])
export type CheckpointMoment = z.infer<typeof CheckpointMoment>

/** Whose key signed it, and the signature: Ed25519 over {@link signedText}, in base64url. */
export const CheckpointSignature = z.object({
  key: z.string().regex(/^[0-9a-f]{16}$/),
  signature: z.string().regex(/^[\w-]{86}$/),
})
export type CheckpointSignature = z.infer<typeof CheckpointSignature>

/** How far the whole journal was at that moment, and the hash that covers all of it. */
export const Checkpoint = z.object({
  of: CheckpointMoment,
  /** Left out when the incident is closed. */
  plan: z.int().positive().optional(),
  /** Of the journal's newest event. */
  position: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Left out where the installation has no key. */
  signed: CheckpointSignature.optional(),
})
export type Checkpoint = z.infer<typeof Checkpoint>

export type CheckpointDue = Pick<Checkpoint, 'of' | 'plan'>

/** What is owed now, in the order in which it happened. Nothing is before the incident is declared. */
export function checkpointsDue(
  incident: Incident,
  nowMs: number,
  wanted: readonly CheckpointMoment[],
): readonly CheckpointDue[] {
  if (!incident.declared) return []
  const happened = [
    ...incident.plans.flatMap((state) => planMoments(state, nowMs)),
    ...(incident.closed ? [{ of: 'closed' as const }] : []),
  ]
  return happened.filter((due) => wanted.includes(due.of) && !isTaken(incident, due))
}

function planMoments(state: PlanState, nowMs: number): readonly CheckpointDue[] {
  const { number: plan, run } = state
  const signed = run !== null || (isGateOpen(state) && isSigned(state, nowMs))
  const begun = run?.steps.some(({ kind }) => kind !== 'pending') ?? false
  return [
    ...(signed ? [{ of: 'signed' as const, plan }] : []),
    ...(begun ? [{ of: 'first-write' as const, plan }] : []),
  ]
}

export function isTaken({ checkpoints }: Incident, due: CheckpointDue): boolean {
  return checkpoints.some(({ of, plan }) => of === due.of && plan === due.plan)
}

/** What the signature covers: one line that can mean nothing else. */
export function signedText(incident: string, checkpoint: Omit<Checkpoint, 'signed'>): string {
  const { of, plan = null, position, hash } = checkpoint
  return JSON.stringify(['backout checkpoint 1', incident, of, plan, position, hash])
}
