import { careful, ok, type Check } from '../../domain/base/doctor-check.ts'
import type { Connections, Session } from './connections.ts'

const TRIED = 'what stands before the server'
const ASK_MS = 3_000

/**
 * A pooler gives out a number of its own for a connection. One in transaction mode gives the session of
 * whoever is not in a transaction to the next who is: then the same connection meets another session.
 */
export async function poolerBefore(connections: Connections): Promise<Check> {
  return connections.use(ASK_MS, async (one) => {
    const first = await processOf(one)
    if (first === one.process) return ok('journal', TRIED, 'nothing: the connection is its own')
    const then = await connections.use(ASK_MS, async (other) => {
      await other.ask('BEGIN')
      await processOf(other)
      const meanwhile = await processOf(one)
      await other.ask('ROLLBACK')
      return meanwhile
    })
    const mode = then === first ? '' : ' in transaction mode'
    const found = `a pooler${mode}; the journal needs nothing that it takes away`
    return then === first
      ? ok('journal', TRIED, found)
      : careful('journal', TRIED, found, 'nothing, unless the way can be shorter')
  })
}

async function processOf(session: Session): Promise<number> {
  const [row] = await session.ask('SELECT pg_backend_pid() AS process')
  return Number(row?.['process'])
}
