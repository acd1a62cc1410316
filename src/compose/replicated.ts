import { every, type Recurring } from '../adapters/cron/every.ts'
import type { Config } from '../config/load-config.ts'
import type { Engine } from '../engine/engine-types.ts'
import { steadyClock } from '../engine/steady-clock.ts'
import type { Log } from '../ports/log.ts'
import { oneActs } from './one-acts.ts'
import { openLease } from './open-journal.ts'

/** A process that is gone is missed so long, and a second more. */
const LEASE_MS = 15_000

export type Acting = {
  readonly engine: Engine
  /** Whether this process does what incidents are owed. */
  readonly acts: () => boolean
  /** Begins to take turns with the other processes. */
  readonly takeTurns: () => readonly Recurring[]
}

/** The engine of this process: the only one of a journal in a file, one of several on a server. */
export async function replicated(
  config: Config,
  newEngine: (mayAct?: () => boolean) => Engine,
  log: Log,
): Promise<Acting> {
  const lease = await openLease(config, LEASE_MS)
  if (lease === null) return { engine: newEngine(), acts: () => true, takeTurns: () => [] }
  const clock = steadyClock({ wall: Date.now, monotonic: () => performance.now() })
  const replica = oneActs({ lease, leaseMs: LEASE_MS, newEngine, clock, log })
  return {
    engine: replica,
    acts: replica.acts,
    takeTurns: () => [every(1, 'replica', replica.turn, log)],
  }
}
