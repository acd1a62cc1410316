import { readKeptName, type KeptName } from '../../domain/data/kept-name.ts'
import type { Collection, Collections } from '../../ports/collections.ts'

/** What a restore or a switch leaves beside, and tidying up removes. Journaled with plans that are shown. */
export const KEPT_COLLECTIONS = 'collections beside the live ones'

/** What Backout keeps in the database, with what its name says of it. */
export type Kept = { readonly collection: Collection; readonly kept: KeptName }

export function keptAmong(list: readonly Collection[]): readonly Kept[] {
  return list.flatMap((collection) => {
    const kept = readKeptName(collection.name)
    return kept ? [{ collection, kept }] : []
  })
}

export type OfPlan = Pick<KeptName, 'incident' | 'plan'>

/** Which plan a run's key belongs to. */
export function planOfKey(key: string): OfPlan {
  const [, incident, plan] = /^([^/]+)\/plan-(\d+)(?:\/|$)/.exec(key) ?? []
  if (incident === undefined) throw new Error(`${key} is not the key of a run`)
  return { incident, plan: Number(plan) }
}

/** What the plan of this run has made. */
export function keptOf(list: readonly Collection[], key: string): readonly Kept[] {
  const { incident, plan } = planOfKey(key)
  return keptAmong(list).filter(({ kept }) => kept.incident === incident && kept.plan === plan)
}

/** Drops them by name and id; why not all of them are gone, or `null`. */
export async function dropAll(
  collections: Collections,
  all: readonly Kept[],
  signal: AbortSignal,
): Promise<string | null> {
  const problems: string[] = []
  for (const { collection } of all) {
    const { name, uuid } = collection
    const dropped = await drop(collections, { name, uuid }, signal)
    if (dropped !== null) problems.push(`${name}: ${dropped}`)
  }
  return problems.length > 0 ? problems.join('; ') : null
}

async function drop(
  collections: Collections,
  { name, uuid }: { readonly name: string; readonly uuid: string | null },
  signal: AbortSignal,
): Promise<string | null> {
  if (uuid === null) return 'the server gives it no id, so that it could be another one by now'
  const answer = await collections.drop({ name, uuid }, signal)
  // Already gone is as good.
  return answer.kind === 'refused' ? answer.because : null
}
