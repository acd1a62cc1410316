import { toMs } from '../base/instant.ts'
import type { NewestChange } from './newest-change.ts'
import { hasNewNumber, ownVersion, sameImages } from './versions.ts'
import type { Revision } from './workload.ts'

/** One thing that a service came to run: not before `afterMs`, and by `byMs` at the latest. Milliseconds since the epoch. */
export type Came = { readonly name: string; readonly afterMs: number; readonly byMs: number }

/** What a service came to run, as far back as it is kept, the newest first. */
export type History = { readonly service: string; readonly came: readonly Came[] }

type Running = {
  readonly service: string
  readonly current: Revision | null
  readonly previous: readonly Revision[]
  readonly changed: NewestChange | null
}

/**
 * What is told by the revisions that are kept. One that was used again came twice: when it was made, and at
 * some time after the revision that it took the place of. A restart is no change.
 */
export function historyOf({ service, current, previous, changed }: Running): History {
  const kept = current ? [current, ...previous] : previous
  const own = kept.filter((one, index) => one.content !== kept[index + 1]?.content)
  const named = (one: Revision, before: Revision | undefined) => {
    const again = before !== undefined && sameImages(one, before) ? ' with other settings' : ''
    return `${service} ${ownVersion(one)}${again}`
  }
  const came = own.flatMap((one, index): readonly Came[] => {
    const before = own[index + 1]
    const name = named(one, before)
    const madeMs = toMs(one.createdAt)
    const made = { name, afterMs: madeMs, byMs: madeMs }
    if (!hasNewNumber(one, kept)) return [made]
    const beforeMs = before ? toMs(before.createdAt) : madeMs
    return [{ name, ...usedAgain(one, kept, { beforeMs, changed }) }, made]
  })
  return { service, came: came.toSorted((a, b) => b.byMs - a.byMs || 0) }
}

/** Between the one that it took the place of and the one that took its place; `changed` tells of the newest one. */
function usedAgain(
  one: Revision,
  kept: readonly Revision[],
  told: { readonly beforeMs: number; readonly changed: NewestChange | null },
): Omit<Came, 'name'> {
  const { beforeMs, changed } = told
  const next = kept[kept.indexOf(one) - 1]
  if (next) return { afterMs: beforeMs, byMs: toMs(next.createdAt) }
  const since = changed?.since
  if (!since) return { afterMs: beforeMs, byMs: Infinity }
  return { afterMs: since.exact ? toMs(since.time) : beforeMs, byMs: toMs(since.time) }
}
