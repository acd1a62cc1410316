import { untilAborted } from '../domain/base/until-aborted.ts'
import type { OwnerName } from '../domain/plan/owner.ts'
import type { World } from '../ports/world.ts'

/** Which of these write by themselves now. Never throws: one that cannot be asked is not said to work (J10). */
export async function workingOwners(
  { owners }: Pick<World, 'owners'>,
  names: readonly OwnerName[],
  deadlineMs: number,
  cancelled: AbortSignal,
): Promise<readonly OwnerName[]> {
  if (!owners) return []
  const signal = AbortSignal.any([AbortSignal.timeout(deadlineMs), cancelled])
  try {
    const found = await untilAborted(owners.list(names, signal), signal)
    return found
      .filter(({ suspended }) => !suspended)
      .map(({ kind, namespace, name }) => ({ kind, namespace, name }))
  } catch {
    return []
  }
}
