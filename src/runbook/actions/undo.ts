import { Fault } from '../../domain/base/fault.ts'
import { ownerInWords, type OwnerName } from '../../domain/plan/owner.ts'
import type { Draft, PlannedStep } from '../../domain/plan/plan.ts'
import { writtenSteps } from '../../domain/plan/plan-state.ts'
import { Suspension } from '../../domain/plan/suspension.ts'
import { everyVersion } from '../../domain/workload/versions.ts'
import type { BoundInspection, StepContext } from '../../engine/run/step.ts'
import { looking } from '../parts/read-only-context.ts'
import { ownersOf } from '../parts/require-port.ts'
import { planned } from '../parts/plan-step.ts'
import { infeasible, type Procedure } from '../parts/procedure.ts'
import { clearCache } from '../parts/steps/clear-cache.ts'
import { stepOf } from '../steps.ts'
import { healthOnly, proveServices } from '../parts/steps/prove-services.ts'
import { changesIn } from '../kubernetes/steps/restore-revisions.ts'
import { suspendOwner } from '../parts/steps/suspend-owner.ts'
import { fightsInWords } from '../parts/suspension.ts'

/** The way back from an earlier plan: what it has written, in reverse order. */
export const undo: Procedure<'undo'> = async ({ plan: number }, circumstances) => {
  const { incident, world, signal } = circumstances
  const before = incident.plans[number - 1]
  if (!before?.plan || !before.run) return infeasible(`plan ${number} was never carried out`)
  const { plan, run } = before
  const written = writtenSteps(before)
  const inverses = written
    .toReversed()
    .flatMap((step) => stepOf(step.id).bind(step.input).inverse ?? [])
  if (inverses.length === 0) return infeasible(`nothing that plan ${number} did can be taken back`)

  // A way back that does not begin where the world stands is none.
  const context = looking(world, signal)
  const ways = await Promise.all(
    inverses.map(async (step) => {
      return { step, found: await inspected(step, context) }
    }),
  )
  const stuck = ways.flatMap(({ step, found }) =>
    found.kind === 'blocked' && !isOwners(step) ? [found.says] : [],
  )
  if (stuck.length > 0) return infeasible(stuck.join('; '))
  const needed = ways.flatMap(({ step, found }) => (found.kind === 'needed' ? [step] : []))
  if (needed.length === 0) return infeasible(`it stands as it did before plan ${number} already`)
  const ownersOnly = needed.every(isOwners)
  const owners = needed.filter(isOwners).map(ownerOf)
  const now = owners.length === 0 ? [] : await ownersOf(world).list(owners, signal)
  const suspended = now.filter((owner) => owner.suspended)
  // Given back alone, an owner would write over what runs: then it is for the team to revert first.
  const fighting = ownersOnly ? suspended.filter(({ wantsOther }) => wantsOther === true) : []
  if (fighting.length > 0) return infeasible(fighting.map(fightsInWords).join('; '))
  // Reverted there already: what this brings back is what they would write over.
  const wanting = ownersOnly ? [] : suspended.filter(({ wantsOther }) => wantsOther === false)
  const theirs = ways.flatMap(({ step, found }) =>
    found.kind !== 'needed' && isOwners(step) ? [ownerOf(step)] : [],
  )
  const kept = new Set(plan.steps.filter(isOwners).map((step) => ownerInWords(ownerOf(step))))
  const given = new Set(owners.map(ownerInWords))
  const cleared = written.find(({ id }) => id === clearCache.id)
  const proof = plan.steps.find(({ id }) => id === proveServices.id)
  return {
    kind: 'feasible',
    draft: {
      title: `undo plan ${number}: ${ownersOnly ? needed.map(({ title }) => title).join(', ') : plan.title}`,
      steps: [
        ...needed,
        // What the other version has cached is not this one's.
        ...(cleared && !ownersOnly ? [planned(clearCache, cleared.input)] : []),
        ...(proof && !ownersOnly ? [planned(proveServices, healthOnly(proof.input))] : []),
      ],
      changes: plan.changes
        .filter(({ what }) => (kept.has(what) ? given.has(what) : !ownersOnly))
        .map(({ what, from, to }) => ({ what, from: to, to: from })),
      targets: plan.targets,
      ...(run.ended?.outcome === 'succeeded' ? { versions: versionsIn(needed) } : {}),
      signatures: plan.signatures,
      because: `back to how it was before plan ${number}`,
      lost: `What plan ${number} has brought.`,
      undo: 'Yes, as a plan with its own signatures.',
      cautions: [
        ...plan.cautions,
        ...theirs.map((owner) => {
          return `${ownerInWords(owner)} is left as it is, and may take this back.`
        }),
        ...wanting.map((owner) => {
          return `${ownerInWords(owner)} wants what runs now, and would put it back. Revert it there, too.`
        }),
      ],
    },
  }
}

/** An owner that may not be looked at any more stays as it is: the rest does not hang on it. */
async function inspected(step: PlannedStep, context: StepContext): Promise<BoundInspection> {
  try {
    return await stepOf(step.id).bind(step.input).inspect(context)
  } catch (error) {
    if (!isOwners(step) || !(error instanceof Fault) || error.code !== '403') throw error
    return { kind: 'blocked', begun: 'no-mark', says: error.detail }
  }
}

/** What the services tell afterwards: that they are called so was proved on the way there. */
function versionsIn(steps: readonly PlannedStep[]): NonNullable<Draft['versions']> {
  const changes = steps.flatMap(changesIn)
  return Object.fromEntries(changes.map(({ service, to }) => [service, [...everyVersion(to)]]))
}

function isOwners({ id }: PlannedStep): boolean {
  return id === suspendOwner.id
}

function ownerOf({ input }: PlannedStep): OwnerName {
  return Suspension.parse(input).owner
}
