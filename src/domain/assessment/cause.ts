import { z } from 'zod'
import { toMs } from '../base/instant.ts'
import { ownVersion } from '../workload/versions.ts'
import type { NewestChange } from '../workload/newest-change.ts'
import type { Onset } from './onset.ts'

/** What speaks against a rollback, each in a sentence. The kinds are public: never rename. */
export const Against = z.object({
  kind: z.enum([
    'began-before-change',
    'ran-long-without',
    'dependency-down',
    'one-instance',
    'old-version-too',
    'over',
  ]),
  says: z.string(),
})
export type Against = z.infer<typeof Against>

/** How the newest change before the trouble lies to it. */
export type Preceding = {
  readonly change: NewestChange
  /** "backend v2.0.0" */
  readonly name: string
  readonly beforeMs: number
}

/** So soon after a change, trouble is likely to be of it. */
const SOON_MS = 30 * 60_000

/** What ran well for so long is unlikely to be the cause. */
const LONG_MS = 24 * 60 * 60_000

/** A change that is not told exactly was there earlier. */
const CLOCK_MS = 60_000

/** The newest change that was there when it began; `null`: none is known to be. */
export function precedingChange(
  { by }: Pick<Onset, 'by'>,
  changes: readonly NewestChange[],
): Preceding | null {
  const byMs = toMs(by) + CLOCK_MS
  const before = changes.flatMap((change): readonly Preceding[] => {
    const ms = change.since ? toMs(change.since.time) : Number.NaN
    return ms <= byMs
      ? [{ change, name: nameOf(change), beforeMs: Math.max(0, toMs(by) - ms) }]
      : []
  })
  return before.toSorted((a, b) => a.beforeMs - b.beforeMs)[0] ?? null
}

/** Whether the trouble can be of the newest change at all. Nothing is said where the times are not known (J10). */
export function againstChange(
  onset: Onset,
  changes: readonly NewestChange[],
  words: { readonly at: (iso: string) => string; readonly long: (ms: number) => string },
): readonly Against[] {
  const preceding = precedingChange(onset, changes)
  if (preceding && preceding.beforeMs <= SOON_MS) return []
  const byMs = toMs(onset.by) + CLOCK_MS
  const later = changes.find(({ since }) => since !== null && toMs(since.time) > byMs)
  if (later?.since?.exact) {
    const says = `It began before the newest change: ${nameOf(later)} came only at ${words.at(later.since.time)}.`
    return [{ kind: 'began-before-change', says }]
  }
  // As far back as was looked it was so: for how long it ran without is not known.
  if (onset.after === null || !preceding || preceding.beforeMs < LONG_MS) return []
  const says = `${preceding.name} ran ${words.long(preceding.beforeMs)} without this.`
  return [{ kind: 'ran-long-without', says }]
}

/** "backend v2.0.0", "backend restarted", "backend with other settings". */
function nameOf({ service, kind, images }: NewestChange): string {
  if (kind === 'restart') return `${service} restarted`
  return kind === 'settings'
    ? `${service} with other settings`
    : `${service} ${ownVersion({ images })}`
}
