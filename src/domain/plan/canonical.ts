import { canonicalJson } from '../text/canonical-json.ts'
import type { Draft, Plan, PlannedStep } from './plan.ts'
import { asCount } from './signature-rule.ts'
import { withoutEnvironment } from './target.ts'

/**
 * What the signed text is made of. Each number can say more than those before it.
 *
 * - none: steps with their inputs, targets without environment, signatures as a number.
 * - 2: also roles, environments, a time to finish, and which steps are beside the plan.
 * - 3: also the content of what a step writes, and what each service may tell as its version afterwards.
 */
export const SCHEMA = 3

/**
 * What is signed: everything that will be done and to what. Words, cautions and expectations are
 * left out: they may change while the deed stays the same. Equal deeds give equal texts.
 */
export function canonical(draft: Draft): string {
  return textOf(draft, SCHEMA)
}

/**
 * The deed in the words that `signed` was signed in. What a whole plan could not say then gives another
 * text; what a step could not say is left out, as it is when the signed plan is carried out.
 */
export function canonicalAs(signed: Pick<Plan, 'schema' | 'steps'>, now: Draft): string {
  const { schema } = signed
  if (schema === SCHEMA) return canonical(now)
  const steps = now.steps.map((step, index) => {
    return { ...step, input: asFarAs(signed.steps[index]?.input, step.input) }
  })
  return schema === undefined ? oldestText({ ...now, steps }) : textOf({ ...now, steps }, schema)
}

function textOf(
  { steps, targets, signatures, finish, versions = {} }: Draft,
  schema: 2 | 3,
): string {
  return canonicalJson({
    ...(schema === SCHEMA ? { versions } : {}),
    schema,
    signatures,
    targets: targets.toSorted(),
    steps: steps.map(({ id, input, beside = false, givesBackAfter }) => {
      return { id, input, beside, ...(givesBackAfter === undefined ? {} : { givesBackAfter }) }
    }),
    finishWithinMs: finish?.withinMs ?? null,
  })
}

function oldestText({ steps, targets, signatures, finish }: Draft): string {
  return canonicalJson({
    schema: 1,
    signatures: asCount(signatures) ?? signatures,
    targets: targets.map(withoutEnvironment).toSorted(),
    steps: steps.map(({ id, input }) => ({ id, input })),
    ...(finish ? { finishWithinMs: finish.withinMs } : {}),
  })
}

type Json = PlannedStep['input']

/** As much of it as the older one says: without the keys that it does not have. */
function asFarAs(older: Json | undefined, now: Json): Json {
  if (Array.isArray(now)) {
    return now.map((one, index) => asFarAs(Array.isArray(older) ? older[index] : undefined, one))
  }
  if (!isObject(now) || !isObject(older)) return now
  const known = Object.entries(now).filter(([key]) => Object.hasOwn(older, key))
  return Object.fromEntries(known.map(([key, one]) => [key, asFarAs(older[key], one)]))
}

function isObject(json: Json | undefined): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
