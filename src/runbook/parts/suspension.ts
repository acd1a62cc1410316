import { Fault } from '../../domain/base/fault.ts'
import { ownerInWords, ownerTarget, type Owner, type OwnerName } from '../../domain/plan/owner.ts'
import { stillSuspended } from '../../domain/plan/suspension.ts'
import { ownersOf } from './require-port.ts'
import type { Circumstances } from '../procedure.ts'
import { joined, NOTHING, partOf, type Part } from './part.ts'
import { suspendOwner, whenSuspending } from './steps/suspend-owner.ts'

/** The part of a plan that stops what would write over the rest of it. */
export type SuspensionPart = Part & {
  /** Those that the cautions and changes tell of. */
  readonly told: readonly Owner[]
}

const NONE: SuspensionPart = { ...NOTHING, told: [] }

export type OwnerSeen =
  | { readonly kind: 'found'; readonly owner: Owner }
  | { readonly kind: 'missing' | 'hidden'; readonly name: OwnerName; readonly because: string }

/**
 * Those of the configured owners that fight this plan. `scaled`: the Deployment whose number of pods
 * it changes; what only scales keeps its hands off everything else.
 */
export async function suspensionPart(
  { world, settings, plans, signal }: Circumstances,
  scaled: string | null = null,
): Promise<SuspensionPart> {
  const names = (settings.kubernetes?.suspend ?? []).filter(({ kind }) => {
    return kind !== 'ScaledObject' || scaled !== null
  })
  if (names.length === 0) return NONE
  const all = await Promise.all(names.map((name) => lookAt(name, world, signal)))
  const fighting = all.filter((one) => {
    return one.kind !== 'found' || one.owner.scales === null || one.owner.scales === scaled
  })
  const seen = await Promise.all(fighting.map((one) => tryOut(one, world, signal)))
  const owners = seen.flatMap((one) => (one.kind === 'found' ? [one.owner] : []))
  const ours = owners.filter(isOurs)
  const before = stillSuspended({ plans })

  function cautions(one: OwnerSeen): readonly string[] {
    if (one.kind !== 'found') return [`${ownerInWords(one.name)} is not suspended: ${one.because}.`]
    const { owner } = one
    if (!owner.suspended) return whenSuspending(owner)
    const by = before.find((past) => ownerTarget(past.owner) === ownerTarget(owner))
    return [
      `${ownerInWords(owner)} is suspended already${by ? `, by plan ${by.plan}` : ''}, and stays so.`,
    ]
  }

  return {
    ...joined(ours.map((owner) => partOf(suspendOwner, suspensionOf(owner)))),
    told: owners,
    targets: owners.map(ownerTarget),
    lost: ours.map((owner) => {
      return `${ownerInWords(owner)} updates nothing until somebody types resume or undo.`
    }),
    cautions: seen.flatMap(cautions),
  }
}

function isOurs({ suspended, keptBy }: Owner): boolean {
  return !suspended && keptBy === null
}

/** What would be refused is not tried in the middle of a rollback: the way back does not hang on it. */
async function tryOut(
  one: OwnerSeen,
  world: Circumstances['world'],
  signal: AbortSignal,
): Promise<OwnerSeen> {
  if (one.kind !== 'found' || !isOurs(one.owner)) return one
  const { owner, uid, from, to } = suspensionOf(one.owner)
  const write = { owner, uid, from, to }
  const said = await ownersOf(world).write(write, { dryRun: true, signal })
  return said.kind === 'refused' ? { kind: 'hidden', name: owner, because: said.because } : one
}

/** Where it may not be looked at, it is not suspended either. */
export async function lookAt(
  name: OwnerName,
  world: Circumstances['world'],
  signal: AbortSignal,
): Promise<OwnerSeen> {
  try {
    const [owner] = await ownersOf(world).list([name], signal)
    return owner ? { kind: 'found', owner } : { kind: 'missing', name, because: 'it is not there' }
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== '403') throw error
    return { kind: 'hidden', name, because: error.detail }
  }
}

function suspensionOf({ kind, namespace, name, uid, setting, whenSuspended }: Owner) {
  return { suspend: true, owner: { kind, namespace, name }, uid, from: setting, to: whenSuspended }
}
