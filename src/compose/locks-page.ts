import type { LocksPage } from '../adapters/http/locks.ts'
import { deployLocks } from '../domain/plan/deploy-locks.ts'
import type { Engine } from '../engine/engine-types.ts'

/** So many of the newest incidents tell which versions are locked. */
const LOOK_BACK = 200

/** What pipelines may ask of an environment, where a token is set for them. */
export function locksOf(
  token: string | undefined,
  { declared }: Pick<Engine, 'declared'>,
): readonly LocksPage[] {
  if (token === undefined) return []
  return [{ token, read: async () => deployLocks(await declared(LOOK_BACK)) }]
}
