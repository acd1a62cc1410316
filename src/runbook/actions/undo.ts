import { Fault } from '../../domain/base/fault.ts'
import { writtenSteps, type PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone } from '../../domain/plan/run.ts'
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
export const undo: Action<'undo'> = async ({ plan: number }, circumstances) => {
  const { world, signal, settings, plans } = circumstances
  const before = plans[number - 1]
  if (!before?.plan || !before.run) return infeasible(`plan ${number} was never carried out`)
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
  const advice = await Promise.all(needed.map(({ step }) => step.adviseUndo(context, { alone })))
  const problems = advice.flatMap(({ problem }) => problem ?? [])
  if (problems.length > 0) return infeasible(problems.join('; '))

  const left = inverses.filter((one) => one.step.makesWay && !isNeeded(one))
  const back = joined(needed.map((one) => remainingPart(one, circumstances)))
  const words = {
    title: `undo plan ${number}: ${alone ? needed.map(({ step }) => step.title).join(', ') : before.plan.title}`,
    signatures: before.plan.signatures,
    targets: before.plan.targets,
    because: `back to how it was before plan ${number}`,
    lost: `What plan ${number} has brought.`,
    undo: 'Yes, as a plan with its own signatures.',
    cautions: [
      ...before.plan.cautions,
      ...left.map(({ step }) => `${step.subject} is left as it is, and may take this back.`),
      ...advice.flatMap(({ caution }) => caution ?? []),
    ],
  }
  // What is told as a version was proved to be called so on the way there.
  const proved = hasDone(before.run) ? back : { ...back, versions: {} }
  const parts = [proved, ...(alone ? [] : afterwards(before, circumstances))]
  return { kind: 'feasible', draft: draftOf('undo', words, parts, settings) }
}

function isNeeded(one: Inverse): one is Needed {
  return one.found.kind === 'needed'
}

function inversesOf(before: PlanState, { stepOf }: Circumstances): readonly BoundStep[] {
  return writtenSteps(before)
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

/** What follows once everything is back: what is done for either state, and the proof. */
function afterwards(before: PlanState, { stepOf }: Circumstances): readonly Part[] {
  const written = new Set(writtenSteps(before))
  const all = (before.plan?.steps ?? []).map((step) => {
    const { onUndo } = stepOf(step.id).bind(step.input)
    return { step, onUndo, beside: step.beside === true }
  })
  const repeated = all.filter(({ step, onUndo }) => onUndo?.kind === 'repeat' && written.has(step))
  const proofs = all.filter(({ onUndo }) => onUndo?.kind === 'prove')
  return [...repeated, ...proofs].flatMap(({ step, onUndo, beside }) =>
    onUndo ? [{ ...partOf(stepOf(step.id), onUndo.step.input, { beside }), changes: [] }] : [],
  )
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
