import { z } from 'zod'
import type { PlannedStep } from '../../../domain/plan/plan.ts'
import type { RevisionId as Identity, Sighting } from '../../../ports/deployment-state.ts'
import { RevisionId } from '../revision-id.ts'
import { defineStep, type Inspection, type StepContext } from '../../../engine/run/step.ts'
import type { DeployLockMark, WorkloadWrite } from '../../../ports/deployments.ts'
import { withinMs } from '../pace.ts'
import { rolledOut } from '../rolled-out.ts'
import { includesImages, ownVersion, toldVersions } from '../../../domain/workload/versions.ts'
import { deploymentsOf } from '../../parts/require-port.ts'
import { needsOf } from '../needs.ts'
import { movingTagsBack, ONLY_TEMPLATES } from '../release-cautions.ts'
import { undoCautions } from '../undo-cautions.ts'
import { rehearseAll, writeAll } from '../write-all.ts'

const Change = z.object({
  service: z.string(),
  name: z.string(),
  uid: z.string(),
  from: RevisionId,
  to: RevisionId,
  /** `false`: it is scaled to 0, so that no pod can prove anything. */
  runs: z.boolean(),
})
export const RestoreInput = z.object({
  changes: z.array(Change).min(1),
  /**
   * A rollback marks what it leaves, so that whoever deploys that again is told; its undo lifts the mark.
   * Left out in journals of before there were marks: they stay as they are.
   */
  locks: z.boolean().optional(),
  /** How long the slowest of them may take; left out: as long as most take. */
  withinMinutes: z.number().optional(),
})
type Change = z.infer<typeof Change>
export type RestoreInput = z.infer<typeof RestoreInput>

/** Where each workload stands: at its beginning, at its end, or at neither. */
type Standing =
  | { readonly kind: 'from' | 'to'; readonly change: Change; readonly release: Sighting }
  | { readonly kind: 'neither'; readonly says: string }

/** Every Deployment gets the pod template of its target ReplicaSet, all at once, and is watched to the end. */
export const restoreRevisions = defineStep({
  id: 'restore-revisions',
  input: RestoreInput,
  deadlineMs: ({ withinMinutes }) => withinMs(withinMinutes),
  onAbort: 'finish',

  title: ({ changes }) =>
    `Return ${changes.map(({ service, to }) => `${service} to ${ownVersion(to)}`).join(', ')}`,

  async inspect(
    context,
    { changes, ...others },
  ): Promise<Inspection<readonly Standing[], RestoreInput>> {
    const workloads = deploymentsOf(context.world)
    const services = changes.map(({ service }) => service)
    const releases = await workloads.sightings(services, context.signal)
    const standings = changes.map((change) => standingOf(change, releases, context.key))
    const begun = releases.some(({ lastWrite }) => lastWrite === context.key)
    const elsewhere = standings.flatMap((one) => (one.kind === 'neither' ? [one.says] : []))
    if (elsewhere.length > 0) return { kind: 'blocked', begun, says: elsewhere.join('; ') }
    const left = standings.flatMap((one) => (one.kind === 'from' ? [one.change] : []))
    if (left.length > 0) {
      return {
        kind: 'needed',
        begun,
        seen: standings,
        remaining: { changes: left, ...others },
      }
    }
    return { kind: 'done', begun, says: 'every service is at its target' }
  },

  apply: (context, { locks }, standings) => writeAll(context, writesOf(standings, locks)),
  rehearse: (context, { locks }, standings) => rehearseAll(context, writesOf(standings, locks)),

  verify: (context, { changes }) =>
    rolledOut(
      context,
      changes.map(({ service, uid, to, runs }) => {
        return { service, uid, templateHash: to.templateHash, mayBeEmpty: !runs }
      }),
    ),

  async adviseUndo(context, { changes }, undo) {
    const services = changes.map(({ service }) => service)
    const [needs, cautions] = await Promise.all([
      needsBack(changes, context),
      undoCautions('replaced', services, context, undo),
    ])
    return {
      problem: needs.problems.length > 0 ? needs.problems.join('; ') : null,
      cautions: [
        ...needs.cautions,
        ...cautions,
        ...changes.flatMap(({ service, to }) => movingTagsBack(service, to)),
        ONLY_TEMPLATES,
      ],
    }
  },

  onUndo: {
    kind: 'invert',
    input: ({ changes, locks, ...others }) => ({
      changes: changes.map(({ from, to, ...workload }) => ({ ...workload, from: to, to: from })),
      ...(locks === undefined ? {} : { locks: !locks }),
      ...others,
    }),
  },

  changes: ({ changes }) =>
    changes.map(({ service, from, to }) => {
      const images = { from: [...from.images], to: [...to.images] }
      return { what: service, from: described(from), to: described(to), images }
    }),

  versionsAfter: ({ changes }) =>
    Object.fromEntries(changes.map(({ service, to }) => [service, [...toldVersions(to)]])),
})

