import { oneActs, type Replica } from '../../src/compose/one-acts.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { journalTold } from '../../src/engine/journal/journal-told.ts'
import type { Lease } from '../../src/ports/lease.ts'
import { both, outward } from '../faults/outward.ts'
import { atRest, type Surroundings, type Ways } from './engine-story.ts'
import type { Death, Life } from './mortal.ts'

export const LEASE_MS = 15_000
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** The one row that processes share, and its server's clock. */
export function sharedLease({ clock }: Pick<Surroundings, 'clock'>) {
  let row: { holder: string; epoch: number; until: number } | null = null
  let isAway = false
  return {
    set away(now: boolean) {
      isAway = now
    },
    of: (holder: string): Lease => ({
      async hold() {
        if (isAway) throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'away' })
        const now = clock.now()
        if (row && row.holder !== holder && row.until >= now) return null
        const epoch = row === null ? 1 : row.epoch + (row.holder === holder ? 0 : 1)
        row = { holder, epoch, until: now + LEASE_MS }
        return epoch
      },
      async release() {
        if (row?.holder === holder) row = { ...row, until: 0 }
      },
      async close() {},
    }),
  }
}

export type TurnTaker = {
  readonly engine: Replica
  readonly life: Life
  /** How many engines it has had. */
  readonly engines: () => number
}

/** One process of several, that dies where its first engine does. It has its turn whenever a second has passed. */
export function processOf(
  around: Surroundings,
  lease: Lease,
  {
    death = null,
    ways = {},
    aheadMs = 0,
  }: { readonly death?: Death; readonly ways?: Ways; readonly aheadMs?: number } = {},
): TurnTaker {
  const lives: Life[] = []
  const { log = silent } = ways
  const told = journalTold({ log, clock: around.clock })
  let turnedAt = around.clock.now()
  const turning = outward(async (_, make) => {
    if (around.clock.now() >= turnedAt + 1_000) {
      turnedAt = around.clock.now()
      await engine.turn()
    }
    return make()
  })
  const engine: Replica = oneActs({
    lease,
    leaseMs: LEASE_MS,
    clock: { now: () => around.clock.now() + aheadMs },
    log,
    newEngine(mayAct) {
      const made = around.startProcess(death, { ...both(turning, ways), log, told, mayAct })
      lives.push(made.life)
      return made.engine
    },
  })
  return { engine, life: lives[0]!, engines: () => lives.length }
}

/** Time passes, and each of them has its turn. */
export async function pass(around: Surroundings, ms: number, processes: readonly TurnTaker[]) {
  around.pass(ms)
  for (const { engine, life } of processes) {
    if (life.dead) continue
    // Its turn, and what it takes up with it.
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await engine.resume()
    engine.tick()
    // oxlint-disable-next-line no-await-in-loop -- as above
    await atRest(engine, life)
  }
}
