import { z } from 'zod'
import { TroubleBegan } from '../assessment/onset.ts'
import { Actor } from '../base/actor.ts'
import { Via } from '../base/via.ts'
import { PlanRequest } from './plan-request.ts'
import { Plan } from './plan.ts'
import { Applied, Outcome, Progress, StepFacts } from './run.ts'
import { SignerRole } from './signature-rule.ts'

const Plans = { plan: z.int().positive() }
const Steps = { ...Plans, step: z.int().min(0) }

/** What happens to a plan, from the wish to the end of its run. Journaled: never rename. */
export const PlanEvents = [
  z.object({
    type: z.literal('plan-requested'),
    ...Plans,
    by: Actor,
    human: z.string(),
    request: PlanRequest,
    /** Who asked this time, where `by` had asked for the same before, and stays the requester. */
    again: Actor.optional(),
    /** When the trouble began, as far as it was known then; left out where none was measured. */
    began: TroubleBegan.nullable().optional(),
  }),
  z.object({ type: z.literal('plan-infeasible'), ...Plans, because: z.string() }),
  z.object({ type: z.literal('plan-proposed'), ...Plans, proposal: Plan }),
  /** Asked for once more while it waits: what its card says of the world is looked at anew. */
  z.object({ type: z.literal('plan-asked-again'), ...Plans, by: Actor }),
  /** The deed is the same still; what a person should know before signing is not. */
  z.object({ type: z.literal('plan-cautioned'), ...Plans, cautions: z.array(z.string()) }),
  z.object({
    type: z.literal('plan-prepared'),
    ...Plans,
    what: z.enum(['evidence', 'rehearsal', 'preparation']),
    ok: z.boolean(),
    says: z.string(),
  }),
  z.object({
    type: z.literal('preparation-progressed'),
    ...Plans,
    says: z.string(),
    progress: Progress.nullable(),
  }),
  z.object({
    type: z.literal('plan-approved'),
    ...Plans,
    by: Actor,
    human: z.string(),
    digest: z.string(),
    expiresAt: z.iso.datetime(),
    /** For whom the signature counts; left out in journals of before there were others than approvers. */
    roles: z.array(SignerRole).optional(),
    /** By which way it was given; left out: in Slack. */
    via: Via.optional(),
    /** When Slack last said what the signer may do, where it did not answer; left out: it did. */
    rightsAsOf: z.iso.datetime().optional(),
  }),
  z.object({ type: z.literal('approval-expired'), ...Plans, by: Actor }),
  z.object({
    type: z.literal('plan-denied'),
    ...Plans,
    by: Actor,
    /** Left out where nobody said why, as in journals of before anybody was asked. */
    reason: z.string().optional(),
  }),
  z.object({ type: z.literal('plan-voided'), ...Plans, because: z.array(z.string()) }),
  z.object({ type: z.literal('plan-withdrawn'), ...Plans, by: Actor }),
  z.object({ type: z.literal('signatures-missing'), ...Plans, call: z.int().positive() }),
  /** `by`: the incident of the plan that holds a target, and `byPlan` that plan. */
  z.object({
    type: z.literal('run-held'),
    ...Plans,
    by: z.string(),
    byPlan: z.int().positive().optional(),
  }),
  z.object({ type: z.literal('run-started'), ...Plans }),
  z.object({ type: z.literal('step-started'), ...Steps }),
  /** Its turn has come, and it is a step that people do. */
  z.object({ type: z.literal('people-asked'), ...Steps }),
  z.object({ type: z.literal('step-waiting'), ...Steps, because: z.string() }),
  z.object({
    type: z.literal('step-progressed'),
    ...Steps,
    says: z.string(),
    progress: Progress.optional(),
  }),
  z.object({
    type: z.literal('step-succeeded'),
    ...Steps,
    applied: z.boolean(),
    says: z.string(),
    facts: StepFacts.optional(),
    /** Who says so, where it is a step that people do. */
    by: Actor.optional(),
  }),
  z.object({
    type: z.literal('step-failed'),
    ...Steps,
    applied: Applied,
    says: z.string(),
    /** It did write, and has taken all of it back. */
    takenBack: z.literal(true).optional(),
    /** It wrote to try what is there, and nothing else. */
    onlyTried: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('abort-requested'), ...Plans, by: Actor }),
  z.object({ type: z.literal('run-ended'), ...Plans, outcome: Outcome, says: z.string() }),
] as const
