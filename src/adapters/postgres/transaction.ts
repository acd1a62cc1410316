import { Fault } from '../../domain/base/fault.ts'
import type { Connections, Session } from './connections.ts'
import { refuseNewer } from './layout.ts'
import { naming, WRITING, type HeldLock } from './lock-holder.ts'

/** How long one waits for whoever writes now, in milliseconds. */
const LOCK_MS = 1_500
/** The server itself breaks off what nobody waits for any more. */
const STATEMENT_MS = 5_000

/*
 * All that a commit needs is set in the transaction itself: a pooler may give every one of them another
 * session. What waits for more than `on` does (remote_apply) stays as it is.
 */
export const WAIT_FOR_DISK = `
  set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)`
export const WAIT_FOR_LOCK = `set_config('lock_timeout', '${LOCK_MS}', true)`

const SETTINGS = `
  BEGIN ISOLATION LEVEL READ COMMITTED;
  SELECT
    ${WAIT_FOR_DISK},
    ${WAIT_FOR_LOCK},
    set_config('statement_timeout', '${STATEMENT_MS}', true),
    set_config('idle_in_transaction_session_timeout', '${STATEMENT_MS}', true);`

const LAYOUT = `
  SELECT version, written_by_from, xmin::text AS mark, current_setting('synchronous_commit') AS waits
  FROM backout.layout`

const JOURNAL = `${SETTINGS} ${LAYOUT} FOR NO KEY UPDATE`

/** What stands beside the journal has locks of its own, which hold up no event: their names in letters' numbers, as far as they go. */
const BESIDE = {
  'second factors': { what: 'holds the second factors', advisory: 0x7365_636f },
  releases: { what: 'holds the release ledger', advisory: 0x7265_6c65 },
} as const satisfies Record<string, HeldLock>

/** Of the layout's row, as it was touched last. */
export type LayoutMark = string

/**
 * Begins a transaction that is alone in writing: whoever comes next waits for its end. So positions become
 * visible in their order, and nobody who follows passes one that is committed later (see docs/decisions.md).
 */
export function beginWriting(connections: Connections, session: Session): Promise<LayoutMark> {
  return naming(WRITING, { connections, session }, begin(session, JOURNAL))
}

/** The same for what stands beside the journal: alone among those who write it, and as durable. */
export async function beginAlone(
  beside: keyof typeof BESIDE,
  at: { readonly connections: Connections; readonly session: Session },
): Promise<void> {
  const lock = BESIDE[beside]
  const taking = `${SETTINGS} SELECT pg_advisory_xact_lock(${lock.advisory}); ${LAYOUT}`
  await naming(lock, at, begin(at.session, taking))
}

async function begin(session: Session, statements: string): Promise<LayoutMark> {
  const [layout] = await session.ask(statements)
  if (!layout) throw wrong(`the journal on ${session.at} has lost its layout`)
  refuseNewer(layout)
  const { waits, mark } = layout
  if (waits === 'on' || waits === 'remote_apply') return String(mark)
  throw wrong(
    `the journal on ${session.at}: synchronous_commit is ${String(waits)} there and cannot be switched on, so that what is written could be lost`,
  )
}

/**
 * Something that is written and changes nothing: its commit confirms all that was written before it. What is still on its
 * way, and was foreseen with the mark from before, is not written any more.
 */
export async function touch(session: Session): Promise<void> {
  await session.ask('UPDATE backout.layout SET version = version')
}

function wrong(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'journal', detail })
}
