import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { Connections, Session } from './connections.ts'
import { refuseNewer } from './layout.ts'

/** How long one waits for whoever writes now, in milliseconds. */
const LOCK_MS = 1_500
/** The server itself breaks off what nobody waits for any more. */
const STATEMENT_MS = 5_000

/*
 * All that a commit needs is set in the transaction itself: a pooler may give every one of them another
 * session. What waits for more than `on` does (remote_apply) stays as it is.
 */
const SETTINGS = `
  BEGIN ISOLATION LEVEL READ COMMITTED;
  SELECT
    set_config('synchronous_commit', CASE current_setting('synchronous_commit')
      WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true),
    set_config('lock_timeout', '${LOCK_MS}', true),
    set_config('statement_timeout', '${STATEMENT_MS}', true),
    set_config('idle_in_transaction_session_timeout', '${STATEMENT_MS}', true);`

const LAYOUT = `
  SELECT version, written_by_from, current_setting('synchronous_commit') AS waits
  FROM backout.layout`

/** One for all that write second factors: "second" in letters' numbers, as far as they go. */
const ALONE_LOCK = 0x7365_636f

/** The lock of the journal, and that of the second factors, which holds up no event. */
const JOURNAL = `${SETTINGS} ${LAYOUT} FOR NO KEY UPDATE`
const ALONE = `${SETTINGS} SELECT pg_advisory_xact_lock(${ALONE_LOCK}); ${LAYOUT}`

/**
 * Begins a transaction that is alone in writing: whoever comes next waits for its end. So positions become
 * visible in their order, and nobody who follows passes one that is committed later (see docs/decisions.md).
 */
export async function beginWriting(connections: Connections, session: Session): Promise<void> {
  try {
    await begin(session, JOURNAL)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== '55P03') throw error
    throw await namingHolder(connections, error)
  }
}

/** The same for second factors: alone among those who write them, and as durable. */
export function beginAlone(session: Session): Promise<void> {
  return begin(session, ALONE)
}

async function begin(session: Session, statements: string): Promise<void> {
  const [layout] = await session.ask(statements)
  if (!layout) throw wrong(`the journal on ${session.at} has lost its layout`)
  refuseNewer(layout)
  const { waits } = layout
  if (waits === 'on' || waits === 'remote_apply') return
  throw wrong(
    `the journal on ${session.at}: synchronous_commit is ${String(waits)} there and cannot be switched on, so that what is written could be lost`,
  )
}

/** Something that is written and changes nothing: its commit confirms all that was written before it. */
export async function touch(session: Session): Promise<void> {
  await session.ask('UPDATE backout.layout SET version = version')
}

function wrong(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'journal', detail })
}

const Holder = z.object({
  pid: z.int(),
  name: z.string(),
  from: z.string(),
  seconds: z.number().nullable(),
  waitsFor: z.string().nullable(),
})

const HOLDER = `
  SELECT pid, coalesce(nullif(application_name, ''), 'unnamed') AS name,
    coalesce(host(client_addr), 'a socket') AS "from", wait_event AS "waitsFor",
    extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
  FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE relation = 'backout.layout'::regclass AND granted AND mode = 'RowShareLock'
    AND pid <> pg_backend_pid()
    AND NOT EXISTS (SELECT 1 FROM pg_locks AS wanted WHERE wanted.pid = pg_locks.pid AND NOT granted)
  LIMIT 1`

const NAME_MS = 500

async function namingHolder(connections: Connections, fault: Fault): Promise<Fault> {
  const rows = await connections.use(NAME_MS, (session) => session.ask(HOLDER)).catch(() => [])
  const { data: holder } = Holder.safeParse(rows[0])
  if (!holder) return fault
  const { pid, name, from, seconds, waitsFor } = holder
  const since = seconds === null ? '' : `, since ${Math.round(seconds)} s`
  const why = waitsFor === 'SyncRep' ? '; it waits for a standby to confirm' : ''
  const who = `process ${pid} of the server (${name}, from ${from})`
  const { kind, code } = fault
  const detail = `${fault.detail}: ${who}${since}${why}`
  return new Fault({ kind, dependency: 'journal', detail, code, cause: fault })
}
