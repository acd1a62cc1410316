import {
  fightsInWords,
  isSetTo,
  ownerInWords,
  worksInWords,
  type Owner,
} from '../../../domain/plan/owner.ts'
import { SUSPEND_OWNER, Suspension } from '../../../domain/plan/suspension.ts'
import { NO_ADVICE } from '../../../engine/run/on-undo.ts'
import { defineStep, type StepContext } from '../../../engine/run/step.ts'
import { ownersOf } from '../require-port.ts'

/** What would write the bad version back is told to stop, and later gets back exactly what it had. */
export const suspendOwner = defineStep({
  id: SUSPEND_OWNER,
  input: Suspension,
  // As long as the rollback that waits for it.
  deadlineMs: () => 10 * 60_000,
  makesWay: true,
  onAbort: 'finish',

  subject: ({ owner }) => ownerInWords(owner),

  title: ({ suspend, owner }) => `${suspend ? 'Suspend' : 'Resume'} ${ownerInWords(owner)}`,

  async inspect(context, { owner, uid, from, to }) {
    const now = await find(context, owner)
    const blocked = (says: string) =>
      ({ kind: 'blocked', begun: 'no-mark', says: `${ownerInWords(owner)}: ${says}` }) as const
    if (now?.uid !== uid) return blocked('it was deleted or made anew')
    if (isSetTo(now, to)) return { kind: 'done', begun: 'no-mark', says: 'it stands so' }
    if (isSetTo(now, from)) return { kind: 'needed', begun: 'no-mark', seen: null }
    return blocked('somebody else changed how it works')
  },

  async apply({ world, signal, sendBeforeMs }, { owner, uid, from, to }) {
    const change = { owner, uid, from, to }
    const said = await ownersOf(world).write(change, { dryRun: false, signal, sendBeforeMs })
    if (said.kind === 'written') return { kind: 'written' }
    if (said.kind === 'changed-meanwhile') return { kind: 'look-again' }
    return { kind: 'refused', applied: 'no', says: said.because }
  },

  async rehearse({ world, signal }, { suspend, owner, uid, from, to }) {
    const change = { owner, uid, from, to }
    const said = await ownersOf(world).write(change, { dryRun: true, signal })
    const word = suspend ? 'suspended' : 'resumed'
    switch (said.kind) {
      case 'written':
        return { kind: 'accepted', says: `${ownerInWords(owner)} may be ${word} (dry run)` }
      case 'refused':
        return { kind: 'refused', says: said.because }
      default:
        return { kind: 'not-known', says: `whether it may be ${word} could not be tried` }
    }
  },

  async verify(context, { suspend, owner, uid, to }) {
    const now = await find(context, owner)
    if (now?.uid !== uid || !isSetTo(now, to)) {
      return { kind: 'not-yet', says: `${ownerInWords(owner)} does not stand as it should` }
    }
    if (!suspend) return { kind: 'verified', says: 'works by itself again' }
    return now.atWork
      ? { kind: 'verified', says: 'suspended; what it had begun is not over yet' }
      : { kind: 'verified', says: 'suspended' }
  },

  onUndo: {
    kind: 'invert',
    input: ({ suspend, from, to, ...owner }) => ({
      ...owner,
      suspend: !suspend,
      from: to,
      to: from,
    }),
  },

  changes: ({ suspend, owner, from, to }) => [
    {
      what: ownerInWords(owner),
      from: suspend ? worksInWords(from) : 'suspended',
      to: suspend ? 'suspended' : worksInWords(to),
    },
  ],

  async adviseUndo(context, { owner, suspend }, { alone }) {
    const now = await find(context, owner)
    if (!now) return NO_ADVICE
    if (suspend) return { problem: null, cautions: whenSuspending(now) }
    if (!now.suspended) return NO_ADVICE
    // Given back alone, it would write over what runs: then it is for the team to revert it first.
    if (alone) return { problem: now.wantsOther ? fightsInWords(owner) : null, cautions: [] }
    // Reverted there already: what comes back is what it would write over.
    const caution = `${ownerInWords(owner)} wants what runs now, and would put it back. Revert it there, too.`
    return { problem: null, cautions: now.wantsOther === false ? [caution] : [] }
  },
})

/** What people should know of it before it is suspended. */
export function whenSuspending({ keptBy, atWork, ...owner }: Owner): readonly string[] {
  const words = ownerInWords(owner)
  if (keptBy !== null) {
    return [`${words} cannot be suspended: ${keptBy} would take that back. It may undo this.`]
  }
  return atWork ? [`${words} is at work right now: what it has begun may still be written.`] : []
}

async function find(
  { world, signal }: StepContext,
  owner: Suspension['owner'],
): Promise<Owner | undefined> {
  return (await ownersOf(world).list([owner], signal))[0]
}
