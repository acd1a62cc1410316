import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { z } from 'zod'
import type { KeptEnrolment, SecondFactorRows } from '../../ports/second-factor.ts'

const Person = z.object({
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
const Link = z.object({ user: z.string(), until: z.number() })
const Answer = z.object({ at: z.number(), body: z.instanceof(Uint8Array) })

/** In the table of what is sealed: opens only with the key that the store was made with. */
const PROOF = 'proof'

const BY = { user: 'WHERE user = ?', handle: 'WHERE handle = ?' } as const

/** The rows of the file, as every store has them. */
export function fileRows(database: DatabaseSync): SecondFactorRows {
  const get = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).get(...values)
  const all = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).all(...values)
  const run = (sql: string, ...values: SQLInputValue[]) =>
    Number(database.prepare(sql).run(...values).changes)

  return {
    async person(by, value) {
      const row = get(`SELECT * FROM people ${BY[by]}`, value)
      return row ? keptOf(row) : null
    },
    people: async () => all('SELECT * FROM people ORDER BY user').map(keptOf),
    async putPerson({ enrolment, sealed, lastStep }) {
      const { user, id, handle, madeMs, provedMs, confirmed } = enrolment
      run(
        `INSERT OR REPLACE INTO people
           (user, id, handle, secret, made, proved, confirmed, confirmed_by, last_step)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        user,
        id,
        handle,
        sealed,
        madeMs,
        provedMs,
        confirmed?.atMs ?? null,
        confirmed?.by ?? null,
        lastStep,
      )
    },
    async forget(user) {
      const links = run('DELETE FROM links WHERE user = ?', user)
      return run('DELETE FROM people WHERE user = ?', user) + links > 0
    },
    async linkOf(hash) {
      const row = get('SELECT user, until FROM links WHERE hash = ?', hash)
      if (!row) return null
      const { user, until: untilMs } = Link.parse(row)
      return { user, untilMs }
    },
    async putLink(user, link) {
      run('DELETE FROM links WHERE user = ?', user)
      if (link) {
        run('INSERT INTO links (user, hash, until) VALUES (?, ?, ?)', user, link.hash, link.untilMs)
      }
    },
    wrongSince: async (user, sinceMs) =>
      all('SELECT at FROM wrong WHERE user = ? AND at > ? ORDER BY at', user, sinceMs).map(
        ({ at }) => Number(at),
      ),
    async addWrong(user, atMs) {
      run('INSERT INTO wrong (user, at) VALUES (?, ?)', user, atMs)
    },
    spend: async (id, step) =>
      run('UPDATE people SET last_step = ? WHERE id = ? AND last_step < ?', step, id, step) === 1,
    async answer(key) {
      const row = get('SELECT at, body FROM answers WHERE key = ?', key)
      if (!row) return null
      const { at: atMs, body } = Answer.parse(row)
      return { atMs, body }
    },
    async putAnswer(key, { atMs, body }) {
      run('INSERT OR REPLACE INTO answers (key, at, body) VALUES (?, ?, ?)', key, atMs, body)
    },
    async proof() {
      const { body } = get('SELECT body FROM sealed WHERE what = ?', PROOF) ?? {}
      return body instanceof Uint8Array ? body : null
    },
    async putProof(body) {
      run('INSERT OR REPLACE INTO sealed (what, body) VALUES (?, ?)', PROOF, body)
    },
    async forgetOld({ wrongMs, answersMs }) {
      run('DELETE FROM wrong WHERE at <= ?', wrongMs)
      run('DELETE FROM answers WHERE at <= ?', answersMs)
    },
  }
}

function keptOf(row: unknown): KeptEnrolment {
  const { confirmed, confirmed_by, ...kept } = Person.parse(row)
  const { user, id, handle, made: madeMs, proved: provedMs, secret: sealed } = kept
  const word = confirmed === null ? null : { by: confirmed_by ?? '', atMs: confirmed }
  const enrolment = { user, id, handle, madeMs, provedMs, confirmed: word }
  return { enrolment, sealed, lastStep: kept.last_step }
}