/** What a planned step changes if it is of this kind, and else nothing. */
export function changesIn({
  id,
  input,
}: PlannedStep): readonly Pick<Change, 'service' | 'from' | 'to'>[] {
  return id === restoreRevisions.id ? RestoreInput.parse(input).changes : []
}

function standingOf(change: Change, releases: readonly Sighting[], key: string): Standing {
  const { service, uid, from, to } = change
  const release = releases.find((one) => one.service === service)
  if (!release) return { kind: 'neither', says: `${service}: there is no such deployment any more` }
  if (release.uid !== uid)
    return { kind: 'neither', says: `${service}: it was deleted and made anew` }
  const now = release.current?.templateHash
  if (now === to.templateHash || isAsAdmitted(release, to, { by: key })) {
    return { kind: 'to', change, release }
  }
  if (now !== from.templateHash && !isAsAdmitted(release, from, { notBy: key })) {
    const running = release.current ? ownVersion(release.current) : 'something not rolled out yet'
    return { kind: 'neither', says: `${service}: somebody deployed ${running} meanwhile` }
  }
  if (release.lastWrite === key) {
    const says = `${service}: ${ownVersion(from)} was put back after this plan had written ${ownVersion(to)}`
    return { kind: 'neither', says }
  }
  const target = targetOf(release, change)
  if (!target) {
    return { kind: 'neither', says: `${service}: revision ${to.number} does not exist any more` }
  }
  return to.sha256 === undefined || to.sha256 === target.sha256
    ? { kind: 'from', change, release }
    : { kind: 'neither', says: `${service}: somebody has edited what revision ${to.number} holds` }
}

/**
 * Admission may add to what this bot writes, so that it has another hash. It is the same deed as long as
 * nobody else has changed it since: its own write for the end of the step, an earlier one for its beginning.
 */
function isAsAdmitted(
  { current, lastWrite, templateIsOurs }: Sighting,
  revision: Identity,
  write: { readonly by: string } | { readonly notBy: string },
): boolean {
  const fits = 'by' in write ? lastWrite === write.by : lastWrite !== write.notBy
  if (!templateIsOurs || lastWrite === null || !fits) return false
  return current ? includesImages(current, revision) : 'by' in write
}

function writesOf(standings: readonly Standing[], locks: boolean | undefined): WorkloadWrite[] {
  return standings.flatMap((one) => {
    if (one.kind !== 'from') return []
    const { release: seen, change } = one
    const to = targetOf(seen, change)
    if (!to) return []
    const lock = locks === undefined ? {} : { lock: lockAfter(seen, change, locks) }
    return [{ seen, change: { kind: 'template', to, ...lock } }]
  })
}

/** A long history of rollbacks must not fill the object. */
const MOST_LOCKED = 20

/** What was left stays marked until a signed plan brings it back. */
function lockAfter(
  { lockedImages }: Sighting,
  { from, to }: Change,
  locks: boolean,
): DeployLockMark {
  const without = (images: readonly string[]) =>
    images.filter((image) => !to.images.includes(image))
  const left = locks ? without(from.images) : []
  const all = [...new Set([...without(lockedImages), ...left])]
  return { images: all.slice(-MOST_LOCKED), renewed: left.length > 0 }
}

/** The kept revision that the plan named, by identity. */
function targetOf({ previous }: Sighting, { to }: Change) {
  return previous.find(
    ({ uid, templateHash }) => uid === to.uid && templateHash === to.templateHash,
  )
}

/** What the template that comes back refers to, and the one that runs now does not. */
async function needsBack(changes: readonly Change[], { world, signal }: StepContext) {
  const workloads = deploymentsOf(world)
  const services = changes.map(({ service }) => service)
  const releases = await workloads.sightings(services, signal)
  const ways = changes.flatMap((change) => {
    const release = releases.find(({ service }) => service === change.service)
    const to = release && targetOf(release, change)
    if (!release?.current || !to) return []
    // What was changed since it ran is told, whenever the other one began.
    return [{ release, from: { ...release.current, createdAt: to.createdAt }, to }]
  })
  return needsOf(ways, workloads, signal)
}

export function described(revision: Identity): string {
  return `${ownVersion(revision)} (revision ${revision.number}, ${revision.templateHash})`
}
