import { randomBytes, randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { isWrong, judgeCode, LOCKOUT, type CodeVerdict } from '../../domain/second-factor/code.ts'
import { LINK_MS, validFromMs, type Enrolment } from '../../domain/second-factor/enrolment.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeptAnswers, NewSecret, SecondFactor } from '../../ports/second-factor.ts'
import { allKept, keptBy, wrongOf, type Kept } from './enrolments.ts'
import { inTransaction } from '../../machine/sqlite-file.ts'
import { guarded, openSecondFactorFile, secondFactorFile } from './file.ts'
import { keptAnswers } from './kept-answers.ts'
import { digestOf, sealWith, type Seal } from './seal.ts'
import { newSecret, stepOf, uriOf } from './totp.ts'

/** Letters that nobody takes for one another, as they are typed on a phone at night. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const HANDLE = 8

/** Wrong codes older than this lock nobody any more. */
const REMEMBER_MS = LOCKOUT.withinMs + LOCKOUT.lockedMs

type Store = {
  readonly database: DatabaseSync
  readonly seal: Seal
  readonly clock: Clock
  readonly issuer: string
}

/** Second factors in a file of their own, whose secrets nobody reads without the key. */
export function openSecondFactor(options: {
  readonly folder: string
  readonly key: string
  /** What an entry is called in people's authenticators. */
  readonly issuer: string
  readonly clock: Clock
}): SecondFactor & { readonly answers: KeptAnswers; close(): void } {
  const { clock, issuer } = options
  const file = secondFactorFile(options.folder)
  const seal = sealWith(options.key)
  const database = openSecondFactorFile(file, seal)
  const store: Store = { database, seal, clock, issuer }

  /** The write lock is held from the first look to the last word: another process waits. */
  async function whole<Result>(run: () => Result): Promise<Result> {
    return guarded(file, () => inTransaction(database, run))
  }
  const read = async <Result>(run: () => Result): Promise<Result> => guarded(file, run)

  return {
    invite: (user) => whole(() => invite(store, user)),
    invited: (token) => read(() => invited(store, token)),
    redeem: (token) => whole(() => redeem(store, token)),
    prove: (user, code) => whole(() => prove(store, user, code)),
    confirm: (user, id, by) => whole(() => confirm(store, user, id, by)),
    revoke: (user) => whole(() => revoke(store, user)),
    enrolmentOf: (user) => read(() => keptBy(database, 'user', user)?.enrolment ?? null),
    named: (handle) => read(() => keptBy(database, 'handle', handle)?.enrolment ?? null),
    all: () => read(() => allKept(database).map(({ enrolment }) => enrolment)),
    use: (user, code) => whole(() => use(store, user, code)),
    answers: keptAnswers({ database, seal, clock, whole, read }),
    close: () => database.close(),
  }
}

function invite({ database, clock }: Store, user: string) {
  if (keptBy(database, 'user', user)?.enrolment.provedMs) return null
  const token = randomBytes(32).toString('base64url')
  const untilMs = clock.now() + LINK_MS
  database
    .prepare('INSERT OR REPLACE INTO links (user, hash, until) VALUES (?, ?, ?)')
    .run(user, digestOf(token), untilMs)
  return { token, untilMs }
}

function invited({ database, clock }: Store, token: string): string | null {
  const row = database
    .prepare('SELECT user FROM links WHERE hash = ? AND until > ?')
    .get(digestOf(token), clock.now())
  return row ? String(row['user']) : null
}

function redeem(store: Store, token: string): NewSecret | null {
  const { database, seal, clock, issuer } = store
  const user = invited(store, token)
  if (user === null) return null
  database.prepare('DELETE FROM links WHERE user = ?').run(user)
  const id = randomUUID()
  const handle = newHandle()
  const secret = newSecret()
  database
    .prepare(
      'INSERT OR REPLACE INTO people (user, id, handle, secret, made, last_step) VALUES (?, ?, ?, ?, ?, -1)',
    )
    .run(user, id, handle, seal.close(secret, aboutSecret({ user, id })), clock.now())
  return { user, handle, secret, uri: uriOf(secret, { issuer, handle }) }
}

function prove(store: Store, user: string, code: string): CodeVerdict {
  const { database, clock } = store
  const kept = keptBy(database, 'user', user)
  const nowMs = clock.now()
  if (!kept || kept.enrolment.provedMs !== null || nowMs - kept.enrolment.madeMs > LINK_MS) {
    return { kind: 'too-early', fromMs: null }
  }
  // What is proved is that the secret arrived: for that alone its enrolment counts from its first moment.
  const verdict = judged(store, kept, code, kept.enrolment.madeMs)
  if (verdict.kind === 'counts') {
    database.prepare('UPDATE people SET proved = ? WHERE id = ?').run(nowMs, kept.enrolment.id)
  }
  return verdict
}

function confirm({ database, clock }: Store, user: string, id: string, by: string): boolean {
  const { changes } = database
    .prepare(
      `UPDATE people SET confirmed = ?, confirmed_by = ?
       WHERE user = ? AND id = ? AND proved IS NOT NULL AND confirmed IS NULL AND user <> ?`,
    )
    .run(clock.now(), by, user, id, by)
  return changes === 1
}

/** A link that was not used yet is gone with it. */
function revoke({ database }: Store, user: string): boolean {
  const links = database.prepare('DELETE FROM links WHERE user = ?').run(user)
  const people = database.prepare('DELETE FROM people WHERE user = ?').run(user)
  return Number(links.changes) > 0 || Number(people.changes) > 0
}

function use(store: Store, user: string, code: string): CodeVerdict {
  const kept = keptBy(store.database, 'user', user)
  if (!kept?.enrolment.provedMs) return { kind: 'too-early', fromMs: null }
  return judged(store, kept, code, validFromMs(kept.enrolment))
}

/** Judges, and writes down what follows: that it was wrong, or that this half minute has counted. */
function judged(store: Store, kept: Kept, code: string, fromMs: number | null): CodeVerdict {
  const { database, seal, clock } = store
  const { user, id } = kept.enrolment
  const nowMs = clock.now()
  const secret = seal.open(kept.sealed, aboutSecret(kept.enrolment))
  const step = stepOf(secret, code, nowMs)
  const verdict = judgeCode({
    step,
    lastStep: kept.lastStep,
    wrongMs: wrongOf(database, user, nowMs - REMEMBER_MS),
    validFromMs: fromMs,
    nowMs,
  })
  if (isWrong(verdict)) {
    database.prepare('DELETE FROM wrong WHERE at <= ?').run(nowMs - REMEMBER_MS)
    database.prepare('INSERT INTO wrong (user, at) VALUES (?, ?)').run(user, nowMs)
  }
  const isSpent = verdict.kind === 'counts' || verdict.kind === 'too-early'
  if (!isSpent || step === null) return verdict
  // A condition and not only a look before: nothing else decides whether a code has counted.
  const { changes } = database
    .prepare('UPDATE people SET last_step = ? WHERE id = ? AND last_step < ?')
    .run(step, id, step)
  return changes === 1 ? verdict : { kind: 'used', left: 0 }
}

function aboutSecret({ user, id }: Pick<Enrolment, 'user' | 'id'>): string {
  return `secret of ${user}, ${id}`
}

function newHandle(): string {
  // 31 letters: what is left over of a byte is drawn again, so that each is as likely.
  const letters: string[] = []
  while (letters.length < HANDLE) {
    const [byte = 255] = randomBytes(1)
    if (byte < LETTERS.length * 8) letters.push(LETTERS[byte % LETTERS.length] ?? '')
  }
  return letters.join('')
}
