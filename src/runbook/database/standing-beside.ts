import type { Infeasible } from '../../domain/plan/plan.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { Collection } from '../../ports/collections.ts'
import { infeasible } from '../procedure.ts'
import { restoredBeside, type ComparedCollection, type RestoredBeside } from './comparison.ts'

/** What was restored beside and can be switched to, with every id as it was compared; or why not. */
export function standingBeside(
  plans: readonly PlanState[],
  list: readonly Collection[],
): Infeasible | { readonly kind: 'stands'; readonly restored: RestoredBeside } {
  const restored = restoredBeside(plans)
  if (!restored) return infeasible('nothing is restored beside the live data yet')
  const problems = restored.compared.collections.flatMap((one) => whyNot(one, list) ?? [])
  if (problems.length === 0) return { kind: 'stands', restored }
  const again = `restore it beside again: plan database --backup ${restored.backup}`
  return infeasible(`${problems.join('; ')}; ${again}`)
}

function whyNot(one: ComparedCollection, list: readonly Collection[]): string | null {
  const { name, live, backup, backupAs } = one
  const found = (uuid: string) => list.find((collection) => collection.uuid === uuid)
  if (found(backup)?.name !== backupAs) {
    return `${name}: what was restored beside is gone, or somebody renamed it`
  }
  const now = list.find((collection) => collection.name === name)
  if ((now?.uuid ?? null) !== live) {
    return `${name}: the live one is another one than was compared`
  }
  return now ? obstacleOf(now) : null
}

/** Why it can be set aside by no rename; `null`: it can. */
export function obstacleOf({ name, kind, uuid, obstacles }: Collection): string | null {
  if (kind === 'view') return `${name}: it is a view, and holds no data of its own`
  if (kind === 'time-series') return `${name}: it is a time series, which no server renames`
  if (obstacles.length > 0) return `${name}: ${obstacles.join(', and ')}`
  return uuid === null
    ? `${name}: the server gives it no id, so that it could not be told from another one`
    : null
}
