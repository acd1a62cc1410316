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
export type Position = {
  readonly kind: 'before' | 'between' | 'after' | 'overtaken' | 'other'
  /** What was live stands aside. */
  readonly aside: boolean
  /** What stood beside is live. */
  readonly in: boolean
  /** Neither of both, and has the name all the same: whoever wrote in between has made it. */
  readonly stranger: string | null
  /** Of `other`: what is not as it should be. */
  readonly says: string
}

export function positionOf(one: Switched, list: readonly Collection[]): Position {
  const { name, live, beside } = one
  const nameOf = (uuid: string) => list.find((collection) => collection.uuid === uuid)?.name ?? null
  const liveAt = live && nameOf(live.uuid)
  const besideAt = beside && nameOf(beside.uuid)
  const named = list.find((collection) => collection.name === name)
  const taken = named !== undefined
  const aside = live !== null && liveAt === live.asideAs
  const isIn = beside !== null && besideAt === name
  const waits = beside === null || besideAt === beside.standsAs
  const isOurs = liveAt === name || isIn
  const stranger = isOurs ? null : (named?.uuid ?? null)
  const at = (kind: Position['kind'], says = ''): Position => {
    return { kind, aside, in: isIn, stranger, says }
  }
  if (live ? liveAt === name && waits : !taken && waits) return at('before')
  // Where nothing takes its place, whatever is made of that name later is new.
  if ((live === null || aside) && (beside === null || isIn)) return at('after')
  if (aside && waits && !taken) return at('between')
  if (aside && waits && stranger !== null) return at('overtaken')
  return at('other', strayed(one, { liveAt, besideAt, taken }))
}

/** What nobody can switch from; `null`: each is on its way. */
export function strayedAmong(positions: readonly Position[]): string | null {
  const says = positions.flatMap((one) => (one.kind === 'other' ? [one.says] : []))
  return says.length > 0 ? says.join('; ') : null
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

/** What is left to rename until it is switched. `strangerAs`: where one goes that was made in between. */
export function renamesTo(
  { name, live, beside }: Switched,
  { kind, stranger }: Position,
  strangerAs: string,
): readonly Rename[] {
  const aside = live ? [{ uuid: live.uuid, from: name, to: live.asideAs }] : []
  const into = beside ? [{ uuid: beside.uuid, from: beside.standsAs, to: name }] : []
  if (kind === 'before') return [...aside, ...into]
  if (kind === 'overtaken') return [...outOfTheWay(name, stranger, strangerAs), ...into]
  return kind === 'between' ? into : []
}

/** The same the other way, from wherever it is: until what was live is live again. */
export function renamesBack(
  { name, live, beside }: Switched,
  { aside, in: isIn, stranger }: Position,
  strangerAs: string,
): readonly Rename[] {
  return [
    ...(beside && isIn ? [{ uuid: beside.uuid, from: name, to: beside.standsAs }] : []),
    ...(aside ? outOfTheWay(name, stranger, strangerAs) : []),
    ...(live && aside ? [{ uuid: live.uuid, from: live.asideAs, to: name }] : []),
  ]
}

/** It holds what somebody wrote, and is kept. */
function outOfTheWay(name: string, stranger: string | null, to: string): readonly Rename[] {
  return stranger === null ? [] : [{ uuid: stranger, from: name, to }]
}

/** What an undo makes of it: what was set aside is live again, and what was live stands beside. */
export function inverseOf({ name, live, beside }: Switched): Switched {
  return {
    name,
    live: beside && { uuid: beside.uuid, asideAs: beside.standsAs },
    beside: live && { uuid: live.uuid, standsAs: live.asideAs },
  }
}
