import { readAnswer, readEnrolment, readLink } from '../../domain/second-factor/kept-rows.ts'
import type { SecondFactorRows } from '../../ports/second-factor.ts'
import type { Session } from './connections.ts'

const PEOPLE = `
  SELECT person, id, handle, secret, made::float8, proved::float8, confirmed::float8, confirmed_by,
    last_step::float8
  FROM backout.second_factors`

const BY = { user: 'WHERE person = $1', handle: 'WHERE handle = $1' } as const

/** The rows on the server, as every store has them. */
export function secondFactorRows(ask: Session['ask']): SecondFactorRows {
  /** Of a statement that returns what it changed. */
  const isAny = async (text: string, values: readonly unknown[]) =>
    (await ask(text, values)).length > 0
  const done = async (text: string, values: readonly unknown[]) => void (await ask(text, values))

  return {
    async person(by, value) {
      const [row] = await ask(`${PEOPLE} ${BY[by]}`, [value])
      return row ? readEnrolment(row) : null
    },
    people: async () => (await ask(`${PEOPLE} ORDER BY person`)).map(readEnrolment),
    putPerson: ({ enrolment, sealed, lastStep }) => {
      const { user, id, handle, madeMs, provedMs, confirmed } = enrolment
      const word = [confirmed?.atMs ?? null, confirmed?.by ?? null]
      return done(PUT_PERSON, [user, id, handle, sealed, madeMs, provedMs, ...word, lastStep])
    },
    forget: (user) => isAny(FORGET, [user]),
    async linkOf(hash) {
      const asked = 'SELECT person, until::float8 FROM backout.second_factor_links WHERE hash = $1'
      const [row] = await ask(asked, [hash])
      return row ? readLink(row) : null
    },
    putLink: (user, link) =>
      link
        ? done(PUT_LINK, [user, link.hash, link.untilMs])
        : done('DELETE FROM backout.second_factor_links WHERE person = $1', [user]),
    async wrongSince(user, sinceMs) {
      const asked = `SELECT at::float8 FROM backout.wrong_codes WHERE person = $1 AND at > $2 ORDER BY at`
      return (await ask(asked, [user, sinceMs])).map(({ at }) => Number(at))
    },
    addWrong: (user, atMs) =>
      done('INSERT INTO backout.wrong_codes (person, at) VALUES ($1, $2)', [user, atMs]),
    spend: (id, step) => isAny(SPEND, [id, step]),
    async answer(key) {
      const asked = 'SELECT at::float8, body FROM backout.kept_answers WHERE key = $1'
      const [row] = await ask(asked, [key])
      return row ? readAnswer(row) : null
    },
    putAnswer: (key, { atMs, body }) => done(PUT_ANSWER, [key, atMs, body]),
    async proof() {
      const [row] = await ask('SELECT body FROM backout.signing_seal')
      const body = row?.['body']
      return body instanceof Uint8Array ? body : null
    },
    putProof: (body) => done(PUT_PROOF, [body]),
    forgetOld: ({ wrongMs, answersMs }) => done(FORGET_OLD, [wrongMs, answersMs]),
  }
}

const PUT_PERSON = `
  INSERT INTO backout.second_factors
    (person, id, handle, secret, made, proved, confirmed, confirmed_by, last_step)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (person) DO UPDATE SET
    id = excluded.id, handle = excluded.handle, secret = excluded.secret, made = excluded.made,
    proved = excluded.proved, confirmed = excluded.confirmed, confirmed_by = excluded.confirmed_by,
    last_step = excluded.last_step`

const FORGET = `
  WITH
    links AS (DELETE FROM backout.second_factor_links WHERE person = $1 RETURNING person),
    people AS (DELETE FROM backout.second_factors WHERE person = $1 RETURNING person)
  SELECT person FROM links UNION ALL SELECT person FROM people`

const PUT_LINK = `
  INSERT INTO backout.second_factor_links (person, hash, until) VALUES ($1, $2, $3)
  ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, until = excluded.until`

/** Of any number of processes that show the same code, the server lets one through. */
const SPEND = `
  UPDATE backout.second_factors SET last_step = $2 WHERE id = $1 AND last_step < $2 RETURNING id`

const PUT_ANSWER = `
  INSERT INTO backout.kept_answers (key, at, body) VALUES ($1, $2, $3)
  ON CONFLICT (key) DO UPDATE SET at = excluded.at, body = excluded.body`

const PUT_PROOF = `
  INSERT INTO backout.signing_seal (body) VALUES ($1)
  ON CONFLICT (is_only) DO UPDATE SET body = excluded.body`

const FORGET_OLD = `
  WITH wrong AS (DELETE FROM backout.wrong_codes WHERE at <= $1)
  DELETE FROM backout.kept_answers WHERE at <= $2`
