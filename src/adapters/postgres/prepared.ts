import { hash } from 'node:crypto'
import type pg from 'pg'
import { codeOf } from '../../domain/base/network-trouble.ts'

/**
 * Statements that a server plans once in a session, and not each time they are asked. Only in a session of our own:
 * a pooler in transaction mode may give the next statement to another one, which has prepared other things.
 */
export type Prepared = {
  /** `process`: the number of the session by the server's own word. It is our own where the connection was given the same. */
  meet(client: pg.ClientBase, process: number): void
  isOwn(client: pg.ClientBase): boolean
  /** Where the server knows nothing of what we have prepared, something does stand between, and nothing is prepared any more. */
  hear(error: unknown): void
}

export function preparing(): Prepared {
  const own = new WeakSet<pg.ClientBase>()
  let isOff = false
  return {
    meet(client, process) {
      if (numberOf(client) === process) own.add(client)
    },
    isOwn: (client) => !isOff && own.has(client),
    hear(error) {
      isOff ||= NOT_PREPARED.has(codeOf(error) ?? '')
    },
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: invalid_sql_statement_name, duplicate_prepared_statement. */
const NOT_PREPARED: ReadonlySet<string> = new Set(['26000', '42P05'])

/** What the server, or whatever stands before it, has given the connection; `null`: nothing. */
export function numberOf(client: pg.ClientBase): number | null {
  const given: unknown = Reflect.get(client, 'processID')
  return typeof given === 'number' ? given : null
}

const names = new Map<string, string>()

/** Told by the text, so that two versions of Backout never mean two statements by one name. */
export function preparedAs(text: string): string {
  const name = names.get(text) ?? hash('sha256', text, 'base64url')
  names.set(text, name)
  return name
}
