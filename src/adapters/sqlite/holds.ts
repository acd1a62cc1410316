import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

const Holder = z.object({ incident: z.string(), plan: z.int() })
export type Holder = z.infer<typeof Holder>

/** Which plan may write to which target: one row a target. For use inside a transaction. */
export type Holds = {
  /** The first plan other than these that holds one of the targets. */
  otherHolder(targets: readonly string[], than: readonly Holder[]): Holder | null
  /** Claims targets that no other plan holds. */
  claim(targets: readonly string[], holder: Holder): void
  release(holder: Holder): void
}

export function holdsIn(database: DatabaseSync): Holds {
  const holderOf = database.prepare('SELECT incident, plan FROM holds WHERE target = ?')
  // What the plan holds already stays its own; another plan's is looked for before.
  const claim = database.prepare(
    'INSERT INTO holds (target, incident, plan) VALUES (?, ?, ?) ON CONFLICT (target) DO NOTHING',
  )
  const release = database.prepare('DELETE FROM holds WHERE incident = ? AND plan = ?')
  return {
    otherHolder(targets, than) {
      for (const target of targets) {
        const row = holderOf.get(target)
        if (!row) continue
        const holder = Holder.parse(row)
        if (!than.some((one) => one.incident === holder.incident && one.plan === holder.plan))
          return holder
      }
      return null
    },
    claim(targets, { incident, plan }) {
      for (const target of targets) claim.run(target, incident, plan)
    },
    release({ incident, plan }) {
      release.run(incident, plan)
    },
  }
}
