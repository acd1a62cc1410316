import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Enrolment } from '../../domain/second-factor/enrolment.ts'

const Row = z.object({
  user: z.string(),
  id: z.string(),
  handle: z.string(),
  secret: z.instanceof(Uint8Array),
  made: z.number(),
  proved: z.number().nullable(),
  confirmed: z.number().nullable(),
  confirmed_by: z.string().nullable(),
  last_step: z.number(),
})

/** An enrolment as it is kept. */
export type Kept = {
  readonly enrolment: Enrolment
  readonly sealed: Uint8Array
  readonly lastStep: number
}

const BY = { user: 'WHERE user = ?', handle: 'WHERE handle = ?' } as const

export function keptBy(database: DatabaseSync, by: keyof typeof BY, value: string): Kept | null {
  const row = database.prepare(`SELECT * FROM people ${BY[by]}`).get(value)
  return row ? keptOf(row) : null
}

export function allKept(database: DatabaseSync): readonly Kept[] {
  return database.prepare('SELECT * FROM people ORDER BY user').all().map(keptOf)
}

function keptOf(row: unknown): Kept {
  const kept = Row.parse(row)
  const { user, id, handle, made: madeMs, proved: provedMs, confirmed, confirmed_by } = kept
  const word = confirmed === null ? null : { by: confirmed_by ?? '', atMs: confirmed }
  const enrolment = { user, id, handle, madeMs, provedMs, confirmed: word }
  return { enrolment, sealed: kept.secret, lastStep: kept.last_step }
}

/** When each wrong code of this person came that still matters, the oldest first. */
export function wrongOf(database: DatabaseSync, user: string, sinceMs: number): readonly number[] {
  return database
    .prepare('SELECT at FROM wrong WHERE user = ? AND at > ? ORDER BY at')
    .all(user, sinceMs)
    .map(({ at }) => Number(at))
}
