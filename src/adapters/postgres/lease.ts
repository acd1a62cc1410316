import { z } from 'zod'
import type { Lease } from '../../ports/lease.ts'
import { openConnections } from './connections.ts'
import type { JournalServer } from './server.ts'

const ASK_MS = 2_000

const Term = z.object({ epoch: z.int() })

/**
 * One row, written and judged by the server's clock in one statement: the clocks of two machines cannot disagree
 * about it. It says nothing of what is durable, so no standby is waited for.
 */
const HOLD = `
  INSERT INTO backout.leases AS lease (name, holder, epoch, until)
  VALUES ('acting', $1, 1, clock_timestamp() + $2 * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET
    holder = excluded.holder,
    epoch = lease.epoch + (lease.holder <> excluded.holder)::int,
    until = clock_timestamp() + $2 * interval '1 millisecond'
  WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()
  RETURNING epoch::float8`

const RELEASE = `
  UPDATE backout.leases SET until = '-infinity' WHERE name = 'acting' AND holder = $1`

/** `holder`: a name that no other process has. */
export function postgresLease({
  server,
  holder,
  leaseMs,
}: {
  readonly server: JournalServer
  readonly holder: string
  readonly leaseMs: number
}): Lease {
  const connections = openConnections(server)

  async function alone(text: string, values: readonly unknown[]) {
    return connections.use(ASK_MS, async (session) => {
      await session.ask('BEGIN; SET LOCAL synchronous_commit = local')
      const [row] = await session.ask(text, values)
      await session.commit()
      return row
    })
  }

  return {
    async hold() {
      const row = await alone(HOLD, [holder, leaseMs])
      return row === undefined ? null : Term.parse(row).epoch
    },
    async release() {
      await alone(RELEASE, [holder])
    },
    close: () => connections.close(),
  }
}
