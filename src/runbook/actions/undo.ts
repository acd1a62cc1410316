import { Fault } from '../../domain/base/fault.ts'
import type { Plan, PlannedStep, Resolved, Versions } from '../../domain/plan/plan.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone, type Run } from '../../domain/plan/run.ts'
import type { BoundInspection, BoundStep, StepContext } from '../../engine/run/step.ts'
import { draftOf, joined, partOf, type Part } from '../parts/part.ts'
import { lookOnly } from '../parts/look-only.ts'
import { infeasible, type Action, type Circumstances } from '../procedure.ts'

/** A step of the way back, and what stands at its target now. */
type Inverse = { readonly step: BoundStep; readonly found: BoundInspection }
type Needed = Inverse & { readonly found: Extract<BoundInspection, { kind: 'needed' }> }

/**
 * The way back from an earlier plan: what it has written, in reverse order. What each step becomes is
 * said by the step itself (`onUndo`).
 */
export function undoUnless(otherwise: OwnUndo): Action<'undo'> {
  return async ({ plan: number }, circumstances) => {
    const before = circumstances.plans[number - 1]
    if (!before?.plan || !before.run) return infeasible(`plan ${number} was never carried out`)
    const own = await otherwise(before, circumstances)
    return own ?? undoneStepByStep({ ...before, plan: before.plan, run: before.run }, circumstances)
  }
}

/** A backend whose way back is more than its steps the other way; `null`: here it is not. */
export type OwnUndo = (before: PlanState, circumstances: Circumstances) => Promise<Resolved | null>

type CarriedOut = PlanState & { readonly plan: Plan; readonly run: Run }

async function undoneStepByStep(
  before: CarriedOut,
  circumstances: Circumstances,
): Promise<Resolved> {
  const { world, signal, settings } = circumstances
  const { number } = before
  const context = lookOnly(world, signal)
  const inverses = await Promise.all(
    inversesOf(before, circumstances).map(async (step) => {
      return { step, found: await inspected(step, context) }
    }),
  )
  if (inverses.length === 0) return infeasible(`nothing that plan ${number} did can be taken back`)
  // A way back that does not begin where the world stands is none.
  const stuck = inverses.flatMap(({ step, found }) =>
    found.kind === 'blocked' && !step.makesWay ? [found.says] : [],
  )
  if (stuck.length > 0) return infeasible(stuck.join('; '))
  const needed = inverses.filter(isNeeded)
  if (needed.length === 0) return infeasible(`it stands as it did before plan ${number} already`)
  const alone = needed.every(({ step }) => step.makesWay)
  const again = alone ? [] : repeated(before, circumstances)
  const steps = [
    ...needed.map(({ found }) => found.remaining),
    ...again.flatMap((one) => one.steps),
  ]
  const advice = await Promise.all(
    steps.map(({ id, input }) => {
      return circumstances.stepOf(id).bind(input).adviseUndo(context, { plan: number, alone })
    }),
  )
  const problems = advice.flatMap(({ problem }) => problem ?? [])
  if (problems.length > 0) return infeasible(problems.join('; '))

  const left = inverses.filter((one) => one.step.makesWay && !isNeeded(one))
  const back = joined(needed.map((one) => remainingPart(one, circumstances)))
  const words = {
    title: `undo plan ${number} and ${deedsOf(needed, alone ? 'alone' : 'beside')}`,
    signatures: before.plan.signatures,
    targets: before.plan.targets,
    because: `back to how it was before plan ${number}`,
    lost: `What plan ${number} has brought.`,
    undo: 'Yes, as a plan with its own signatures.',
    cautions: [
      ...left.map(({ step }) => `${step.subject} is left as it is, and may take this back.`),
      ...new Set(advice.flatMap(({ cautions }) => cautions)),
    ],
  }
  // What is told as a version was proved to be called so on the way there.
  const told = hasDone(before.run)
  const proved = told ? back : { ...back, versions: {} }
  const versions = told ? versionsAfter(inverses.map(({ step }) => step)) : {}
  const proofs = alone ? [] : provedAgain(before, versions, circumstances)
  const parts = [proved, ...again, ...proofs]
  return { kind: 'feasible', draft: draftOf('undo', words, parts, settings) }
}

/** What it does, named by what then stands there; what only makes way is no deed unless nothing else is. */
function deedsOf(needed: readonly Needed[], makesWay: 'alone' | 'beside'): string {
  const named = needed.filter(({ step }) => makesWay === 'alone' || !step.makesWay)
  const titles = named.map(({ found }) => found.remaining.title)
  return titles.map((title) => `${title.charAt(0).toLowerCase()}${title.slice(1)}`).join(', ')
}

function isNeeded(one: Inverse): one is Needed {
  return one.found.kind === 'needed'
}

/** What the plan itself has given back is not taken anew: what it had taken stands as before it then. */
function inversesOf(before: PlanState, { stepOf }: Circumstances): readonly BoundStep[] {
  return writtenSteps(before)
    .filter(({ givesBackAfter }) => givesBackAfter === undefined)
    .toReversed()
    .flatMap(({ id, input }) => {
      const { onUndo } = stepOf(id).bind(input)
      return onUndo?.kind === 'invert' ? [stepOf(id).bind(onUndo.step.input)] : []
    })
}

/** Only what is not back already: what a plan never wrote is not taken back either. */
function remainingPart({ found }: Needed, { stepOf }: Circumstances): Part {
  const { id, input } = found.remaining
  return partOf(stepOf(id), input)
}

function versionsAfter(steps: readonly BoundStep[]): Versions {
  return Object.assign({}, ...steps.map((step) => step.versionsAfter))
}

/** What is done for either state, once everything is back. */
function repeated(before: PlanState, { stepOf }: Circumstances): readonly Part[] {
  return writtenSteps(before).flatMap((step) => {
    const { onUndo } = stepOf(step.id).bind(step.input)
    return onUndo?.kind === 'repeat' ? [asBefore(step, onUndo.step, stepOf)] : []
  })
}

/** The proof of the state before. */
function provedAgain(
  { plan }: CarriedOut,
  versions: Versions,
  { stepOf }: Circumstances,
): readonly Part[] {
  return plan.steps.flatMap((step) => {
    const { onUndo } = stepOf(step.id).bind(step.input)
    return onUndo?.kind === 'prove' ? [asBefore(step, onUndo.stepFor(versions), stepOf)] : []
  })
}

function asBefore(
  { beside = false }: PlannedStep,
  { id, input }: PlannedStep,
  stepOf: Circumstances['stepOf'],
): Part {
  return { ...partOf(stepOf(id), input, { beside }), changes: [] }
}

/** What only makes way and may not be looked at any more stays as it is: the rest does not hang on it. */
async function inspected(step: BoundStep, context: StepContext): Promise<BoundInspection> {
  try {
    return await step.inspect(context)
  } catch (error) {
    if (!step.makesWay || !(error instanceof Fault) || error.code !== '403') throw error
    return { kind: 'blocked', begun: 'no-mark', says: error.detail }
  }
}
