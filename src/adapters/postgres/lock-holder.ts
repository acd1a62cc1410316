import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { Connections, Session } from './connections.ts'

/** What one waits for: the row that whoever writes the journal holds, or the number of an advisory lock. */
export type HeldLock = { readonly what: string; readonly advisory: number | null }

export const WRITING: HeldLock = { what: 'holds the journal', advisory: null }

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: lock_not_available. */
const NOT_AVAILABLE = '55P03'

/** Runs what waits for this lock. Where it waits in vain, the fault says who has it. */
export async function naming<Result>(
  lock: HeldLock,
  { connections, session }: { readonly connections: Connections; readonly session: Session },
  waiting: Promise<Result>,
): Promise<Result> {
  try {
    return await waiting
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== NOT_AVAILABLE) throw error
    const who = await holderOf(lock, connections)
    const detail = `the journal on ${session.at}: another one ${lock.what}${who}`
    const { kind, code } = error
    throw new Fault({ kind, dependency: 'journal', detail, code, cause: error })
  }
}

const Holder = z.object({
  pid: z.int(),
  name: z.string(),
  from: z.string().nullable(),
  seconds: z.number().nullable(),
  waitsFor: z.string().nullable(),
})

/** Whoever may not read the statistics sees the name, and neither from where nor since when. */
const HOLDER = `
  SELECT pid, coalesce(nullif(application_name, ''), 'unnamed') AS name,
    CASE WHEN client_port = -1 THEN 'a socket' ELSE host(client_addr) END AS "from",
    wait_event AS "waitsFor", extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
  FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE granted AND pid <> pg_backend_pid()`

const OF_THE_JOURNAL = `${HOLDER}
    AND relation = 'backout.layout'::regclass AND mode = 'RowShareLock'
    AND NOT EXISTS (SELECT 1 FROM pg_locks AS wanted WHERE wanted.pid = pg_locks.pid AND NOT granted)
  LIMIT 1`

/** https://www.postgresql.org/docs/current/view-pg-locks.html: a number is two halves, and objsubid 1 says so. */
const OF_A_NUMBER = `${HOLDER}
    AND locktype = 'advisory' AND classid = 0 AND objid = $1::bigint::oid AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  LIMIT 1`

const NAME_MS = 500

async function holderOf({ advisory }: HeldLock, connections: Connections): Promise<string> {
  const rows = await connections
    .use(NAME_MS, (session) =>
      advisory === null ? session.ask(OF_THE_JOURNAL) : session.ask(OF_A_NUMBER, [advisory]),
    )
    .catch(() => [])
  const { data: holder } = Holder.safeParse(rows[0])
  if (!holder) return ''
  const { pid, name, from, seconds, waitsFor } = holder
  const where = from === null ? '' : `, from ${from}`
  const since = seconds === null ? '' : `, since ${Math.round(seconds)} s`
  const why = waitsFor === 'SyncRep' ? '; it waits for a standby to confirm' : ''
  return `: process ${pid} of the server (${name}${where})${since}${why}`
}
