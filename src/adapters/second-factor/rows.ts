import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { readAnswer, readEnrolment, readLink } from '../../domain/second-factor/kept-rows.ts'
import type { SecondFactorRows } from '../../ports/second-factor.ts'

/** In the table of what is sealed: opens only with the key that the store was made with. */
const PROOF = 'proof'

const PEOPLE = 'SELECT *, user AS person FROM people'

const BY = { user: 'WHERE user = ?', handle: 'WHERE handle = ?' } as const

/** The rows of the file, as every store has them. */
export function fileRows(database: DatabaseSync): SecondFactorRows {
  const get = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).get(...values)
  const all = (sql: string, ...values: SQLInputValue[]) => database.prepare(sql).all(...values)
  const run = (sql: string, ...values: SQLInputValue[]) =>
    Number(database.prepare(sql).run(...values).changes)

  return {
    async person(by, value) {
      const row = get(`${PEOPLE} ${BY[by]}`, value)
      return row ? readEnrolment(row) : null
    },
    people: async () => all(`${PEOPLE} ORDER BY user`).map(readEnrolment),
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
      const row = get('SELECT user AS person, until FROM links WHERE hash = ?', hash)
      return row ? readLink(row) : null
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
      return row ? readAnswer(row) : null
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
