import { canonicalJson } from '../../domain/canonical-json.ts'
import { ownerInWords, type Owner } from '../../domain/owner.ts'
import { SUSPEND_OWNERS, Suspension } from '../../domain/suspension.ts'
import { defineStep, type StepContext } from '../../engine/step.ts'
import type { Written } from '../../ports/workloads.ts'
import { ownersOf } from '../needs.ts'

type Change = Suspension['owners'][number]

/** What would write the bad version back is told to stop, and later gets back exactly what it had. */
export const suspendOwners = defineStep({
  id: SUSPEND_OWNERS,
  input: Suspension,
  deadlineMs: 60_000,

  title: ({ suspend, owners }) =>
    `${suspend ? 'Suspend' : 'Resume'} ${owners.map(ownerInWords).join(', ')}`,

  async inspect(context, { owners }) {
    const found = await find(context, owners)
    const gone = found.filter(({ change, now }) => now?.uid !== change.uid)
    if (gone.length > 0) {
      const says = `${named(gone)}: deleted or made anew`
      return { kind: 'blocked', begun: 'no-mark', says }
    }
    if (found.every(({ change, now }) => stands(now, change.to))) {
      return { kind: 'done', begun: 'no-mark', says: 'it stands so' }
    }
    const others = found.filter(
      ({ change, now }) => !stands(now, change.from) && !stands(now, change.to),
    )
    if (others.length > 0) {
      const says = `${named(others)}: somebody else changed how it works`
      return { kind: 'blocked', begun: 'no-mark', says }
    }
    const seen = found.filter(({ change, now }) => stands(now, change.from))
    return { kind: 'needed', begun: 'no-mark', seen: seen.map(({ change }) => change) }
  },

  async apply({ world, signal }, _, changes) {
    for (const [index, change] of changes.entries()) {
      const said = await write(world, change, { dryRun: false, signal })
      if (said.kind === 'changed-meanwhile') return { kind: 'look-again' }
      if (said.kind !== 'written') {
        return { kind: 'refused', applied: index > 0 ? 'yes' : 'no', says: said.because }
      }
    }
    return { kind: 'written' }
  },

  async rehearse({ world, signal }, { suspend }, changes) {
    const word = suspend ? 'suspended' : 'resumed'
    for (const change of changes) {
      const said = await write(world, change, { dryRun: true, signal })
      if (said.kind === 'refused') return { kind: 'refused', says: said.because }
      if (said.kind !== 'written') {
        return { kind: 'not-known', says: `whether it may be ${word} could not be tried` }
      }
    }
    const all = changes.map(ownerInWords).join(', ')
    return { kind: 'accepted', says: `${all} may be ${word} (dry run)` }
  },

  async verify(context, { suspend, owners }) {
    const found = await find(context, owners)
    const not = found.filter(({ change, now }) => !stands(now, change.to))
    if (not.length > 0) {
      return { kind: 'not-yet', says: `${named(not)}: does not stand as it should` }
    }
    const working = found.filter(({ now }) => suspend && now?.atWork)
    const still = working.length > 0 ? `; ${named(working)} is still ending what it had begun` : ''
    return { kind: 'verified', says: `${suspend ? 'suspended' : 'works by itself again'}${still}` }
  },

  inverse: ({ suspend, owners }) => ({
    suspend: !suspend,
    owners: owners.map(({ from, to, ...owner }) => ({ ...owner, from: to, to: from })),
  }),
})

type Found = { readonly change: Change; readonly now: Owner | undefined }

async function find({ world, signal }: StepContext, changes: readonly Change[]): Promise<Found[]> {
  const owners = await ownersOf(world).list(changes, signal)
  return changes.map((change) => ({ change, now: owners.find((one) => isSame(one, change)) }))
}

function write(
  world: StepContext['world'],
  { uid, from, to, ...owner }: Change,
  options: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<Written> {
  return ownersOf(world).write({ owner, uid, from, to }, options)
}

function isSame(one: Owner, { kind, namespace, name }: Change): boolean {
  return one.kind === kind && one.namespace === namespace && one.name === name
}

function stands(now: Owner | undefined, setting: Change['to']): boolean {
  return now !== undefined && canonicalJson(now.setting) === canonicalJson(setting)
}

function named(found: readonly Found[]): string {
  return found.map(({ change }) => ownerInWords(change)).join(', ')
}
