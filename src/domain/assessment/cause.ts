import { z } from 'zod'
import { toIso, toMs } from '../base/instant.ts'
import { ownVersion } from '../workload/versions.ts'
import type { Came } from '../workload/history.ts'
import type { NewestChange, Since } from '../workload/newest-change.ts'
import type { OtherChange } from '../workload/other-change.ts'
import type { Onset } from './onset.ts'

/** What speaks against a rollback, each in a sentence. The kinds are public: never rename. */
export const Against = z.object({
  kind: z.enum([
    'began-before-change',
    'ran-long-without',
    'other-change',
    'dependency-down',
    'one-instance',
    'one-route',
    'old-version-too',
    'over',
  ]),
  says: z.string(),
})
export type Against = z.infer<typeof Against>

/** A change that was there before the trouble, and how it lies to it. */
export const Preceding = z.object({
  /** "backend v2.0.0", "backend scaled to 5" */
  name: z.string(),
  at: z.iso.datetime(),
  beforeMs: z.number(),
  /** Whether going back to what ran before takes it back. */
  isRelease: z.boolean(),
})
export type Preceding = z.infer<typeof Preceding>

/** Everything that is known to have changed. */
export type Changed = {
  /** The newest of every service. */
  readonly newest: readonly NewestChange[]
  /** What came before, as far back as it is kept. */
  readonly earlier: readonly Came[]
  readonly others: readonly OtherChange[]
}

/** So soon after a change, trouble is likely to be of it. */
const SOON_MS = 30 * 60_000

/** What ran well for so long is unlikely to be the cause. */
const LONG_MS = 24 * 60 * 60_000

/** A change that is not told exactly was there earlier. */
const CLOCK_MS = 60_000

/**
 * The changes that were there when it began, the likelier first: the newest that a rollback takes back, and the
 * newest other one where that came soon before it. What came long before is named only where nothing else did.
 */
export function precedingChanges(
  { by }: Pick<Onset, 'by'>,
  changed: Changed,
): readonly Preceding[] {
  const byMs = toMs(by)
  const before = momentsOf(changed)
    .filter(({ atMs }) => atMs <= byMs + CLOCK_MS)
    .toSorted((a, b) => b.atMs - a.atMs)
    .map(({ atMs, name, isRelease }): Preceding => {
      return { name, at: toIso(atMs), beforeMs: Math.max(0, byMs - atMs), isRelease }
    })
  const release = before.find(({ isRelease }) => isRelease)
  const other = before.find((one) => !one.isRelease && cameSoon(one))
  if (!release) return other ? [other] : []
  if (!other) return [release]
  return cameSoon(release) ? [release, other] : [other, release]
}

/** Whether the trouble can be of the newest change at all. Nothing is said where the times are not known (J10). */
export function againstChange(
  onset: Onset,
  changed: Changed,
  {
    isTakenBack,
    ...words
  }: {
    /** A way back leads to before the change that precedes it, however many came later. */
    readonly isTakenBack: boolean
    readonly at: (iso: string) => string
    readonly long: (ms: number) => string
  },
): readonly Against[] {
  const preceding = precedingChanges(onset, changed)
  const release = preceding.find(({ isRelease }) => isRelease)
  if (release && cameSoon(release)) return []
  const other = preceding.find(({ isRelease }) => !isRelease)
  const told: readonly Against[] =
    other && onset.after !== null
      ? [
          {
            kind: 'other-change',
            says: `It began ${soonAfter(other, onset, words.long)} ${other.name}: another version does not take that back.`,
          },
        ]
      : []
  return [...told, ...againstRelease(onset, changed, { release, isTakenBack, ...words })]
}

function againstRelease(
  onset: Onset,
  { newest }: Changed,
  {
    release,
    isTakenBack,
    at,
    long,
  }: {
    readonly release: Preceding | undefined
    readonly isTakenBack: boolean
    readonly at: (iso: string) => string
    readonly long: (ms: number) => string
  },
): readonly Against[] {
  const byMs = toMs(onset.by) + CLOCK_MS
  // A restart afterwards may be somebody's attempt to mend it.
  const later = newest.find(
    ({ since, kind }) => kind !== 'restart' && since !== null && toMs(since.time) > byMs,
  )
  if (later?.since && !isTakenBack) {
    if (!later.since.exact) return []
    const says = `It began before the newest change: ${nameOf(later)} came only at ${at(later.since.time)}.`
    return [{ kind: 'began-before-change', says }]
  }
  // As far back as was looked it was so: for how long it ran without is not known.
  if (onset.after === null || !release || release.beforeMs < LONG_MS) return []
  if (newest.some(({ since }) => since === null)) return []
  return [
    {
      kind: 'ran-long-without',
      says: `${release.name} ran ${long(release.beforeMs)} without this.`,
    },
  ]
}

export function cameSoon({ beforeMs }: Pick<Preceding, 'beforeMs'>): boolean {
  return beforeMs <= SOON_MS
}

/** Less than two minutes is less than is known: the trouble began somewhere between its two moments. */
export function soonAfter(
  { at, beforeMs }: Preceding,
  { after, by }: Pick<Onset, 'after' | 'by'>,
  long: (ms: number) => string,
): string {
  const likelyMs = after === null ? beforeMs : (toMs(after) + toMs(by)) / 2 - toMs(at)
  return likelyMs < 120_000 ? 'right after' : `${long(likelyMs)} after`
}

type Moment = Pick<Preceding, 'name' | 'isRelease'> & { readonly atMs: number }

function momentAt(since: Since | null, name: string, isRelease: boolean): readonly Moment[] {
  return since ? [{ name, isRelease, atMs: toMs(since.time) }] : []
}

function momentsOf({ newest, earlier, others }: Changed): readonly Moment[] {
  return [
    ...newest.flatMap((change) => [
      ...momentAt(change.since, nameOf(change), change.kind !== 'restart'),
      ...(change.kind === 'version'
        ? []
        : momentAt(change.versionSince, versionNameOf(change), true)),
    ]),
    ...earlier.flatMap(({ name, byMs }) =>
      Number.isFinite(byMs) ? [{ name, isRelease: true, atMs: byMs }] : [],
    ),
    ...others.flatMap(({ says, since }) => momentAt(since, says, false)),
  ]
}

/** "backend v2.0.0", "backend restarted", "backend with other settings". */
function nameOf(change: NewestChange): string {
  if (change.kind === 'restart') return `${change.service} restarted`
  return change.kind === 'settings'
    ? `${change.service} with other settings`
    : versionNameOf(change)
}

function versionNameOf({ service, images }: NewestChange): string {
  return `${service} ${ownVersion({ images })}`
}
