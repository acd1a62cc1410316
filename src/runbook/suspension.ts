import { Fault } from '../domain/fault.ts'
import { ownerInWords, ownerTarget, type Owner } from '../domain/owner.ts'
import type { Draft } from '../domain/plan.ts'
import { ownersOf } from './needs.ts'
import { planned } from './planned.ts'
import type { Circumstances } from './procedure.ts'
import { suspendOwners } from './steps/suspend-owners.ts'

/** The part of a plan that stops what would write over the rest of it. */
export type SuspensionPart = Pick<Draft, 'changes' | 'targets' | 'cautions'> & {
  readonly steps: Draft['steps']
  /** Those that the cautions and changes tell of. */
  readonly told: readonly Owner[]
  /** A sentence for each, to follow what else is lost. */
  readonly lost: string
}

const NONE: SuspensionPart = {
  steps: [],
  changes: [],
  targets: [],
  cautions: [],
  told: [],
  lost: '',
}

/** Those of the configured owners that `fights` picks, as far as they work now. */
export async function suspensionPart(
  { world, settings, signal }: Circumstances,
  fights: (owner: Owner) => boolean,
): Promise<SuspensionPart> {
  const names = settings.kubernetes?.suspend ?? []
  if (names.length === 0) return NONE
  const found = await ownersOf(world)
    .list(names, signal)
    .catch((error: unknown) => {
      if (error instanceof Fault && error.kind === 'terminal') return error
      throw error
    })
  // What would be suspended if it could be: the way back does not hang on it.
  if (found instanceof Fault) {
    const all = names.map(ownerInWords).join(', ')
    const caution = `Not suspended: ${all} (${found.detail}). It may put the newer version back.`
    return { ...NONE, cautions: [caution] }
  }
  const missing = names.filter(
    (name) => !found.some((one) => ownerTarget(one) === ownerTarget(name)),
  )
  const told = found.filter(fights)
  const active = told.filter(({ suspended }) => !suspended)
  const kept = active.filter(({ keptBy }) => keptBy !== null)
  const owners = active.filter(({ keptBy }) => keptBy === null)
  return {
    told,
    steps:
      owners.length > 0
        ? [planned(suspendOwners, { suspend: true, owners: owners.map(changeOf) })]
        : [],
    changes: owners.map((owner) => ({
      what: ownerInWords(owner),
      from: 'works by itself',
      to: 'suspended',
    })),
    targets: owners.map(ownerTarget),
    lost: owners
      .map((owner) => {
        return ` ${ownerInWords(owner)} updates nothing until somebody types resume or undo.`
      })
      .join(''),
    cautions: [
      ...missing.map((name) => `${ownerInWords(name)} is to be suspended, and is not there.`),
      ...kept.map((owner) => {
        return `${ownerInWords(owner)} cannot be suspended: ${owner.keptBy} would take that back. It may put the newer version back.`
      }),
      ...told
        .filter(({ suspended }) => suspended)
        .map((owner) => `${ownerInWords(owner)} is suspended already, and stays so.`),
    ],
  }
}

function changeOf({ kind, namespace, name, uid, setting, whenSuspended }: Owner) {
  return { kind, namespace, name, uid, from: setting, to: whenSuspended }
}
