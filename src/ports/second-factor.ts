import type { CodeVerdict } from '../domain/second-factor/code.ts'
import type { Enrolment } from '../domain/second-factor/enrolment.ts'
import type { KeptEnrolment } from '../domain/second-factor/kept-rows.ts'

/** What is shown once, to the person who enrols. Never logged, never kept as it is. */
export type NewSecret = {
  readonly user: string
  readonly handle: string
  /** In Base32, as authenticators take it. */
  readonly secret: string
  /** The same as an `otpauth://` address. */
  readonly uri: string
}

/**
 * Who may prove by a code that it is they, and which codes have counted. Durable when it resolves, and for every
 * process that has the same store. Throws a `Fault`.
 */
export type SecondFactor = {
  /** A link for this person, in the place of any before it; `null`: they have an enrolment that is proved. */
  invite(user: string): Promise<{ readonly token: string; readonly untilMs: number } | null>
  /** Whose link it is, while it is good. Uses it up no more than reading does. */
  invited(token: string): Promise<string | null>
  /** Uses the link up, and makes the secret. `null`: it is not good, or was used. */
  redeem(token: string): Promise<NewSecret | null>
  /** The first code. `counts` makes it an enrolment that can be confirmed. */
  prove(user: string, code: string): Promise<CodeVerdict>
  /** `false`: that very enrolment is not there, not proved, or confirmed already. */
  confirm(user: string, id: string, by: string): Promise<boolean>
  /** Forgets the secret. `false`: there was none. */
  revoke(user: string): Promise<boolean>
  enrolmentOf(user: string): Promise<Enrolment | null>
  /** Of whoever signs in with this name. */
  named(handle: string): Promise<Enrolment | null>
  all(): Promise<readonly Enrolment[]>
  /**
   * Judges a code, and writes down that it has counted before that is said: of any number who show the same
   * code at once one hears `counts`.
   */
  use(user: string, code: string): Promise<CodeVerdict>
}

/**
 * What is kept for some days, for every process that has the same store: what somebody answered, for when they do not, and
 * who is signed in. Sealed: what was changed meanwhile is not given back.
 */
export type KeptAnswers = {
  keep(key: string, answer: unknown): Promise<void>
  kept(key: string): Promise<{ readonly answer: unknown; readonly atMs: number } | null>
}

/** All that is kept for signing without Slack. */
export type SigningStore = SecondFactor & {
  readonly answers: KeptAnswers
  /** Who is signed in on the page. */
  readonly sessions: KeptAnswers
  close(): Promise<void>
}

/** What a store of second factors keeps. It judges nothing and has no key: what is secret comes sealed. */
export type SecondFactorRows = {
  person(by: 'user' | 'handle', value: string): Promise<KeptEnrolment | null>
  people(): Promise<readonly KeptEnrolment[]>
  /** In the place of any of that person before it. */
  putPerson(kept: KeptEnrolment): Promise<void>
  /** With the link that they have. `false`: there was neither. */
  forget(user: string): Promise<boolean>
  linkOf(hash: string): Promise<{ readonly user: string; readonly untilMs: number } | null>
  /** In the place of any of that person before it; `null`: they have none any more. */
  putLink(
    user: string,
    link: { readonly hash: string; readonly untilMs: number } | null,
  ): Promise<void>
  /** When each wrong code of this person came since then, the oldest first. */
  wrongSince(user: string, sinceMs: number): Promise<readonly number[]>
  addWrong(user: string, atMs: number): Promise<void>
  /** `false`: that half minute or a later one has counted already. One condition, decided by who keeps it. */
  spend(id: string, step: number): Promise<boolean>
  answer(key: string): Promise<{ readonly atMs: number; readonly body: Uint8Array } | null>
  putAnswer(
    key: string,
    answer: { readonly atMs: number; readonly body: Uint8Array },
  ): Promise<void>
  /** What opens only with the key that the store was begun with. */
  proof(): Promise<Uint8Array | null>
  putProof(body: Uint8Array): Promise<void>
  /** Wrong codes and answers of before these times. */
  forgetOld(before: { readonly wrongMs: number; readonly answersMs: number }): Promise<void>
}

/** Where they are kept. Throws a `Fault`. */
export type SecondFactorPlace = {
  /** Each question, and each thing that is written, by itself. */
  each<Result>(run: (rows: SecondFactorRows) => Promise<Result>): Promise<Result>
  /** All of it or nothing, durable when it resolves; nobody else writes from its first look to its last word. */
  whole<Result>(run: (rows: SecondFactorRows) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}
