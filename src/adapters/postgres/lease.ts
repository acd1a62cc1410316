import { z } from 'zod'
import type { Lease } from '../../ports/lease.ts'
import { openConnections } from './connections.ts'
import type { JournalServer } from './server.ts'

const ASK_MS = 2_000

const Term = z.object({ epoch: z.int() })

/*
 * One row, written and judged by the server's clock in one statement: the clocks of two machines cannot disagree
 * about it. A transaction of several would keep its lock for as long as its process is frozen in the middle of it,
 * and nobody could take the row over. It says nothing of what is durable, so no standby is waited for.
 */
const ALONE = `WITH alone AS (SELECT set_config('synchronous_commit', 'local', true))`

const HOLD = `
  ${ALONE}
  INSERT INTO backout.leases AS lease (name, holder, epoch, until)
  SELECT 'acting', $1, 1, clock_timestamp() + $2 * interval '1 millisecond' FROM alone
  ON CONFLICT (name) DO UPDATE SET
    holder = excluded.holder,
    epoch = lease.epoch + (lease.holder <> excluded.holder)::int,
    until = clock_timestamp() + $2 * interval '1 millisecond'
  WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()
  RETURNING epoch::float8`

const RELEASE = `
  ${ALONE}
  UPDATE backout.leases SET until = '-infinity' FROM alone WHERE name = 'acting' AND holder = $1`

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

  const ask = (text: string, values: readonly unknown[]) =>
    connections.use(ASK_MS, (session) => session.ask(text, values))

  return {
    async hold() {
      const [row] = await ask(HOLD, [holder, leaseMs])
      return row === undefined ? null : Term.parse(row).epoch
    },
    async release() {
      await ask(RELEASE, [holder])
    },
    close: () => connections.close(),
  }
}
