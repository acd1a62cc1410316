import { randomBytes, randomUUID } from 'node:crypto'
import { isWrong, judgeCode, type CodeVerdict } from '../../domain/second-factor/code.ts'
import { LINK_MS, validFromMs, type Enrolment } from '../../domain/second-factor/enrolment.ts'
import type { KeptEnrolment } from '../../domain/second-factor/kept-rows.ts'
import type { Clock } from '../../ports/clock.ts'
import type {
  NewSecret,
  SecondFactorPlace,
  SecondFactorRows,
  SigningStore,
} from '../../ports/second-factor.ts'
import { forgetBefore } from './forget-before.ts'
import { keptAnswers } from './kept-answers.ts'
import { digestOf, sealWith, type Seal } from './seal.ts'
import { newSecret, stepOf, uriOf } from './totp.ts'

/** Letters that nobody takes for one another, as they are typed on a phone at night. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const HANDLE = 8

/** Of what Slack answers many ask for the same. */
const SAME_ANSWER_MS = 60_000

/** Opens only with the key that the store was begun with. */
const PROOF = 'proof'

type Store = {
  readonly rows: SecondFactorRows
  readonly seal: Seal
  readonly nowMs: number
  readonly issuer: string
}

/** Second factors wherever they are kept, whose secrets nobody reads without the key. Throws a `Fault` with another one. */
export async function openSecondFactor(options: {
  readonly place: SecondFactorPlace
  readonly key: string
  /** What an entry is called in people's authenticators. */
  readonly issuer: string
  readonly clock: Clock
}): Promise<SigningStore> {
  const { place, clock, issuer } = options
  const seal = sealWith(options.key)
  await place.whole((rows) => refuseOtherKey(rows, seal))
  const store = (rows: SecondFactorRows): Store => ({ rows, seal, nowMs: clock.now(), issuer })

  const whole = <Result>(run: (over: Store) => Promise<Result>): Promise<Result> =>
    place.whole((rows) => run(store(rows)))
  const enrolmentBy = async (by: 'user' | 'handle', value: string) =>
    (await place.each((rows) => rows.person(by, value)))?.enrolment ?? null
  const of = { place, seal, clock }

  return {
    invite: (user) => whole((over) => invite(over, user)),
    invited: (token) => place.each((rows) => invited(store(rows), token)),
    redeem: (token) => whole((over) => redeem(over, token)),
    prove: (user, code) => whole((over) => prove(over, user, code)),
    confirm: (user, id, by) => whole((over) => confirm(over, user, id, by)),
    revoke: (user) => whole(({ rows }) => rows.forget(user)),
    enrolmentOf: (user) => enrolmentBy('user', user),
    named: (handle) => enrolmentBy('handle', handle),
    all: async () => (await place.each((rows) => rows.people())).map(({ enrolment }) => enrolment),
    use: (user, code) => whole((over) => use(over, user, code)),
    answers: keptAnswers({ ...of, of: 'answer', againMs: SAME_ANSWER_MS }),
    sessions: keptAnswers({ ...of, of: 'session', againMs: 0 }),
    close: () => place.close(),
  }
}

async function refuseOtherKey(rows: SecondFactorRows, seal: Seal): Promise<void> {
  const body = await rows.proof()
  if (body) seal.open(body, PROOF)
  else await rows.putProof(seal.close(PROOF, PROOF))
}

async function invite({ rows, nowMs }: Store, user: string) {
  const kept = await rows.person('user', user)
  if (kept?.enrolment.provedMs) return null
  const token = randomBytes(32).toString('base64url')
  const untilMs = nowMs + LINK_MS
  await rows.putLink(user, { hash: digestOf(token), untilMs })
  return { token, untilMs }
}

async function invited({ rows, nowMs }: Store, token: string): Promise<string | null> {
  const link = await rows.linkOf(digestOf(token))
  return link && link.untilMs > nowMs ? link.user : null
}

async function redeem(store: Store, token: string): Promise<NewSecret | null> {
  const { rows, seal, issuer, nowMs } = store
  const user = await invited(store, token)
  if (user === null) return null
  await rows.putLink(user, null)
  const id = randomUUID()
  const handle = newHandle()
  const secret = newSecret()
  const enrolment = { user, id, handle, madeMs: nowMs, provedMs: null, confirmed: null }
  const sealed = seal.close(secret, aboutSecret(enrolment))
  await rows.putPerson({ enrolment, sealed, lastStep: -1 })
  return { user, handle, secret, uri: uriOf(secret, { issuer, handle }) }
}

async function prove(store: Store, user: string, code: string): Promise<CodeVerdict> {
  const { rows, nowMs } = store
  const kept = await rows.person('user', user)
  if (!kept || kept.enrolment.provedMs !== null || nowMs - kept.enrolment.madeMs > LINK_MS) {
    return { kind: 'too-early', fromMs: null }
  }
  // What is proved is that the secret arrived: for that alone its enrolment counts from its first moment.
  const verdict = await judged(store, kept, code, kept.enrolment.madeMs)
  if (verdict.kind === 'counts') await change(rows, user, { provedMs: nowMs })
  return verdict
}

async function confirm(store: Store, user: string, id: string, by: string): Promise<boolean> {
  const { rows, nowMs } = store
  const { enrolment } = (await rows.person('user', user)) ?? {}
  if (enrolment?.id !== id || enrolment.provedMs === null) return false
  if (enrolment.confirmed || by === user) return false
  await change(rows, user, { confirmed: { by, atMs: nowMs } })
  return true
}

async function change(
  rows: SecondFactorRows,
  user: string,
  changed: Partial<Pick<Enrolment, 'provedMs' | 'confirmed'>>,
): Promise<void> {
  // Read anew: which half minute has counted was just written.
  const kept = await rows.person('user', user)
  if (kept) await rows.putPerson({ ...kept, enrolment: { ...kept.enrolment, ...changed } })
}

async function use(store: Store, user: string, code: string): Promise<CodeVerdict> {
  const kept = await store.rows.person('user', user)
  if (!kept?.enrolment.provedMs) return { kind: 'too-early', fromMs: null }
  return judged(store, kept, code, validFromMs(kept.enrolment))
}

/** Judges, and writes down what follows: that it was wrong, or that this half minute has counted. */
async function judged(
  { rows, seal, nowMs }: Store,
  { enrolment, sealed, lastStep }: KeptEnrolment,
  code: string,
  fromMs: number | null,
): Promise<CodeVerdict> {
  const { user, id } = enrolment
  const secret = seal.open(sealed, aboutSecret(enrolment))
  const step = stepOf(secret, code, nowMs)
  const old = forgetBefore(nowMs)
  const wrongMs = await rows.wrongSince(user, old.wrongMs)
  const verdict = judgeCode({ step, lastStep, wrongMs, validFromMs: fromMs, nowMs })
  if (isWrong(verdict)) {
    await rows.forgetOld(old)
    await rows.addWrong(user, nowMs)
  }
  const isSpent = verdict.kind === 'counts' || verdict.kind === 'too-early'
  if (!isSpent || step === null) return verdict
  // A condition and not only a look before: nothing else decides whether a code has counted.
  return (await rows.spend(id, step)) ? verdict : { kind: 'used', left: 0 }
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
