import { ownerInWords } from '../../domain/owner.ts'
import { Suspension } from '../../domain/suspension.ts'
import { stepMayHaveWritten, type StepState } from '../../domain/run.ts'
import { infeasible, type Procedure } from '../procedure.ts'
import { planned } from '../planned.ts'
import { stepOf } from '../steps/index.ts'
import { clearCache } from '../steps/clear-cache.ts'
import { healthOnly, proveServices } from '../steps/prove-services.ts'
import { suspendOwners } from '../steps/suspend-owners.ts'
import { looking } from '../looking.ts'

/** The way back from an earlier plan: what it has written, in reverse order. */
export const undo: Procedure<'undo'> = async ({ plan: number }, circumstances) => {
  const { incident, world, signal } = circumstances
  const before = incident.plans[number - 1]
  if (!before?.plan || !before.run) return infeasible(`plan ${number} was never carried out`)
  const { plan, run } = before
  const written = plan.steps.filter((_, index) => wrote(run.steps[index]))
  const inverses = written
    .toReversed()
    .flatMap((step) => stepOf(step.id).bind(step.input).inverse ?? [])
  if (inverses.length === 0) return infeasible(`nothing that plan ${number} did can be taken back`)

  // A way back that does not begin where the world stands is none.
  const context = looking(world, signal)
  const ways = await Promise.all(
    inverses.map(async (step) => {
      return { step, found: await stepOf(step.id).bind(step.input).inspect(context) }
    }),
  )
  const open = ways.filter(({ found }) => found.kind !== 'blocked')
  const blocked = ways.flatMap(({ step, found }) =>
    found.kind === 'blocked' ? [{ step, says: found.says }] : [],
  )
  // An owner that somebody else has changed meanwhile is theirs: the way back does not hang on it.
  if (blocked.some(({ step }) => step.id !== suspendOwners.id)) {
    return infeasible(blocked.map(({ says }) => says).join('; '))
  }
  if (open.every(({ found }) => found.kind === 'done')) {
    return infeasible(`it stands as it did before plan ${number} already`)
  }
  const theirs = blocked.flatMap(({ step }) =>
    Suspension.parse(step.input).owners.map(ownerInWords),
  )
  const cleared = written.find(({ id }) => id === clearCache.id)
  const proof = plan.steps.find(({ id }) => id === proveServices.id)
  return {
    kind: 'feasible',
    draft: {
      title: `undo plan ${number}: ${plan.title}`,
      steps: [
        ...open.map(({ step }) => step),
        // What the other version has cached is not this one's.
        ...(cleared ? [planned(clearCache, cleared.input)] : []),
        ...(proof ? [planned(proveServices, healthOnly(proof.input))] : []),
      ],
      changes: plan.changes
        .filter(({ what }) => !theirs.includes(what))
        .map(({ what, from, to }) => ({ what, from: to, to: from })),
      targets: plan.targets,
      signatures: plan.signatures,
      because: `back to how it was before plan ${number}`,
      lost: `What plan ${number} has brought.`,
      undo: 'Yes, as a plan with its own signatures.',
      cautions: [...plan.cautions, ...blocked.map(({ says }) => `${says}; it is left as it is.`)],
    },
  }
}

function wrote(step: StepState | undefined): boolean {
  return step !== undefined && stepMayHaveWritten(step)
}
