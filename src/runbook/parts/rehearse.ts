import { Fault } from '../../domain/base/fault.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { isBeside } from '../../domain/plan/run.ts'
import type { Preparation } from '../../engine/run/runbook.ts'
import type { World } from '../../ports/world.ts'
import type { BoundStep, Rehearsal, Step } from '../../engine/run/step.ts'
import { lookOnly } from './look-only.ts'

/** A step beside the plan keeps the answer about the plan back no longer than this. */
const BESIDE_MS = 5_000

/** For people who decide: whether anything speaks against it, and what. */
export async function rehearsed(...asked: Parameters<typeof rehearsal>): Promise<Preparation> {
  const { kind, says } = await rehearsal(...asked)
  return { ok: kind !== 'refused' && kind !== 'not-known', says: says || 'nothing to rehearse' }
}

/**
 * Asks every target whether it would accept the step now; nothing is changed by it. What a step
 * beside the plan is told decides nothing about the plan, which goes on without that step.
 */
export async function rehearsal(
  steps: readonly PlannedStep[],
  world: World,
  signal: AbortSignal,
  stepOf: (id: string) => Step,
): Promise<Rehearsal> {
  const bound = (some: readonly PlannedStep[]) =>
    some.map(({ id, input }) => stepOf(id).bind(input))
  // What gives back stands on what the plan does before it: nothing of that is there yet.
  const first = steps.filter(({ givesBackAfter }) => givesBackAfter === undefined)
  const own = bound(first.filter((step) => !isBeside(step)))
  const beside = bound(steps.filter(isBeside))
  const soon = AbortSignal.any([signal, AbortSignal.timeout(BESIDE_MS)])
  const [answers, answersBeside] = await Promise.all([
    Promise.all(own.map((step) => step.rehearse(lookOnly(world, signal)))),
    Promise.all(beside.map((step) => besidePlan(step, world, soon))),
  ])
  const plan = inSum(answers)
  const says = [plan.says, ...besideInWords(answersBeside, plan)].filter((one) => one !== '')
  return { kind: plan.kind, says: says.join('; ') }
}

function inSum(answers: readonly Rehearsal[]): Rehearsal {
  const refused = said(answers, 'refused')
  if (refused !== '') return { kind: 'refused', says: `it would be refused: ${refused}` }
  const unknown = said(answers, 'not-known')
  if (unknown !== '') {
    return { kind: 'not-known', says: `not known whether it would work: ${unknown}` }
  }
  const accepted = said(answers, 'accepted')
  return { kind: accepted === '' ? 'nothing-to-ask' : 'accepted', says: accepted }
}

const said = (answers: readonly Rehearsal[], wanted: Rehearsal['kind']): string =>
  answers.flatMap(({ kind, says }) => (kind === wanted ? [says] : [])).join('; ')

/** A target that cannot be asked is an answer, too: nothing about the plan hangs on it. */
async function besidePlan(step: BoundStep, world: World, signal: AbortSignal): Promise<Rehearsal> {
  const about = (answer: Rehearsal): Rehearsal => {
    if (answer.kind !== 'refused' && answer.kind !== 'not-known') return answer
    return { kind: answer.kind, says: `${step.subject} (${answer.says})` }
  }
  try {
    return about(await step.rehearse(lookOnly(world, signal)))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return about({ kind: error.kind === 'terminal' ? 'refused' : 'not-known', says: error.message })
  }
}

function besideInWords(answers: readonly Rehearsal[], { kind }: Rehearsal): readonly string[] {
  const ok = kind !== 'refused' && kind !== 'not-known'
  const [refused, unknown] = [said(answers, 'refused'), said(answers, 'not-known')]
  const wouldBeRefused = ok
    ? 'only this would be refused, and the rest goes on without it'
    : 'beside it would be refused'
  const isNotKnown = ok
    ? 'whether this would work is not known, and the rest goes on without it'
    : 'beside it is not known whether this would work'
  return [
    said(answers, 'accepted'),
    ...(refused === '' ? [] : [`${wouldBeRefused}: ${refused}`]),
    ...(unknown === '' ? [] : [`${isNotKnown}: ${unknown}`]),
  ]
}
