import { z } from 'zod'
import type { Collection } from '../../ports/collections.ts'

/** One collection of a switch: what is live goes aside, and what stands beside becomes live. */
export const Switched = z.object({
  name: z.string(),
  /** `null`: there is none to set aside. */
  live: z.object({ uuid: z.string(), asideAs: z.string() }).nullable(),
  /** `null`: the backup has none, so that nothing takes its place. */
  beside: z.object({ uuid: z.string(), standsAs: z.string() }).nullable(),
})
export type Switched = z.infer<typeof Switched>

export type Rename = { readonly uuid: string; readonly from: string; readonly to: string }

/** Where a collection is on its way, by the ids and names that are there: the same however it came to that (J4, J5). */
export type Position =
  | { readonly kind: 'before' | 'between' | 'after' }
  | { readonly kind: 'other'; readonly says: string }

export function positionOf(one: Switched, list: readonly Collection[]): Position {
  const { name, live, beside } = one
  const nameOf = (uuid: string) => list.find((collection) => collection.uuid === uuid)?.name ?? null
  const liveAt = live && nameOf(live.uuid)
  const besideAt = beside && nameOf(beside.uuid)
  const taken = list.some((collection) => collection.name === name)
  const aside = live !== null && liveAt === live.asideAs
  const isIn = beside !== null && besideAt === name
  const waits = beside === null || besideAt === beside.standsAs
  if (live ? liveAt === name && waits : !taken && waits) return { kind: 'before' }
  if (live && aside && !taken && waits && beside) return { kind: 'between' }
  if ((live === null || aside) && (beside === null ? !taken : isIn)) return { kind: 'after' }
  return { kind: 'other', says: strayed(one, { liveAt, besideAt, taken }) }
}

function strayed(
  { name, live, beside }: Switched,
  {
    liveAt,
    besideAt,
    taken,
  }: {
    readonly liveAt: string | null
    readonly besideAt: string | null
    readonly taken: boolean
  },
): string {
  if (live && liveAt === null) return `${name}: what was live is not there any more`
  if (beside && besideAt === null) return `${name}: what was restored beside is not there any more`
  if (live && liveAt !== name && liveAt !== live.asideAs)
    return `${name}: somebody renamed it to ${liveAt}`
  if (beside && besideAt !== name && besideAt !== beside.standsAs) {
    return `${name}: somebody renamed what was restored beside to ${besideAt}`
  }
  return taken ? `${name}: somebody made another one of that name` : `${name}: it is not there`
}

/** What is left to rename until it is switched. */
export function renamesTo(one: Switched, { kind }: Position): readonly Rename[] {
  const { name, live, beside } = one
  const aside = live ? [{ uuid: live.uuid, from: name, to: live.asideAs }] : []
  const into = beside ? [{ uuid: beside.uuid, from: beside.standsAs, to: name }] : []
  if (kind === 'before') return [...aside, ...into]
  return kind === 'between' ? into : []
}

/** The same the other way: until it stands as before. */
export function renamesBack(one: Switched, { kind }: Position): readonly Rename[] {
  const all = renamesTo(one, { kind: 'before' })
  const done = kind === 'after' ? all : kind === 'between' ? all.slice(0, 1) : []
  return done.toReversed().map(({ uuid, from, to }) => ({ uuid, from: to, to: from }))
}

/** What an undo makes of it: what was set aside is live again, and what was live stands beside. */
export function inverseOf({ name, live, beside }: Switched): Switched {
  return {
    name,
    live: beside && { uuid: beside.uuid, asideAs: beside.standsAs },
    beside: live && { uuid: live.uuid, standsAs: live.asideAs },
  }
}
