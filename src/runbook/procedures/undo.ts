import { ownerInWords, type OwnerName } from '../../domain/owner.ts'
import type { PlannedStep } from '../../domain/plan.ts'
import { stepMayHaveWritten, type StepState } from '../../domain/run.ts'
import { Suspension } from '../../domain/suspension.ts'
import type { World } from '../../ports/world.ts'
import { looking } from '../looking.ts'
import { ownersOf } from '../needs.ts'
import { planned } from '../planned.ts'
import { infeasible, type Procedure } from '../procedure.ts'
import { clearCache } from '../steps/clear-cache.ts'
import { stepOf } from '../steps/index.ts'
import { healthOnly, proveServices } from '../steps/prove-services.ts'
import { suspendOwner } from '../steps/suspend-owner.ts'
import { fightsInWords } from '../suspension.ts'

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
  const stuck = ways.flatMap(({ step, found }) =>
    found.kind === 'blocked' && !isOwners(step) ? [found.says] : [],
  )
  if (stuck.length > 0) return infeasible(stuck.join('; '))
  const needed = ways.flatMap(({ step, found }) => (found.kind === 'needed' ? [step] : []))
  if (needed.length === 0) return infeasible(`it stands as it did before plan ${number} already`)
  const ownersOnly = needed.every(isOwners)
  const owners = needed.filter(isOwners).map(ownerOf)
  const fighting = ownersOnly ? await whoFights(owners, world, signal) : []
  if (fighting.length > 0) return infeasible(fighting.join('; '))
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
      signatures: plan.signatures,
      because: `back to how it was before plan ${number}`,
      lost: `What plan ${number} has brought.`,
      undo: 'Yes, as a plan with its own signatures.',
      cautions: [
        ...plan.cautions,
        ...theirs.map((owner) => {
          return `${ownerInWords(owner)} is left as somebody else has set it, and may take this back.`
        }),
      ],
    },
  }
}

function isOwners({ id }: PlannedStep): boolean {
  return id === suspendOwner.id
}

function ownerOf({ input }: PlannedStep): OwnerName {
  return Suspension.parse(input).owner
}

/** Given back alone, an owner would write over what runs: then it is for the team to revert first. */
async function whoFights(
  owners: readonly OwnerName[],
  world: World,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const now = await ownersOf(world).list(owners, signal)
  return now.filter(({ suspended, wantsOther }) => suspended && wantsOther).map(fightsInWords)
}

function wrote(step: StepState | undefined): boolean {
  return step !== undefined && stepMayHaveWritten(step)
}
